#!/usr/bin/env bash
# Disks that are full, cannot be written to, or are taken away; files that others hold: a clear message, and nothing finished is lost.
if [[ -z ${KETSIM_MOUNTS-} ]]; then
    # In a name space of our own mounts are nobody else's, and go away with it.
    for own in "unshare -m" "unshare -rm"; do
        if $own true 2>/dev/null && $own bash -c 'd=$(mktemp -d) && mount -t tmpfs none "$d"' 2>/dev/null; then
            KETSIM_MOUNTS=1 exec $own bash "$0"
        fi
    done
    echo "skipped: nothing can be mounted here"
    exit 77
fi
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

cat >plain.yaml <<'YAML'
title: Levels and quantiles
model: perez-ruixo-2021
seed: 20261130
patients: {count: 3000, covariates: {age: {uniform: {min: 18 years, max: 86 years}}}}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}]
observe: {to: 24 h, every: 15 min}
YAML
sed 's/84 mg/84 mg, every: 2 h, times: 12/' plain.yaml >packed.yaml
echo 'output: {compression: deflate}' >>packed.yaml
sed 's/count: 3000/count: 12000/; s/every: 15 min/every: 30 min/; s/84 mg/84 mg, every: 2 h, times: 12/' plain.yaml >counts.yaml
echo 'output: {store: [quantiles], quantile_method: streaming}' >>counts.yaml
for name in plain packed counts; do
    ketsim run $name.yaml -o $name.h5
    says "the reference, $name" 0 "$err" "$name.h5"
done

mkdir disk
mount -t tmpfs -o size=20m none disk
room() { # BYTES: leaves so much room on the disk
    local free
    rm -f disk/junk
    free=$(($(stat -f -c '%a * %S' disk))) # blocks x their size
    fallocate -l $((free - $1)) disk/junk
}
in_part() { # waits until the run has begun
    for ((i = 0; i < 500; i++)); do
        [[ ! -e $1 ]] || return 0
        sleep 0.01
    done
    return 1
}
left() { # NAME...: what is on the disk besides junk
    diff <(ls disk | grep -v junk) <(printf '%s\n' "$@") >"$out"
}

# --- A full disk ---
ketsim run plain.yaml --set patients.count=15000 -o disk/out.h5
says "a result that is larger than the disk" 1 "$err" "disk/out.h5: error: no room for its"
check "leaves nothing" is_empty <(ls disk)
room 1000000
ketsim run plain.yaml -o disk/out.h5
says "and one larger than the rest of it" 1 "$err" "MB are free"
check "leaves nothing, too" test "$(ls disk)" = junk

# Something else fills it while the run goes on: counts cannot be saved any more.
room $(($(stat -c %s counts.h5) + 900000))
ketsim run counts.yaml --threads 1 -o disk/out.h5
says "a disk that gets full" 1 "$err" "disk/out.h5: error: cannot be written: No space left on device"
check "says how to go on" grep -qE '[0-9]+ of 12000 simulations .* in "disk/out.h5.part"; .*the same command with --resume goes on' "$err"
check "leaves what is done" test -e disk/out.h5.part
ketsim summary disk/out.h5.part
says "which opens" 1 "$err" "is not finished"
rm disk/junk
ketsim run counts.yaml -o disk/out.h5 --resume
says "with room it is finished" 0 "$err" "disk/out.h5"
check "to the bytes of the reference" same counts.h5 disk/out.h5 all
ketsim verify disk/out.h5
says "which is verified" 0 "$out" "simulations give them again"
check "and leaves nothing else" left out.h5
rm disk/out.h5

