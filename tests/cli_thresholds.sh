#!/usr/bin/env bash
# Answers about thresholds: the worked study, against counting; later than observed, one patient, nobody; what files, summaries, reports and
# pictures say; and every mistake.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

# --- The question of the worked study ---

ketsim run "$SOURCE_DIR/configs/threshold-two-hours.yaml" -o answers.h5 --threads 1
says "84 mg at nine" 0 "$err" "answers.h5"
ketsim run "$SOURCE_DIR/configs/threshold-two-hours.yaml" -o again.h5 --threads 3 --quiet
check "the same on three threads" same answers.h5 again.h5 all

ketsim summary answers.h5
says "the summary has a column for eleven o'clock" 0 "$out" "above at 2 h"
says "and one for the last patients" 0 "$out" "95 % below from"
says "and says where a level is from" 0 "$out" "71 ng/mL of esketamine: half of the greatest drug high (Simons"
says "and what it does not tell" 0 "$out" "A fixed level does not tell when effects have worn off"
line=$(grep '^84 mg  *1, at 0 h  *50 ng/mL' "$out")
ketsim report answers.h5 --format text
probability=$(grep -o '[0-9.]* % ([0-9.]* to [0-9.]*)' <<<"$line" | sed -n 2p)
says "the report tells the same: ${probability%)} %)" 0 "$out" "after 2 h ${probability%)} %)"
says "of the second session, too" 0 "$out" "84 mg, and again after two days, session 2 of 2 (from 48 h on), 50 ng/mL of esketamine:"
says "with the source" 0 "$out" "doi:10.3389/fpain.2022.946487"

ketsim summary answers.h5 --format csv
cp "$out" answers.csv
ketsim summary answers.h5 --format json
cp "$out" answers.json
if /usr/bin/python3 -c 'import h5py, scipy' 2>/dev/null || /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    check "csv, json and file agree, and with counting the patients" /usr/bin/python3 - <<'PYTHON'
import csv
import json
import math

import h5py
import numpy as np

file = h5py.File("answers.h5")
rows = list(csv.DictReader(open("answers.csv")))
assert all(None not in row and None not in row.values() for row in rows)
answers = json.load(open("answers.json"))["thresholds"]
arms = [arm.decode() if isinstance(arm, bytes) else arm for arm in file["arm"][()]]
after = list(file["time_after"][()])
assert after == [1.5, 2] and list(file["fraction_below"][()]) == [0.05, 0.5, 0.95]
times = file["time"][()]
checked = 0
for answer in answers:
    arm, session, level = arms.index(answer["arm"]), answer["session"] - 1, answer["level"]
    start = answer["session_start"]
    levels = file["esketamine"][arm]
    patients = len(levels)
    assert answer["patients"] == patients == 1000
    for told in answer["above"]:
        # the record falls on that time, and its level is the solution's
        record = np.argmin(abs(times - start - told["after"]))
        counted = np.mean(levels[:, record] >= level)
        assert abs(times[record] - start - told["after"]) < 1e-9 and told["value"] == counted, (told, counted)
        p, z = counted, 1.959963984540054
        center = (p + z * z / 2 / patients) / (1 + z * z / patients)
        half = z * math.sqrt(p * (1 - p) / patients + z * z / 4 / patients**2) / (1 + z * z / patients)
        assert abs(told["lower"] - center + half) < 1e-12 and abs(told["upper"] - center - half) < 1e-12
        row, = [r for r in rows if r["arm"] == answer["arm"] and r["metric"] == "above" and float(r["threshold"]) == level
                and float(r["session"]) == session + 1 and float(r["after"]) == told["after"]]
        assert float(row["estimate"]) == told["value"] and float(row["upper"]) == told["upper"] and int(row["n"]) == 1000
        checked += 1
    each = np.sort(file["esketamine_last_above_%g_session" % level][arm, :, session])
    for told in answer["below_from"]:
        assert told["value"] == each[math.ceil(told["fraction"] * patients) - 1] and told["later_than"] is None
        assert told["lower"] <= told["value"] <= told["upper"]
        # as many are above a little before, and fewer after: by the records around
        seen = times - start
        held = [np.mean(each > t) for t in (told["value"] - 1e-9, told["value"])]
        assert held[1] <= 1 - told["fraction"] + 1e-12 and (told["value"] == 0 or held[0] > 1 - told["fraction"] - 1e-12)
        checked += 1
assert checked == 6 * 5
one = file["esketamine_above_50"]
assert one.attrs["threshold_ng_per_mL"] == 50 and "role" in one.attrs and one.shape == (2, 2, 2)
assert np.isnan(file["esketamine_above_50"][0, 1]).all() and np.isnan(file["esketamine_below_50"][0, 1]).all()
assert (file["threshold_patients"][()] == 1000).all()
PYTHON
fi

if command -v gnuplot >/dev/null; then
    ketsim plot answers.h5 -o answers.gp --to "8 h"
    says "thresholds are drawn" 0 "$err" "answers.gp"
    for level in 50 71; do
        check "$level ng/mL, once" test "$(grep -c "set label '$level ng/mL'" answers.gp)" -eq 1
    done
    ketsim plot answers.h5 -o answers.svg --to "8 h"
    tr '\n\t' '  ' <answers.svg | sed 's/<[^>]*>/ /g; s/  */ /g' >answers.txt # lines of the caption joined
    check "and told" grep -qF "threshold of the study, 50 ng/mL, 71 ng/mL" answers.txt
fi

# --- Later than observed, one patient, nobody, several models, a sweep ---

