#!/usr/bin/env bash
# The list of exposure metrics: each can be asked for, and is what the list says it is.
. "$SOURCE_DIR/tests/cli.sh"

ketsim metrics
says "metrics have a heading" 0 "$out" "meaning"
says "and codes" 0 "$out" "AUCIFO"
says "and units" 0 "$out" "ng*h^2/mL"
check "a line fits a terminal" awk 'length > 120 { exit 1 }' "$out"

says "and what is always of the records" 0 "$out" "always of the records"

ketsim metrics --format csv
cp "$out" metrics.csv
names=$(awk -F, 'NR > 1 && !/^(auc_between|time_above|first_above|last_above|level_at),/ {print $1}' metrics.csv)
check "there are many" test "$(wc -l <metrics.csv)" -gt 30
ketsim metrics --format json
check "as many in json" test "$(grep -c '"metric":' "$out")" -eq "$(($(wc -l <metrics.csv) - 1))"
ketsim metrics --format xml
says "no other format" 2 "$err" "xml"
ketsim metrics cmax
says "no argument" 2 "$err" '"cmax" is one argument too many'

cat >study.yaml <<YAML
model: otto-2021
seed: 1
patients: {count: 3, covariates: {weight: 70 kg}}
arms:
  - name: infusions
    regimen: [{route: iv, dose: 20 mg, over: 40 min, every: 6 h, times: 3}]
observe: {to: 30 h, every: 20 min}
exposure: {metrics: [$(paste -sd, <<<"$names")], per: [profile, interval]}
YAML
ketsim run study.yaml -o out.h5
says "all can be asked for" 0 "$err" "out.h5"
ketsim summary out.h5 --format csv
for name in $names; do
    says "$name is summarized" 0 "$out" ",esketamine,$name,"
    check "and has a value" awk -F, -v name="$name" '$3 == name && $2 == "esketamine" && $5 == 3 { found = 1 }
        END { exit !found }' "$out"
done

ketsim run study.yaml -o solution.h5 --set exposure.from=solution
says "all can be of the solution" 0 "$err" "solution.h5"
ketsim summary solution.h5
says "which the summary tells" 0 "$out" "exposure is from the solution; lambda_z, what stands on it"
ketsim summary solution.h5 --format csv
says "and each row" 0 "$out" ",solution"
says "with what is of the records" 0 "$out" ",observations"
says "in part or all" 0 "$out" ",solution; lambda_z of observations"
for name in $names; do
    check "$name has a value" awk -F, -v name="$name" '$3 == name && $2 == "esketamine" && $5 == 3 { found = 1 }
        END { exit !found }' "$out"
done
ketsim summary solution.h5 --format json
says "and json" 0 "$out" '"from": "solution"'

finish
