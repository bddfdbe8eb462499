#!/usr/bin/env bash
# A search for doses as a user meets it: the answer in three formats, by any number of threads, and what a run says of the section.
. "$SOURCE_DIR/tests/cli.sh"

cat >study.yaml <<'YAML'
title: A dose for most
model: otto-2021
seed: 20261130
patients: {count: 400}
arms:
  - name: infusion
    regimen: [{route: iv, dose: 20 mg, over: 40 min}]
optimize:
  vary: dose
  from: 1 mg
  to: 60 mg
  step: 1 mg
  constraints:
    - {probability: {analyte: esketamine, metric: cmax, above: 150 ng/mL}, at_most: 5 %}
    - {probability: {analyte: esketamine, at: 40 min, above: 50 ng/mL}, at_least: 90 %}
  prefer: largest
observe: {to: 2 h, every: 20 min}
exposure: {metrics: [cmax]}
output: {store: [profiles, exposure]}
YAML

ketsim optimize study.yaml
says "an answer" 0 "$out" 'the largest that keeps to all; by the Monte Carlo error of 400 patients (95 %) it is '
says "what it is about" 0 "$out" '1. P(esketamine cmax > 150 ng/mL) <= 5 %'
says "whose model" 0 "$out" 'otto-2021: Otto ME'
says "what it is not" 0 "$out" 'not a medical device'
check "nothing but the answer" is_empty "$err"
recommended=$(sed -n "s/.*in ketsim run: --set '\(.*\)'/\1/p" "$out")
check "how to simulate it" grep -qE '^arms\.infusion\.regimen\.0\.dose=[0-9]+ mg$' <<<"$recommended"
cp "$out" one.txt
ketsim optimize study.yaml --format json
cp "$out" one.json
ketsim optimize study.yaml --format csv
cp "$out" one.csv
check "a row per candidate and constraint" test "$(wc -l <one.csv)" -gt 30
for threads in 1 2 7; do
    for format in txt:text json:json csv:csv; do
        ketsim optimize study.yaml --threads $threads --format "${format#*:}"
        check "the same ${format#*:} by $threads threads" cmp -s "$out" "one.${format%:*}"
    done
done

# The same counts by a run of what is recommended, and of one more.
cat >count.py <<'PYTHON'
import json, sys
import h5py, numpy
answer = json.load(open("one.json"))
treatment = answer["treatments"][0]
data = h5py.File(sys.argv[1])
dose = float(sys.argv[2])
tried = [t for t in treatment["tried"] if t["value"] == dose][0]
cmax = data["esketamine_cmax"][0]
level = data["esketamine"][0][:, 2]
assert abs(data["time"][2] * 60 - 40) < 1e-9
counts = [int((cmax > 150).sum()), int((level > 50).sum())]
assert counts == [c["count"] for c in tried["constraints"]], (counts, tried)
kept = counts[0] <= 20 and counts[1] >= 360
assert kept == (dose == treatment["recommended"]["value"]), (counts, dose)
assert [c["kept"] for c in tried["constraints"]] == [counts[0] <= 20, counts[1] >= 360]
assert treatment["monotone"] and not treatment["refused"] and treatment["failed"] == 0
assert treatment["recommended"] == treatment["all"]["last"] == answer["all_treatments"]["last"]
PYTHON
dose=$(sed 's/.*=\([0-9]*\) mg/\1/' <<<"$recommended")
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    for mg in "$dose" $((dose + 1)); do
        ketsim run study.yaml -o run.h5 --force --set "${recommended%=*}=$mg mg"
        says "a run does not search, and says so" 0 "$err" 'the study is simulated as it is written, with none of the candidates'
        check "the same patients at $mg mg" /usr/bin/python3 count.py run.h5 "$mg"
    done
fi

ketsim check study.yaml
says "check tells what is searched" 0 "$err" 'optimize: dose, 60 candidates from 1 mg to 60 mg, 2 constraints'
says "and prints it" 0 "$out" 'prefer: largest'
cp "$out" resolved.yaml
ketsim optimize resolved.yaml
check "the resolved study has the same answer" cmp -s "$out" one.txt

# No candidate: what excludes what.
ketsim optimize study.yaml --set optimize.constraints.0.probability.above="20 ng/mL"
says "no candidate keeps to both" 0 "$out" 'recommended: none; no candidate keeps to all: 2 needs '
ketsim optimize study.yaml --set optimize.constraints.1.probability.above="5000 ng/mL"
says "no candidate keeps to one" 0 "$out" 'recommended: none; no candidate keeps to all, and none to 2'
ketsim optimize study.yaml --set optimize.to="10 mg" --set optimize.constraints="[{probability: {analyte: esketamine, metric: cmax, above: 500 ng/mL}, at_most: 5 %}]"
says "the last candidate is not the last dose" 0 "$out" 'note: that is the largest candidate of all; larger ones may keep to all, too'
says "and how many were tried" 0 "$out" '10 of 10 candidates tried, 4000 simulations'

