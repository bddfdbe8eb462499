#!/usr/bin/env bash
# What if, on the command line: variations give the bytes of arms written out, and what they change is what anybody computes of the
# patients' numbers in the file.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

cat >top.yaml <<'TEXT'
title: What if
model: perez-ruixo-2021
seed: 20261130
patients: {count: 101}
observe: {to: 9 days, every: 30 min}
exposure: {metrics: [cmax, tmax, auc_last, half_life], per: [profile, interval], time_above: [500 ng/mL]}
TEXT
base='  - {name: spray, regimen: [{route: intranasal, dose: 84 mg, on_days: [0, 3, 7]}]}'
{
    cat top.yaml
    printf 'arms:\n%s\n' "$base"
    cat <<'TEXT'
variations:
  - {name: early, session: 2, shift: -24 h}
  - {name: missed, session: 2, missed: true}
  - {name: skipped, session: 2, skip_devices: [3]}
  - {name: lost, lost_sprays: [2]}
  - {name: lower, dose: 56 mg}
TEXT
} >varied.yaml
{
    cat top.yaml
    printf 'arms:\n%s\n' "$base"
    cat <<'TEXT'
  - {name: early, baseline: spray, regimen: [{route: intranasal, dose: 84 mg, on_days: [0, 2, 7]}]}
  - {name: missed, baseline: spray, regimen: [{route: intranasal, dose: 84 mg, on_days: [0, 7]}]}
  - name: skipped
    baseline: spray
    regimen:
      - {route: intranasal, dose: 84 mg, on_days: [0, 7]}
      - {route: intranasal, dose: 56 mg, at: 3 days}
  - {name: lost, baseline: spray, regimen: [{route: intranasal, dose: 84 mg, on_days: [0, 3, 7], lost_sprays: [2]}]}
  - {name: lower, baseline: spray, regimen: [{route: intranasal, dose: 56 mg, on_days: [0, 3, 7]}]}
TEXT
} >written.yaml
for study in varied written; do
    ketsim run "$study.yaml" -o "$study.h5" --quiet
    check "$study runs" test "$status" = 0
done
check "variations give the bytes of arms written out" same varied.h5 written.h5
check "and h5diff agrees" same_by_h5diff varied.h5 written.h5
ketsim run varied.yaml -o more.h5 --quiet --threads 3
check "so do more threads" same varied.h5 more.h5 all

ketsim summary varied.h5
says "the summary tells changes" 0 "$out" "changes against the baseline, patient by patient"
says "of a level as a ratio" 0 "$out" "x 0.7"
says "of a time as a difference" 0 "$out" "-24.00 h"
ketsim summary varied.h5 --format csv
cp "$out" summary.csv
ketsim summary varied.h5 --format json
cp "$out" summary.json

# The changes once more, by another program and other rules for the same things: numpy's percentiles, and the binomial interval of the
# median summed up in whole numbers.
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    cat >recompute.py <<'PYTHON'
import csv, json, math, sys
import h5py, numpy

def interval(n):
    """Ranks of the order statistics around the median, each leaving at most 2.5 % outside."""
    outside, k = 0, 0
    while outside + math.comb(n, k) <= 0.025 * 2**n:
        outside += math.comb(n, k)
        k += 1
    return k, n + 1 - k  # from 1

def close(a, b, what):
    if (a is None) != (b is None) or (a is not None and not abs(a - b) <= 1e-12 * abs(b) + 1e-13):
        sys.exit(f"{what}: {a}, and recomputed {b}")

def check(spread, values, what):
    values = numpy.sort(values)
    low, high = interval(len(values))
    expected = dict(zip(["p05", "median", "p95"], numpy.percentile(values, [5, 50, 95])))
    expected.update(lower=values[low - 1], upper=values[high - 1])
    for key, value in expected.items():
        close(spread[key], float(value), f"{what} {key}")

file = h5py.File("varied.h5")
arms = list(file["arm"].asstr())
changes = json.load(open("summary.json"))["changes"]
rows = {(r["arm"], r["analyte"], r["metric"], r["interval"]): r for r in csv.DictReader(open("summary.csv"))}
compared = 0
for c in changes:
    what = [c["arm"], c["analyte"], c["metric"], c.get("interval")]
    name = f"{c['analyte']}_{c['metric']}" + ("_interval" if "interval" in c else "")
    data = file[name]
    pick = (lambda a: data[arms.index(a), :, c["interval"] - 1]) if "interval" in c else (lambda a: data[arms.index(a), :])
    arm, base = pick(c["arm"]), pick(c["baseline"])
    known = ~numpy.isnan(arm) & ~numpy.isnan(base)
    arm, base = arm[known], base[known]
    assert c["n"] == len(arm), what
    check(c["difference"], arm - base, f"{what} difference")
    if (base > 0).all():
        check(c["ratio"], arm / base, f"{what} ratio")
    else:
        assert c["ratio"]["median"] is None, what
    row = rows[c["arm"], c["analyte"], c["metric"], str(c["interval"]) if "interval" in c else ""]
    close(float(row["difference_median"]), c["difference"]["median"], f"{what} csv")
    assert row["baseline"] == c["baseline"] and int(row["change_n"]) == c["n"], what
    compared += 1