# The same while the finished file is compressed, beside which it is to stand.
"$KETSIM" run packed.yaml --threads 1 -o disk/out.h5 >"$out" 2>"$err" &
pid=$!
in_part disk/out.h5.part
room 0
wait $pid
status=$?
says "a disk that gets full before compression" 1 "$err" "disk/out.h5"
check "leaves the plain file" test -e disk/out.h5.part
check "and not half of the compressed one" left out.h5.part
ketsim run packed.yaml -o disk/out.h5 --resume
says "it cannot be finished without room" 1 "$err" "disk/out.h5"
check "and is still there" left out.h5.part
rm disk/junk
ketsim run packed.yaml -o disk/out.h5 --resume
says "with room it is" 0 "$err" "disk/out.h5"
check "to the bytes of the reference, compressed" same packed.h5 disk/out.h5 all
rm disk/out.h5

# A limit to the size of files, as quotas are.
bash -c 'ulimit -f 1000; exec "$@"' - "$KETSIM" run plain.yaml -o disk/out.h5 >"$out" 2>"$err"
status=$?
says "a file that is larger than is allowed" 1 "$err" "disk/out.h5: error: no room for its"
check "leaves nothing" is_empty <(ls disk)

# --- A file that is removed, and a disk that is ---
"$KETSIM" run counts.yaml -o disk/out.h5 --threads 1 >"$out" 2>"$err" &
pid=$!
in_part disk/out.h5.part
rm disk/out.h5.part
wait $pid
status=$?
says "a file that is removed under the run" 1 "$err" '"disk/out.h5.part" was removed or replaced while the run went on'
check "is written once more" test -e disk/out.h5.part
ketsim run counts.yaml -o disk/out.h5 --resume
says "to be gone on with" 0 "$err" "disk/out.h5"
check "is the reference all the same" same counts.h5 disk/out.h5 all

# --- Read-only ---
mount -o remount,ro disk
ketsim run plain.yaml -o disk/other.h5
says "a read-only disk" 1 "$err" "disk/other.h5: error: cannot be written: Read-only file system"
ketsim run plain.yaml -o disk/out.h5 --force
says "to replace a file there" 1 "$err" "Read-only file system"
ketsim run counts.yaml -o disk/other.h5 --resume
says "and nothing to resume" 1 "$err" "Read-only file system"
ketsim verify disk/out.h5
says "does not keep from verifying" 0 "$out" "simulations give them again"
ketsim report disk/out.h5 -o disk/out.html
says "a report there" 1 "$err" "Read-only file system"
mount -o remount,rw disk
mv disk/out.h5 disk/out.h5.part
mount -o remount,ro disk
ketsim run counts.yaml -o disk/out.h5 --resume
says "a run left on a read-only disk" 1 "$err" '"disk/out.h5.part" cannot be opened: Read-only file system'
mount -o remount,rw disk
rm disk/out.h5.part

# --- Files that other programs hold ---
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    hold() { # FILE: opens it as h5py does, with HDF5's lock, until `release`
        rm -f held
        /usr/bin/python3 -c "import h5py, os, sys, time
file = h5py.File(sys.argv[1], 'r')
open('held', 'w')
while os.path.exists('held'):
    time.sleep(0.02)
assert file['status'].shape[1] > 0" "$1" &
        holder=$!
        in_part held
    }
    release() {
        rm -f held
        wait $holder
    }
    cp plain.h5 disk/out.h5
    hold disk/out.h5
    ketsim run plain.yaml -o disk/out.h5 --force
    says "a result that another program reads can be replaced" 0 "$err" "disk/out.h5"
    check "and that program is not disturbed" release
    check "the new one is whole" same plain.h5 disk/out.h5 all
    rm disk/out.h5
    "$KETSIM" run counts.yaml -o disk/out.h5 --threads 1 >"$out" 2>"$err" &
    pid=$!
    in_part disk/out.h5.part
    hold disk/out.h5.part
    wait $pid
    status=$?
    says "nor does a reader of an unfinished one keep it from being finished" 0 "$err" "disk/out.h5"
    check "and it is not disturbed" release
    check "to the bytes of the reference" same counts.h5 disk/out.h5 all
fi

umount disk
finish
