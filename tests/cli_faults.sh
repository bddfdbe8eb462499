#!/usr/bin/env bash
# Runs that are killed, or meet a full or broken disk, at each call by which they change a file (faults.c): never a result that is not
# whole, never a crash or an exit status of success without one, and --resume makes the bytes of the reference. A few calls of each run are tried,
# others each time; KETSIM_FAULTS_OF_A_RUN is how many for each kind of fault, 10000 for all.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

if [[ ! -e ${KETSIM_FAULTS-} ]]; then
    echo "skipped: no library can be preloaded under a sanitizer"
    exit 77
fi
some=${KETSIM_FAULTS_OF_A_RUN:-3}

# All of the first arm fail, and some of the others.
cat >sick.yaml <<'YAML'
model: sick
title: One compartment
citation: none
drug: racemate
sampling: venous
covariates: {weight: {unit: kg, default: 70 kg}, age: {unit: years, default: 40 years}}
parameters:
  V: {typical: 10, unit: L, variability: {lognormal: {cv: 20 %}}}
  k: {typical: "weight == 66 || age > 78 ? ln(-1) : weight/700", unit: 1/h}
compartments: [central]
flows: [{from: central, rate: k}]
routes: {iv: {inputs: [{to: central}]}}
outputs: {ketamine: {amount: central, volume: V}}
YAML
cat >profiles.yaml <<'YAML'
title: Levels, exposure and quantiles
model: sick.yaml
seed: 20261123
patients: {count: 130, covariates: {age: {uniform: {min: 18 years, max: 80 years}}}}
arms: [{name: bolus, regimen: [{route: iv, dose: 28 mg}]}]
sweep: {design: grid, weight: [66 kg, 70 kg, 75 kg]}
observe: {at: [0 h, 1 h, 2 h]}
exposure: {metrics: [cmax]}
output: {store: [profiles, exposure, quantiles]}
YAML
sed 's/store: .*/store: [exposure, quantiles]}/' profiles.yaml >levels.yaml
sed 's/store: .*/store: [quantiles], quantile_method: streaming}/' profiles.yaml >counts.yaml
sed 's/quantiles\]}/quantiles], compression: deflate}/; s/count: 130/count: 900/' profiles.yaml >packed.yaml

# faulty FAULT N ARGUMENT...: a run with a fault, which must be told like one.
faulty() {
    local fault=$1 number=$2
    shift 2
    KETSIM_FAULT="$fault $number out.h5" LD_PRELOAD=$KETSIM_FAULTS timeout 60 "$KETSIM" run "$@" >"$out" 2>"$err"
    status=$?
}

# try NAME FAULT N: the run, and the one that goes on; keeps their results for `same_each`.
try() {
    local name=$1 fault=$2 number=$3 what="$2 at call $3 of $1"
    rm -f out.h5*
    faulty "$fault" "$number" $name.yaml -o out.h5 --threads $((RANDOM % 2 + 1)) --quiet
    if [[ $fault == kill* ]]; then
        ((status == 137 || status == 3)) || flunk "$what" "exit status $status"
    elif ((status == 1)); then
        grep -q 'error: ' "$err" || flunk "$what" "nothing is said"
    elif ((status != 3)); then
        flunk "$what" "exit status $status"
    fi
    if [[ -e out.h5 ]]; then
        cp out.h5 "$name-$fault-$number-first.h5"
    elif ((status == 3)); then
        flunk "$what" "no result, and exit status 3"
    fi
    ketsim run $name.yaml -o out.h5 --resume --quiet
    ((status == 3)) || flunk "$what, resumed" "exit status $status"
    ls | grep '^out.h5.' >"$out" && flunk "$what, resumed" "something is left"
    [[ ! -e out.h5 ]] || mv out.h5 "$name-$fault-$number-then.h5"
    tried=$((tried + 1))
}

tried=0
for name in profiles levels counts packed; do
    ketsim run $name.yaml -o $name.ref --quiet --threads 1
    says "the reference, $name" 3 "$err" "simulations failed"
    rm -f calls
    KETSIM_FAULT_LOG=$PWD/calls faulty none 0 $name.yaml -o out.h5 --quiet --threads 1
    calls=$(grep -vc 'counts\.[0-9]' calls) # behind these a run of several processes would have left something
    check "calls are seen, $name" test "$calls" -gt 100
    for fault in kill ENOSPC EIO+ short; do
        step=$((calls / some > 0 ? calls / some : 1))
        for ((number = RANDOM % step + 1; number <= calls; number += step)); do
            try $name $fault $number
        done
    done
    check "whatever meets them, $name, the result is the reference" same_each $name.ref $name-*.h5
    rm -f $name-*.h5
done
echo "note: $tried faults"

# A text that HDF5 keeps to itself until its variable is closed is lost to a disk that is full for a moment, and then nobody asks.
for ((number = 6; number <= 20; number++)); do
    rm -f out.h5*
    faulty ENOSPC $number profiles.yaml -o out.h5 --quiet
    ((status == 1)) || break
done
check "each write is missed while the file is made" test $number -eq 21

# Those who fail are the same ones, told and counted alike, whichever run simulated them.
ketsim summary profiles.ref --failures
cp "$out" failures.ref
rm -f calls out.h5*
KETSIM_FAULT_LOG=$PWD/calls faulty none 0 profiles.yaml -o out.h5 --quiet --threads 1
synced=$(grep -n '^fsync' calls | cut -d: -f1)
for number in $((synced / 3)) $((synced * 2 / 3)) $synced; do
    rm -f out.h5*
    faulty kill $number profiles.yaml -o out.h5 --threads 1
    ketsim run profiles.yaml -o out.h5 --resume --threads 3
    says "killed at call $number, the whole is told" 3 "$err" "$(tail -n 2 failures.ref | grep -o '^[0-9]*') of 390 simulations failed; they are NaN"
    check "the result is the reference" same profiles.ref out.h5 all
    ketsim summary out.h5 --failures
    check "as are those who failed" cmp failures.ref "$out"
done

# So do they count against --max-failures.
rm -f out.h5*
faulty kill "$synced" profiles.yaml -o out.h5 --threads 1
ketsim run profiles.yaml -o out.h5 --resume --max-failures 100
says "too many have failed before" 1 "$err" "stopped because more than 100 simulations failed (--max-failures)"
says "which loses nothing" 1 "$err" '390 of 390 simulations are finished and stand in "out.h5.part"; with --resume, and a larger --max-failures or none, the run goes on'
ketsim run profiles.yaml -o out.h5 --resume --max-failures 200
says "with more allowed" 3 "$err" "390 of 390 simulations were finished by an earlier run"
check "the run ends as it would have" same profiles.ref out.h5 all

finish