# of five arms with two analytes: five metrics of the profile; and, but for the arm that has two intervals, of three intervals four
expected = 5 * 2 * 5 + 4 * 2 * 4 * 3
if compared != expected:
    sys.exit(f"{compared} changes, expected {expected}")
PYTHON
    check "what they change is what anybody computes" /usr/bin/python3 recompute.py
fi

# The picture: each variation in a panel with the baseline, around the session that differs (2 h before it to 24 h after), and what
# changes in that session above it.
ketsim plot varied.h5 -o varied.gp --arm skipped
says "a variation is drawn with its baseline" 0 varied.gp "arm_1 = 'spray'"
says "and itself" 0 varied.gp "arm_2 = 'skipped'"
says "around the session that differs" 0 varied.gp "set xrange [70:96]"
says "with what changes in it" 0 varied.gp "session 2: cmax x 0.7"
ketsim plot varied.h5 -o missed.gp --arm missed
says "of a missed session over all of them" 0 missed.gp "all sessions: AUC x 0.6"
ketsim report varied.h5 --format text -o varied.txt
says "the report tells changes" 0 varied.txt "early, compared with spray: of esketamine in session 2 the highest level is"
says "and what a variation is" 0 varied.txt 'As "spray", but session 2 24 h earlier'
check "the answer is that of the baseline alone" bash -c "! grep -q '^- early: the highest' varied.txt"

# Dates, over the last Sunday of March and at the end of February: sessions stay at nine.
ketsim run varied.yaml -o dated.h5 --quiet --set 'start=2028-02-28 09:00'
check "a study with a start runs" test "$status" = 0
check "its numbers are those without" same varied.h5 dated.h5
ketsim report dated.h5 --format text -o dated.txt
says "a report has the dates of the sessions" 0 dated.txt "Mon 28 Feb 2028 09:00, Thu 2 Mar 09:00, Mon 6 Mar 09:00"
ketsim plot dated.h5 -o dated.gp --arm spray
says "a picture has dates" 0 dated.gp '"29 Feb"'

# Devices: a skipped third is two devices; a skipped second leaves the third at its time, as the second that the mucosa sees.
cat >devices.yaml <<'TEXT'
title: Devices
model: perez-ruixo-2021
seed: 3
patients: {count: 7}
arms:
  - {name: two, regimen: [{route: intranasal, dose: 56 mg}]}
  - {name: without the third, regimen: [{route: intranasal, dose: 84 mg, skip_devices: [3]}]}
  - {name: without the second, regimen: [{route: intranasal, dose: 84 mg, skip_devices: [2]}]}
  - {name: lost, regimen: [{route: intranasal, dose: 28 mg, lost_sprays: [1]}]}
  - {name: one, regimen: [{route: intranasal, dose: 28 mg}]}
observe: {to: 6 h, every: 5 min}
exposure: {metrics: [cmax, auc_last, cl_f]}
solver: {method: exact}
TEXT
ketsim run devices.yaml -o devices.h5 --quiet
check "devices run" test "$status" = 0
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    cat >devices.py <<'PYTHON'
import h5py, numpy
file = h5py.File("devices.h5")
two, third, second, lost, one = file["esketamine"][:]
assert numpy.allclose(two, third, rtol=1e-13, atol=1e-13), "84 mg without the third device are 56 mg"
assert (second[:, :2] == two[:, :2]).all() and (second[:, 2:] != two[:, 2:]).all()
# Five minutes later the second device: what it adds is what it adds in 56 mg, five minutes (one record) later.
added = two - one
shift = second - one
assert numpy.allclose(shift[:, 1:], added[:, :-1], rtol=1e-11, atol=1e-11), "the third device counts as the second"
assert numpy.allclose(lost, one / 2, rtol=1e-12, atol=0), "half a device gives half of the levels"
cl = file["esketamine_cl_f"][:]
assert numpy.allclose(cl[3], cl[4], rtol=1e-9), "clearance is of what is delivered"
PYTHON
    check "devices do what they should" /usr/bin/python3 devices.py
fi

finish
