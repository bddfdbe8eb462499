#!/usr/bin/env bash
# Patients who cannot be simulated: who, when, why and what to change; a run that stops when there are too many.
. "$SOURCE_DIR/tests/cli.sh"

# The patients of 66 kg break the model; of four arms two are of them.
cat >fragile.yaml <<'YAML'
model: fragile
title: Two compartments
citation: none
drug: racemate
sampling: venous
covariates: {weight: {unit: kg, default: 70 kg}}
parameters:
  V: {typical: 10, unit: L}
  k: {typical: "weight == 77 ? ln(-1) : weight/700", unit: 1/h}
  F: {typical: "weight == 66 ? 1e306 : 1"}
compartments: [central, peripheral]
flows: [{from: central, rate: k}, {from: central, to: peripheral, rate: 2*k}, {from: peripheral, to: central, rate: k/2}]
routes: {iv: {inputs: [{to: central, fraction: F}]}}
outputs: {ketamine: {amount: central, volume: V}}
YAML
cat >study.yaml <<'YAML'
title: Some fail
model: fragile.yaml
seed: 1
patients: {count: 2, variability: false}
arms: [{name: a, regimen: [{route: iv, dose: 10 mg, at: 1 h}]}]
sweep: {design: grid, weight: [50 kg, 66 kg, 70 kg, 77 kg]}
observe: {at: [0 h, 1 h, 2 h]}
YAML

ketsim run study.yaml -o out.h5 --quiet
says "failures have their exit status" 3 "$err" '4 of 8 simulations failed; they are NaN and marked in `status` (`ketsim summary out.h5 --failures`)'
ketsim summary out.h5 --failures
says "who, when and why" 0 "$out" "patient 2 in arm \"a, weight 66 kg\" at 1 h: the solver's error test or step equation failed again and again"
says "and of another kind" 0 "$out" 'patient 1 in arm "a, weight 77 kg" at 0 h: a parameter, rate, volume or dose fraction is not a possible number'
says "how many" 0 "$out" '4 of 8 simulations failed'
says "what to change" 0 "$out" 'look for extreme rates'
ketsim summary out.h5 --failures --format csv
says "for programs" 0 "$out" 'patient,arm,time_h,status,reason,remedy'
check "a line for each" test "$(wc -l <"$out")" = 5
says "with numbers" 0 "$out" '2,"a, weight 66 kg",1,2,'
ketsim summary out.h5 --failures --format json
says "not as json" 2 "$err" '--failures are printed as text or csv'

ketsim run study.yaml -o few.h5 --quiet --max-failures 4
says "as many as are allowed" 3 "$err" '4 of 8 simulations failed'
ketsim run study.yaml -o many.h5 --quiet --max-failures 3
says "too many stop the run" 1 "$err" 'stopped because more than 3 simulations failed (--max-failures)'
says "and are told" 1 "$err" 'patient 1 in arm "a, weight 66 kg" at 1 h'
check "and there is no result" test ! -e many.h5
ketsim run study.yaml -o none.h5 --max-failures -1
says "a number of failures is not below 0" 2 "$err" '--max-failures'

ketsim run study.yaml -o good.h5 --quiet --set "sweep={design: grid, weight: [50 kg, 70 kg]}" --max-failures 0
check "nobody fails" test "$status" = 0
ketsim summary good.h5 --failures
says "and nobody is told of" 0 "$out" '0 of 4 simulations failed'
check "in one line" test "$(wc -l <"$out")" = 1

# Too little memory is told before anything is done. What the loader needs, and a sanitizer takes, is not ours.
if [[ -n ${KETSIM_FAULTS-} ]]; then
    for megabytes in 24 26 28; do
        bash -c 'ulimit -v "$1"; shift; exec "$@"' - $((megabytes * 1000)) "$KETSIM" run study.yaml -o short.h5 >"$out" 2>"$err"
        status=$?
        says "$megabytes MB of addresses" 1 "$err" " MB; take fewer patients, arms or times"
    done
    check "and nothing is left" bash -c '! ls | grep -q short.h5'
fi

finish
