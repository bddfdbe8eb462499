#!/usr/bin/env bash
# Many patients: memory that does not grow with them, quantiles from counts, and what `check` says before anything starts.
. "$SOURCE_DIR/tests/cli.sh"

cat >study.yaml <<'YAML'
title: Many patients
model: perez-ruixo-2021
seed: 20261123
patients:
  count: 2000
  covariates: {age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}}}
arms:
  - {name: nasal, regimen: [{route: intranasal, dose: 84 mg}]}
observe: {to: 8 h, every: 30 min}
solver: {method: exact}
output: {store: [exposure, quantiles], quantile_method: streaming}
YAML

# The most memory of the last command of `measured`, in kB, and its seconds.
memory=0
seconds=0
measured() {
    read -r memory seconds < <(/usr/bin/python3 - "$KETSIM" "$@" <<'PYTHON'
import resource, subprocess, sys, time
start = time.time()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, time.time() - start if done.returncode == 0 else -1)
PYTHON
    ) 2>"$err"
}

within() {
    awk "BEGIN { exit !($1 >= $2 && $1 <= $3) }"
}

# The same bytes from any number of threads.
for threads in 1 2 7; do
    ketsim run study.yaml --threads $threads -o $threads.h5
    says "a run on $threads threads" 0 "$err" "$threads.h5"
    check "has the same quantiles" h5diff -q 1.h5 $threads.h5 /esketamine_quantile
    check "and the same metrics" h5diff -q 1.h5 $threads.h5 /esketamine_cmax
done
ketsim run study.yaml --set output.quantile_method=exact -o exact.h5
# Of the numbers alone: attributes differ, and come after them.
differences() {
    h5diff -r -p "$1" 1.h5 exact.h5 /noresketamine_quantile | grep -m 1 'differences found'
}
check "exact quantiles are within the bound" test "$(differences 0.000977)" = "0 differences found"
check "and are others" test "$(differences 1e-9)" != "0 differences found"
h5dump -a /esketamine_quantile/quantile_method 1.h5 >"$out"
says "the file says how they were found" 0 "$out" '"streaming"'
h5dump -a /esketamine_quantile/relative_error_bound 1.h5 >"$out"
says "and how exact they are" 0 "$out" "0.000976562"
h5dump -a /esketamine_quantile/quantile_method exact.h5 >"$out"
says "also of exact ones" 0 "$out" '"exact"'

# Compressed: the same numbers, for ketsim and for others.
plain=(--set patients.count=500 --set 'output.store=[profiles, exposure, quantiles]' --set output.precision=float32)
ketsim run study.yaml "${plain[@]}" -o plain.h5
echo "left by a run that was killed" >packed.h5.part.packed
ketsim run study.yaml "${plain[@]}" --set output.compression=deflate -o packed.h5
says "a compressed result" 0 "$err" "packed.h5"
check "and nothing beside it" test "$(echo packed.h5*)" = packed.h5
check "which is smaller" test "$(stat -c %s packed.h5)" -lt "$(stat -c %s plain.h5)"
for variable in esketamine noresketamine esketamine_cmax patient checksum status; do
    check "with the same $variable" h5diff -q plain.h5 packed.h5 /$variable
done
h5dump -p -H -d /esketamine packed.h5 >"$out"
says "by HDF5's own filter" 0 "$out" "COMPRESSION DEFLATE { LEVEL 1 }"
if /usr/bin/python3 -c 'import xarray, h5netcdf' 2>/dev/null; then
    check "xarray reads it" /usr/bin/python3 -c '
import xarray
a, b = (xarray.open_dataset(name, engine="h5netcdf") for name in ("plain.h5", "packed.h5"))
assert a.drop_attrs().equals(b.drop_attrs()) if hasattr(a, "drop_attrs") else a.equals(b)
assert float(b.esketamine.sel(patient=7).max()) == float(a.esketamine.sel(patient=7).max()) > 1'
fi
check "ncdump reads it" bash -c 'ncdump -v esketamine_cmax packed.h5 >/dev/null'
for file in plain packed; do
    ketsim summary $file.h5
    sed "s/$file/result/g" "$out" >$file.summary
    ketsim plot $file.h5 -o $file.gp --quiet
    sed "s/$file/result/g" $file.gp >$file.plot
    ketsim report $file.h5 --format text
    says "a report of $file.h5" 0 "$out" "Many patients"
done
check "summary reads it" cmp plain.summary packed.summary
check "plot reads it" cmp plain.plot packed.plot

# What check says.
ketsim check study.yaml
says "check says how quantiles are found" 0 "$err" "quantiles from counts (streaming), with a relative error below 0.098 %"
ketsim check study.yaml --set output.quantile_method=auto
says "and of few patients exactly" 0 "$err" "quantiles exactly, from all levels"
ketsim check study.yaml --threads 1
says "and what a run takes" 0 "$err" "estimated for 1 thread: "
ketsim check study.yaml --set patients.count=1000000000 --set 'output.store=[profiles]' --set 'observe.every=1 min' -o there.h5
says "and that the disk is too small" 0 "$err" 'free where "there.h5" would be; store less'
ketsim run study.yaml --set patients.count=1000000000 --set 'output.store=[profiles]' --set 'observe.every=1 min' -o there.h5
says "where a run does not start" 1 "$err" "no room"
ketsim run study.yaml --set patients.count=1000000000 --set 'output.quantile_method=exact' --threads 4096 -o there.h5
says "nor without the memory" 1 "$err" "a run takes about 306 GB of memory"
check "and nothing is left of it" bash -c '! ls there.h5* 2>/dev/null'
ketsim check study.yaml --set 'observe.every=1 s'
says "quantiles that do not stream are an error" 2 "$err" "streaming quantiles of 1 arm x 2 analytes x 28801 times need about"

# Memory, and whether it was foretold.
if sanitized || ! /usr/bin/python3 -c '' 2>/dev/null; then
    finish
fi
measured run study.yaml --threads 2 --quiet --force -o many.h5
few=$memory
many=(--set patients.count=40000 --threads 2)
measured run study.yaml "${many[@]}" --quiet --force -o many.h5
check "twenty times the patients take the same memory ($few and $memory kB)" within "$memory" "0.9 * $few" "1.1 * $few"
ketsim check study.yaml "${many[@]}"
foretold=$(sed -n 's/.*threads: \([0-9.]*\) MB of memory.*/\1/p' "$err")
disk=$(sed -n 's/.*, \([0-9.]*\) MB of disk.*/\1/p' "$err")
time=$(sed -n 's/.*disk, \([0-9.]*\) s$/\1/p' "$err")
check "check foretold the memory ($foretold MB)" within "$foretold" "$memory / 2000" "$memory / 500"
check "and the disk ($disk MB)" within "$disk" "0.95 * $(stat -c %s many.h5) / 1e6" "1.05 * $(stat -c %s many.h5) / 1e6"
# On a quiet machine within a factor of two; here others run, too.
check "and the time ($time s for $seconds s)" within "$time" "$seconds / 6" "$seconds * 6"

finish
