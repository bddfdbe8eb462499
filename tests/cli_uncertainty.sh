#!/usr/bin/env bash
# Parameter uncertainty and random effects as a user meets them: the same bytes by any number of threads and processes, whatever
# interrupts; intervals over replicates as an outside reader finds them; who was sampled, supplied or fixed.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

cat >patients.csv <<'CSV'
ID,weight,eta_CLK1
4,60,0.1
2,70,-0.3
9,80,0
CSV

cat >study.yaml <<'YAML'
title: Two doses, and how sure their levels are
model: simons-2022
seed: 20261130
patients: {from: patients.csv, resample: true, count: 70, random_effects: {CLK3: 0}}
arms:
  - name: infusions
    regimen: [{route: iv, dose: 20 mg, over: 40 min, every: 12 h, times: 2}]
  - name: one
    regimen: [{route: iv, dose: 20 mg, over: 40 min}]
observe: {to: 24 h, every: 1 h}
exposure: {metrics: [cmax, ctrough], time_above: [200 ng/mL], per: [profile, interval]}
uncertainty:
  replicates: 40
  models:
    simons-2022:
      source: made up
      typical: {CLK1: {lognormal: {cv: 10 %}}, VK1: {lognormal: {cv: 10 %}}, CLN1: {normal: {sd: 3 L/h}}}
      variability: {VK1: {lognormal: {cv: 20 %}}}
      correlations: {of: [CLK1, VK1], matrix: [[1, 0.5], [0.5, 1]]}
output: {store: [exposure, quantiles, random_effects]}
YAML

ketsim check study.yaml
says "check counts the replicates" 0 "$err" "70 patients x 82 arms x 25 times"
cp "$out" resolved.yaml
ketsim run study.yaml -o one.h5 --threads 1 --quiet
for threads in 2 7; do
    ketsim run study.yaml -o many.h5 --threads $threads --quiet --force
    check "the same by $threads threads" same one.h5 many.h5 all
done
ketsim run resolved.yaml -o resolved.h5 --quiet
check "the resolved study runs again to the same" same one.h5 resolved.h5
"$KETSIM" run study.yaml -o killed.h5 --quiet --threads 2 &
sleep 0.15
kill -9 $! 2>/dev/null
wait $! 2>/dev/null
[[ -e killed.h5 ]] || ketsim run study.yaml -o killed.h5 --quiet --resume
check "the same after an interruption" same one.h5 killed.h5 all
if [[ -x ${KETSIM_MPI-} ]] && command -v mpirun >/dev/null; then
    for ranks in 2 3; do
        OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1 mpirun --oversubscribe --bind-to none \
            -n $ranks "$KETSIM_MPI" run study.yaml -o ranks.h5 --quiet --force >"$out" 2>"$err"
        check "the same by $ranks processes" same one.h5 ranks.h5 all
    done
fi

ketsim verify one.h5 --all
check "verify finds the same" test $status = 0

ketsim summary one.h5
says "the summary counts arms and replicates" 0 "$out" "70 patients x 2 arms x (1 + 40 replicates)"
check "it says where the uncertainty is from" grep -q '^  simons-2022: made up$' "$out"
check "replicates are no lines of it" bash -c "! grep -q 'replicate [0-9]' '$out'"
ketsim summary one.h5 --format csv
cp "$out" one.csv
ketsim summary one.h5 --format json
cp "$out" one.json
ketsim report one.h5 -o one.txt --format text
check "the report tells how sure a peak is" grep -q 'infusions: the highest esketamine .*With the model.s estimates as uncertain as the study says, the median' one.txt
check "and where that is from" grep -q 'by the study: made up. 40 replicates' one.txt
ketsim plot one.h5 -o one.gp
check "a picture is of the models as published" bash -c "! grep -q ', replicate' one.gp"
ketsim plot one.h5 -o third.gp --arm "one, replicate 3" --force
says "a replicate is drawn by its label" 0 "$err" "the picture is third.gp"

# What an outside reader finds: draws, intervals, random effects.
cat >look.py <<'PYTHON'
import csv, json
import h5py
import numpy as np