# Doses beyond what the model's source studied.
beyond=(--set model=perez-ruixo-2021 --set arms.infusion.regimen="[{route: intranasal, dose: 28 mg}]" --set "optimize={vary: dose, values: [84 mg, 140 mg], prefer: largest, constraints: [{probability: {analyte: esketamine, metric: cmax, above: 1 ng/mL}, at_least: 50 %}]}")
ketsim optimize study.yaml "${beyond[@]}"
says "doses beyond the source" 0 "$err" 'warning: the dose of 1 of 2 candidates is outside the validity of perez-ruixo-2021 for intranasal'
says "and in the answer" 0 "$out" "outside what the model's source studied: dose 400 of 400 patients at 140 mg"
ketsim optimize study.yaml "${beyond[@]}" --set applicability=refuse
says "or refused" 2 "$err" 'error: the dose of 1 of 2 candidates is outside the validity'

# A level that rises and falls with when the dose is given.
rising=(--set optimize.vary=at --set optimize.from="0 h" --set optimize.to="1 h" --set optimize.constraints="[{probability: {analyte: esketamine, at: 1 h, above: 50 ng/mL}, at_least: 50 %}]")
ketsim optimize study.yaml "${rising[@]}" --set optimize.step="5 min"
says "up and down: whose end it is" 0 "$out" 'the largest of the longest range that keeps to all'
says "up and down: all are tried" 0 "$out" '13 of 13 candidates tried'
check "no error is told of ends that say nothing of each other" bash -c "! grep -q 'Monte Carlo' '$out'"
says "and it is said" 0 "$out" 'the probability of constraint 1 goes up and down along the candidates; all of them were tried'
ketsim optimize study.yaml "${rising[@]}" --set optimize.step="10 s"
says "up and down, too many" 1 "$out" 'no answer: the probability of constraint 1 goes up and down along the candidates, and there are more than 256'
check "which were not tried" bash -c "! grep -q 'all of them were tried' '$out'"

# Of an arm by a course no single dose can be set, and the dates of a study are times.
ketsim optimize study.yaml --set model=perez-ruixo-2021 --set start="2026-03-02 09:00" --set optimize.vary=dose \
    --set arms="[{name: spray, course: {name: spravato, dose: 56 mg}}]" --set observe="{to: 1 week, every: 30 min}" \
    --set optimize.from="28 mg" --set optimize.to="84 mg" --set optimize.step="28 mg" \
    --set optimize.constraints="[{probability: {analyte: esketamine, at: 2026-03-02 11:00, above: 1 ng/mL}, at_least: 90 %}]"
says "a course" 0 "$out" 'P(esketamine at 2026-03-02 11:00 > 1 ng/mL) >= 90 %'
check "no setting" bash -c "! grep -q -- --set '$out'"

# Variations of an arm are arms of their own, but not of the file.
ketsim optimize study.yaml --set "variations=[{name: slow, over: 80 min}]" --set optimize.vary=arms.slow.dose
says "a variation" 0 "$out" 'slow (otto-2021)'
says "alone" 0 "$err" 'arms.slow.dose sets nothing in arm "infusion", which is left out'
check "has no setting" bash -c "! grep -q -- --set '$out'"

# Who fails counts against.
ketsim optimize study.yaml --set solver.max_steps=2
says "patients fail" 3 "$err" 'simulations failed; they count against every constraint'
says "and nothing is recommended" 3 "$out" 'recommended: none'

ketsim optimize study.yaml --set optimize.vary=weight
says "a mistake" 2 "$err" '"weight" is no thing to vary (dose, over, every, at, delay)'
ketsim optimize study.yaml --set "optimize={}"
says "all that is missing" 2 "$err" 'key "vary" is missing in optimize'
ketsim optimize "$SOURCE_DIR/configs/event-table.yaml" --set "optimize={vary: dose, values: [1 mg], prefer: smallest, constraints: []}"
says "rows of an event table dose" 2 "$err" 'the rows of the event table dose the patients; optimize has no dose to replace'
sed '/^optimize:/,/prefer/d' study.yaml >plain.yaml
ketsim optimize plain.yaml
says "nothing to search" 2 "$err" 'the study has no section `optimize`'
ketsim check study.yaml --set optimize.vary=delay --set optimize.session=1 --set optimize.from="-1 h" --set optimize.to="0 h" --set optimize.step="1 h"
says "check finds what only candidates show" 2 "$err" 'comes at -1 h, which is before the study begins'

finish