cat >study.yaml <<'YAML'
title: A bolus and an infusion are one session
model: perez-ruixo-2021
seed: 3
patients: {count: 40, covariates: {age: {uniform: {min: 20 years, max: 80 years}}}}
arms:
  - name: session
    regimen:
      - {route: iv, dose: 10 mg, at: 1 h}
      - {route: iv, dose: 28 mg, over: 40 min, at: 65 min}
observe: {to: 4 h, every: 20 min}
thresholds: {levels: [{level: 5 ng/mL, analyte: esketamine}, {level: 40 ng/mL, analyte: esketamine}], after: [1 h]}
YAML
ketsim run study.yaml -o study.h5 --quiet
ketsim summary study.h5
says "still above at the end is later than that" 0 "$out" "later than 3.000 h"
ketsim report study.h5 --format text
says "in words" 0 "$out" "95 % of the patients stay below it only later than 3.000 h"
check "and is no number" bash -c "! grep -qw inf '$out'"
ketsim summary study.h5 --format json
says "null in json, with what is known" 0 "$out" '"later_than": 3.0'
ketsim summary study.h5 --format csv
says "infinite in csv" 0 "$out" ",inf,"
ketsim run study.yaml -o one.h5 --quiet --set patients.count=1 --set patients.variability=false
ketsim summary one.h5
check "of one patient there is no interval" grep -q 'session  40 ng/mL of esketamine  \(yes\|no\) *[0-9.]* h *[0-9.]* h *[0-9.]* h$' "$out"
ketsim report one.h5 --format text
says "but an answer" 0 "$out" "The patient stays below it from"
ketsim run study.yaml -o nobody.h5 --quiet --set solver.max_steps=1
ketsim summary nobody.h5
check "of nobody there is none" grep -q 'session  40 ng/mL of esketamine  -  *-  *-  *-$' "$out"
ketsim report nobody.h5 --format text
says "which the report says" 0 "$out" "session, 40 ng/mL of esketamine: nobody could be simulated."
cat >models.yaml <<'YAML'
title: Several models, one of which has no effect site, and doses of a sweep
models: [perez-ruixo-2021, domino-1982]
racemate: halve
applicability: ignore
seed: 3
patients: {count: 10, covariates: {weight: 70 kg}}
arms:
  - {name: infusion, regimen: [{route: iv, dose: 40 mg, over: 40 min, drug: racemate}]}
sweep: {design: grid, dose: [20 mg, 40 mg]}
observe: {to: 4 h, every: 20 min}
thresholds: {levels: [{level: 30 ng/mL, analyte: ketamine}, {level: 30 ng/mL, analyte: esketamine}], after: [1 h]}
solver: {method: exact}
output: {store: [exposure]}
YAML
ketsim run models.yaml -o models.h5 --quiet
ketsim summary models.h5
says "several models in a sweep" 0 "$out" "infusion, domino-1982, dose 40 mg"
check "each has the thresholds of its analytes" test "$(grep -c 'ng/mL of' "$out")" -eq 4

# --- Mistakes ---

# mistake TITLE TEXT SETTING...: `check` tells it.
mistake() {
    local title=$1 text=$2
    shift 2
    ketsim check study.yaml "$@"
    says "$title" 2 "$err" "$text"
}
mistake "an analyte that no model has" '"esketamin" is no analyte of the study' --set 'thresholds.levels=[{level: 5 ng/mL, analyte: esketamin}]'
mistake "half a threshold" "a threshold is a level of an analyte" --set 'thresholds.levels=[{level: 5 ng/mL}]'
mistake "no published threshold" 'is no published threshold' --set 'thresholds.levels=[{published: olofsen-2021}]'
mistake "a published one with a level" "a published threshold has its own level" --set 'thresholds.levels=[{published: simons-2022-drug-high, level: 3 ng/mL}]'
mistake "the same level twice" "5 ng/mL of esketamine is a threshold already" \
    --set 'thresholds.levels=[{level: 5 ng/mL, analyte: esketamine}, {level: 0.005 mg/L, analyte: esketamine}]'
mistake "no levels" "which levels? the list is empty" --set 'thresholds.levels=[]'
mistake "a level without unit" 'has no unit' --set 'thresholds.levels=[{level: 5, analyte: esketamine}]'
mistake "times that go back" "must come after the time before it" --set 'thresholds.after=[2 h, 1 h]'
mistake "a time beyond the records" "no session lasts 5 h" --set 'thresholds.after=[5 h]'
mistake "a fraction above all" "must lie between 0 and 1" --set 'thresholds.below=[105 %]'
mistake "fractions that fall" "must be above the one before it" --set 'thresholds.below=[0.5, 0.05]'
mistake "no question" "nothing is asked" --set 'thresholds.after=[]' --set 'thresholds.below=[]'
mistake "no metrics in the result" 'output.store has no "exposure"' --set 'output.store=[profiles]'
mistake "a level that is no map" "keys with values are expected" --set 'thresholds.levels=[50 ng/mL]'
check "brings no other mistake with it" test "$(grep -c 'error:' "$err")" = 1
mistake "nothing observed after the dose" "nothing is observed after a dose" --set 'thresholds.after=[]' --set 'observe.to=1 h'
ketsim check "$SOURCE_DIR/configs/event-table.yaml" --set 'thresholds={}'
says "an event table" 2 "$err" '"thresholds" has no place beside patients.events'
ketsim check study.yaml --set 'thresholds={}'
says "published ones are the default" 0 "$out" "published: simons-2022-drug-high"
ketsim check models.yaml --set 'arms=[{name: a, regimen: [{route: iv, dose: 1 mg, drug: racemate}]}, {name: b, regimen: [{route: iv, dose: 1 mg, at: 3.5 h, drug: racemate}]}]'
says "an arm whose sessions are too short is told" 0 "$err" "no session lasts 1 h"

finish