with h5py.File("one.h5") as file:
    data = {name: item[()] for name, item in file.items()}
    attributes = {name: dict(item.attrs) for name, item in file.items()}
assert file is not None
replicate = data["replicate"]
assert list(replicate) == 2 * list(range(41))
assert [name.decode() for name in data["arm"][[0, 1, 41, 44]]] == \
    ["infusions", "infusions, replicate 1", "one", "one, replicate 3"]

# Patients: an effect that is supplied is that of the row, one that is fixed is 0, and others differ.
rows = {2: 0.1, 3: -0.3, 4: 0.0}
assert all(eta == rows[line] for eta, line in zip(data["eta_CLK1"][0], data["patient_line"]))
assert (data["eta_CLK3"] == 0).all() and data["eta_CLN1"][0].std() > 0.1
origins = {name: attributes[name]["origin"] for name in ("eta_CLK1", "eta_CLK3", "eta_CLN1", "kappa_MTT")}
origins = {name: text.decode() if isinstance(text, bytes) else str(text) for name, text in origins.items()}
assert origins == {"eta_CLK1": "supplied", "eta_CLK3": "fixed", "eta_CLN1": "sampled", "kappa_MTT": "sampled"}, origins
assert (data["eta_CLN1"] == data["eta_CLN1"][0]).all()

# Occasions: the same in every arm, none beyond an arm's last.
kappa = data["kappa_MTT"]
assert kappa.shape == (82, 70, 2) and np.isfinite(kappa[:41]).all() and np.isnan(kappa[41:, :, 1]).all()
assert (kappa[:, :, 0] == kappa[0, :, 0]).all()

# Estimates: what is drawn moves the parameter of everybody, and the same in both arms.
u, sd = data["uncertainty_CLK1"], attributes["uncertainty_CLK1"]["standard_error"]
assert u[0] == 0 and u[41] == 0 and (u[:41] == u[41:]).all() and abs(sd - np.sqrt(np.log(1.01))) < 1e-15
assert 0.6 * sd < u[1:41].std() < 1.5 * sd
assert np.allclose(data["CLK1"], data["CLK1"][0] * np.exp(u)[:, None], rtol=1e-14)
widened = data["uncertainty_variability_VK1"]
assert np.allclose(data["eta_VK1"], data["eta_VK1"][0] * np.exp(widened)[:, None], rtol=1e-13)
moved = np.exp(data["uncertainty_VK1"][:, None] + data["eta_VK1"] - data["eta_VK1"][0])
assert np.allclose(data["VK1"], data["VK1"][0] * moved, rtol=1e-13)

# Intervals: percentiles over the replicates of what NumPy finds over the patients.
def interval(values):
    return np.quantile(values, [0.025, 0.975])

lines = list(csv.DictReader(open("one.csv")))
assert {line["arm"] for line in lines} == {"infusions", "one"}
checked = 0
for line in lines:
    first = 0 if line["arm"] == "infusions" else 41
    name = f"{line['analyte']}_{line['metric']}"
    if line["interval"]:
        values = data[name + "_interval"][first:first + 41, :, int(line["interval"]) - 1]
    else:
        values = data[name][first:first + 41]
    over_patients = {"mean": np.mean(values, 1), "median": np.median(values, 1), "p05": np.quantile(values, 0.05, 1),
                     "p95": np.quantile(values, 0.95, 1)}
    if line["metric"].startswith("time_above_"):
        over_patients["share"] = np.mean(values > 0, 1)
    else:
        assert line["share"] == "" and line["share_lower"] == ""
    for statistic, found in over_patients.items():
        if np.isnan(found).any():
            assert line[statistic] == ""
            continue
        lower, upper = interval(found[1:])
        assert np.isclose(float(line[statistic]), found[0], rtol=1e-12, atol=1e-12), (name, statistic)
        assert np.isclose(float(line[statistic + "_lower"]), lower, rtol=1e-12, atol=1e-12), (name, statistic)
        assert np.isclose(float(line[statistic + "_upper"]), upper, rtol=1e-12, atol=1e-12), (name, statistic)
        checked += 1
assert checked > 30, checked

