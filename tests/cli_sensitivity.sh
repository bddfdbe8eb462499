#!/usr/bin/env bash
# Sensitivity as a user meets it: what a design costs, what the summary and the report tell, the same bytes by any number of threads.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

cat >study.yaml <<'YAML'
title: What a peak depends on
model: otto-2021
seed: 20261124
patients: {count: 3}
arms:
  - name: infusion
    regimen: [{route: iv, dose: 20 mg, over: 40 min}]
sweep:
  design: saltelli
  points: 16
  dose: {uniform: {min: 10 mg, max: 30 mg}}
  weight: {normal: {mean: 75 kg, sd: 10 kg, min: 50 kg, max: 100 kg}}
sensitivity: {replicates: 100, patients: median}
observe: {to: 4 h, every: 10 min}
exposure: {metrics: [cmax, tmax]}
output: {store: [exposure]}
YAML

ketsim check study.yaml
says "check tells the cost" 0 "$err" "sobol of 2 axes: 16 rows x (2 + 2) = 64 points of each arm"
ketsim run study.yaml -o one.h5 --threads 1 --quiet
for threads in 2 7; do
    ketsim run study.yaml -o many.h5 --threads $threads --quiet --force
    check "the same by $threads threads" same one.h5 many.h5 all
done
ketsim summary one.h5
says "the summary tells of which patients" 0 "$out" "of the quantile 0.5 of the patients at each of 64 points (16 rows)"
check "the dose comes first" bash -c "grep -m1 esketamine_cmax '$out' | grep -q 'infusion  esketamine_cmax *dose'"
check "what does not vary has no estimates, and why" grep -q \
    'esketamine_tmax in infusion: no estimates, because the output is the same at all points' "$out"
ketsim summary one.h5 --format json
says "json" 0 "$out" '"method": "sobol"'
check "json is json" /usr/bin/python3 -c "
import json
s = json.load(open('$out'))['sensitivity']
peak = [o for o in s['outputs'] if o['metric'] == 'esketamine_cmax'][0]
assert s['points'] == 64 and s['rows'] == 16 and peak['rows_dropped'] == 0 and peak['gap'] is None
assert peak['axes'][0]['axis'] == 'dose' and 0.8 < peak['axes'][0]['total']['value'] < 1.2
assert [o for o in s['outputs'] if o['metric'] == 'esketamine_tmax'][0]['axes'][0]['total']['value'] is None"
ketsim report one.h5 -o one.txt --format text
says "a report" 0 "$err" "the report is one.txt"
check "its answer" grep -q 'infusion, esketamine_cmax: dose ' one.txt
check "its table" grep -q 'What each metric depends on' one.txt

finish
