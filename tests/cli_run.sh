#!/usr/bin/env bash
# What a run promises: the same bytes for any number of threads and from the resolved study, no word with --quiet,
# an exit status that tells of failed patients. What an interrupted run promises is in cli_resume.sh.
. "$SOURCE_DIR/tests/cli.sh"

cat >study.yaml <<'YAML'
title: Two arms of a varied population
model: perez-ruixo-2021
seed: 20261123
patients:
  count: 301
  covariates:
    age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}}
    asian: {probability: 0.3}
    japanese: {probability: 0.5}
arms:
  - name: nasal
    regimen:
      - {route: intranasal, dose: 84 mg, at: 0 h}
      - {route: intranasal, dose: 56 mg, at: 12 h}
  - name: infusion
    regimen:
      - {route: iv, dose: 28 mg, over: 40 min}
observe: {to: 24 h, every: 15 min}
exposure:
  metrics: [cmax, tmax, auc_last, auc_inf, half_life, cl_f, vss, auc_tau, accumulation]
  per: [profile, interval]
  auc_between: [{from: 0 h, to: 4 h}]
  time_above: [20 ng/mL]
output: {store: [profiles, exposure, quantiles]}
YAML

. "$SOURCE_DIR/tests/same.sh"

# The same bytes, whatever the threads.
for threads in 1 2 7; do
    ketsim run study.yaml --threads $threads -o threads-$threads.h5
    says "a run on $threads threads" 0 "$err" "threads-$threads.h5"
done
OMP_NUM_THREADS=1 ketsim run study.yaml --threads 7 -o threads-1-7.h5
says "a run on more threads than OpenMP offers" 0 "$err" "threads-1-7.h5"
for other in threads-2 threads-7 threads-1-7; do
    check "h5diff: $other is threads-1" same_by_h5diff threads-1.h5 $other.h5
    check "bytes: $other is threads-1" same threads-1.h5 $other.h5
done

# Twice the same but for what tells of the run.
ketsim run study.yaml --threads 7 -o again.h5
check "the second run has the same attributes" same threads-7.h5 again.h5 all

# The name and the size of the result.
ketsim run study.yaml
says "the result is named after the study" 0 "$err" "study.h5"
check "and lies in the current folder" test -s study.h5
check "and no other file" test ! -e study.h5.part
ketsim check study.yaml
cp "$out" resolved.yaml
says "check tells the size" 0 "$err" "301 patients x 2 arms x 97 times"
estimate=$(sed -n 's/.*about \([0-9.]*\) MB.*/\1/p' "$err")
check "the estimated size, $estimate MB, is within a fifth" \
    awk "BEGIN { r = $(stat -c %s study.h5) / 1e6 / (0 + \"$estimate\"); exit !(r > 0.8 && r < 1.25) }"

# The resolved study is the study.
ketsim run resolved.yaml
says "the resolved study runs" 0 "$err" "resolved.h5"
check "to the same bytes" same study.h5 resolved.h5
ketsim check resolved.yaml
check "and is resolved" cmp -s "$out" resolved.yaml

# --set, --force, --quiet.
ketsim run study.yaml --set patients.count=50 -o fewer.h5
says "--set patients.count=50" 0 "$err" "50 patients x 2 arms"
ketsim run study.yaml --set patients.count=50 -o fewer.h5
says "a result is not replaced" 1 "$err" "--force"
ketsim run study.yaml --set patients.count=60 -o fewer.h5 --force
says "a result is replaced with --force" 0 "$err" "60 patients x 2 arms"
ketsim run study.yaml --set patients.count=50 -o quiet.h5 --quiet
check "--quiet ends well" test "$status" -eq 0
check "--quiet says nothing" is_empty "$err"
check "--quiet prints nothing" is_empty "$out"
ketsim run study.yaml --set patients.count=50 --set 'output.store=[exposure]' -o exposure.h5
says "a result without profiles" 0 "$err" "exposure.h5"
ketsim run study.yaml --set patients.count=50 --set output.precision=float32 -o single.h5
says "a result of half the size" 0 "$err" "single.h5"
ketsim run study.yaml --set patients.count=50 --set solver.method=exact -o exact.h5
says "a result of the exact solver" 0 "$err" "exact.h5"
ketsim run study.yaml --set patients.count=50 -o cvode.h5
check "which agrees with cvode" h5diff -p 1e-4 cvode.h5 exact.h5 "/esketamine"

# Summaries.
for format in text csv json; do
    ketsim summary study.h5 --format $format
    says "a summary as $format" 0 "$out" "nasal"
    check "a summary as $format, and no message" is_empty "$err"
done

ketsim summary study.h5
says "a summary of dosing intervals" 0 "$out" "by dosing interval"
says "with half-lives as mean and SD" 0 "$out" "(SD "

# Whose terminal slope is doubtful is told by the run, and counted by the summary.
ketsim run study.yaml --set patients.count=20 --set 'observe.to=6 h' --set 'output.store=[exposure]' -o short.h5
says "a doubtful slope" 0 "$err" "lambda_z of esketamine is doubtful in"
says "and why" 0 "$err" "fitted over less than two half-lives: "
ketsim summary short.h5
says "counted in the summary" 0 "$out" "doubtful terminal slope of esketamine: "
ketsim summary short.h5 --format json
says "and in that for programs" 0 "$out" '"span_below_2"'
ketsim run study.yaml --set patients.count=20 --set 'exposure.metrics=[cmax]' --set 'exposure.auc_between=[]' \
    --set 'observe.to=6 h' -o short.h5 --force
check "but not where no metric stands on it" bash -c "! grep -q lambda_z '$err'"

# Several models in one study, whose patients are the same.
sed -e 's/^model: .*/models: [perez-ruixo-2021, otto-2021]/' -e '/- name: nasal/,/56 mg/d' \
    -e 's/age: /weight: 70 kg\n    age: /' study.yaml >models.yaml
ketsim run models.yaml --set patients.count=20 -o models.h5
says "a study of several models" 0 "$err" "20 patients x 2 arms"
ketsim summary models.h5
says "whose arms are labeled with them" 0 "$out" "infusion, otto-2021"
says "and which are compared" 0 "$out" "spread between models"

# Patients that fail are told and marked; the rest of the result is whole.
ketsim run study.yaml --set patients.count=3 --set solver.max_steps=1 -o failed.h5 --quiet
says "failed patients have their exit status" 3 "$err" 'patient 1 in arm "nasal"'
says "and a remedy" 3 "$err" "solver.max_steps"
check "and a result" test -s failed.h5

# Every study that comes with the program.
for file in "$SOURCE_DIR"/configs/*.yaml; do
    name=$(basename "$file")
    fewer=()
    if grep -q '^  count: ' "$file"; then
        fewer=(--set patients.count=5)
    fi
    ketsim run "$file" "${fewer[@]}" -o config.h5 --force
    says "configs/$name" 0 "$err" "config.h5"
done

# Ten times the dose of a drug whose elimination saturates is much more than ten times the exposure.
ketsim run "$SOURCE_DIR/configs/saturable-elimination.yaml" -o saturable.h5
ketsim summary saturable.h5 --format csv
check "exposure grows faster than the dose" awk -F, '
    /auc_last/ { mean[++rows] = $7 }
    END { exit !(rows == 3 && mean[2] > 15 * mean[1] && mean[3] > 4 * mean[2]) }' "$out"

finish