summary = json.load(open("one.json"))
assert summary["arms"] == 2
assert summary["uncertainty"] == {"replicates": 40, "confidence": 0.95, "sources": {"simons-2022": "made up"}}
row = [r for r in summary["exposure"] if r["arm"] == "one" and r["metric"] == "cmax"][0]
line = [l for l in lines if l["arm"] == "one" and l["metric"] == "cmax"][0]
assert row["over_replicates"]["median"] == [float(line["median_lower"]), float(line["median_upper"])]
assert row["over_replicates"]["replicates"] == 40 and row["over_replicates"]["share"] is None
PYTHON
if /usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null; then
    check "draws, intervals and random effects as NumPy finds them" /usr/bin/python3 look.py
fi

# Estimates so uncertain that some replicates are impossible: those are told, counted and left out.
sed -e 's/sd: 3 L/sd: 60 L/' -e 's/one: //' study.yaml >wild.yaml
ketsim run wild.yaml -o wild.h5 --set patients.count=2 --set 'output.store=[exposure]'
says "impossible replicates are failures" 3 "$err" "CLN1"
ketsim summary wild.h5 --format csv
cp "$out" wild.csv
if /usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null; then
    check "and are left out of intervals, which say of how many they are" /usr/bin/python3 -c "
import csv, h5py, numpy as np
with h5py.File('wild.h5') as f:
    values, drawn = f['esketamine_cmax'][:41], f['uncertainty_CLN1'][1:41]
known = np.isfinite(values[1:]).any(1) # in L/min, of 1 L/min at 70 kg
assert 20 < known.sum() < 40 and known[drawn > -0.8].all() and not known[drawn < -1.2].any()
line = next(l for l in csv.DictReader(open('wild.csv')) if l['metric'] == 'cmax')
assert int(line['replicates']) == known.sum()
lower, upper = np.quantile(np.nanmedian(values[1:][known], 1), [0.025, 0.975])
assert np.allclose([float(line['median_lower']), float(line['median_upper'])], [lower, upper], rtol=1e-12)"
fi
ketsim summary wild.h5
check "in the text, too" grep -qE 'cmax, ng/mL, of [0-9]+ replicates' "$out"

# Event tables have replicates, too, and effects of occasions row by row.
cat >events.csv <<'CSV'
ID,TIME,EVID,AMT,CMT,OCC
1,0,1,20,central,1
1,2,0,.,.,1
1,12,1,20,central,2
1,14,0,.,.,2
2,0,1,20,central,1
2,2,0,.,.,1
CSV
cat >events.yaml <<'YAML'
title: Rows
model: simons-2022
seed: 1
patients: {events: events.csv}
uncertainty: {replicates: 2, models: {simons-2022: {source: made up, typical: {CLK1: {lognormal: {cv: 10 %}}}}}}
YAML
ketsim run events.yaml -o events.h5 --threads 1
says "an event table with replicates" 0 "$err" "2 patients x 3 arms"
ketsim run events.yaml -o two.h5 --threads 2 --quiet
check "the same by 2 threads" same events.h5 two.h5 all
if /usr/bin/python3 -c 'import h5py, numpy' 2>/dev/null; then
    check "its rows" /usr/bin/python3 -c "
import h5py, numpy as np
f = h5py.File('events.h5')
kappa, cl, eta, u = f['kappa_MTT'][()], f['CLK1'][()], f['eta_CLK1'][()], f['uncertainty_CLK1'][()]
assert kappa.shape == (3, 6) and (kappa == kappa[0]).all() and eta.shape == (2,)
assert kappa[0, 0] == kappa[0, 1] and kappa[0, 2] == kappa[0, 3] and len(set(kappa[0])) == 3
assert np.allclose(cl, cl[0] * np.exp(u)[:, None], rtol=1e-14) and len(set(cl[:, 0])) == 3"
fi

ketsim optimize study.yaml --set 'optimize={vary: dose, values: [10 mg], prefer: largest, constraints: [{probability: {analyte: esketamine, metric: cmax, above: 1 ng/mL}, at_most: 0.5}]}'
says "a search is of models as published" 2 "$err" 'leave out "uncertainty"'
finish
