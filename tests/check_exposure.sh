#!/usr/bin/env bash
# Whether the metrics of a result are what another program computes from its levels, written down from the rules anew.
set -euo pipefail

python=/usr/bin/python3 # the system's, which has the system's packages
"$python" -c 'import h5py, numpy' 2>/dev/null || exit 77

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >study.yaml <<'END'
title: Every metric
model: perez-ruixo-2021
seed: 20261123
patients: {count: 9, covariates: {age: 45 years, asian: {probability: 0.2}}}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 56 mg, every: 12 h, times: 3}]
  - name: infusion
    regimen: [{route: iv, dose: 0.4 mg/kg, over: 40 min}]
  - name: bolus
    regimen: [{route: iv, dose: 10 mg, every: 8 h, times: 6}]
observe: {to: 60 h, every: 20 min}
exposure:
  metrics: [METRICS]
  per: [profile, interval]
  auc_between: [{from: 10 min, to: 13.3 h}, {from: 50 h, to: 70 h}]
  time_above: [20 ng/mL, 60 ng/mL]
END
metrics=$("$KETSIM" metrics --format csv | awk -F, 'NR > 1 && !/^(auc_between|time_above|first_above|last_above|level_at),/ {print $1}' | paste -sd,)
sed -i "s/METRICS/$metrics/" study.yaml

cat >recompute.py <<'END'
import csv
import sys
import h5py
import numpy as np

LINEAR = sys.argv[2] == "linear"
result = h5py.File(sys.argv[1])
time = result["time"][:]
last_time = time[-1]


def area(t1, c1, t2, c2):
    if not LINEAR and 0 < c2 < c1:
        return (t2 - t1) * (c1 - c2) / np.log(c1 / c2)
    return (t2 - t1) * (c1 + c2) / 2


def moment(t1, c1, t2, c2):
    if not LINEAR and 0 < c2 < c1:
        k = np.log(c1 / c2)
        return (t2 - t1) * (t1 * c1 - t2 * c2) / k + (t2 - t1) ** 2 * (c1 - c2) / k**2
    return (t2 - t1) * (t1 * c1 + t2 * c2) / 2


def level(t1, c1, t2, c2, t):
    if not LINEAR and 0 < c2 < c1:
        return c1 * (c2 / c1) ** ((t - t1) / (t2 - t1))
    return c1 + (c2 - c1) * (t - t1) / (t2 - t1)


def segments(t, c, boluses):
    for i in range(len(t) - 1):
        start = c[i]
        if t[i] in boluses:
            start = c[i + 1] if c[i + 1] <= c[i + 2] else c[i + 1] * (c[i + 1] / c[i + 2]) ** (
                (t[i + 1] - t[i]) / (t[i + 2] - t[i + 1]))
        yield t[i], start, t[i + 1], c[i + 1]


def above(parts, limit):
    total = 0.0
    for t1, c1, t2, c2 in parts:
        if c1 >= limit and c2 >= limit:
            total += t2 - t1
        elif c1 >= limit and not LINEAR:
            total += (t2 - t1) * np.log(c1 / limit) / np.log(c1 / c2)
        elif c1 >= limit or c2 >= limit:
            total += (t2 - t1) * (max(c1, c2) - limit) / abs(c1 - c2)
    return total


def slope(t, c, start, end):
    """Points, lambda_z, adjusted R2, intercept and times of the terminal slope."""
    after = np.flatnonzero(t > start)
    peak = after[np.argmax(c[after])]
    tail = np.array([i for i in after if i > peak and t[i] >= end and c[i] >= 1e-3])
    fits = []
    for n in range(3, len(tail) + 1):
        x, y = t[tail[-n:]], np.log(c[tail[-n:]])
        k, intercept = np.polyfit(x, y, 1)
        r2 = 1 - np.sum((y - k * x - intercept) ** 2) / np.sum((y - y.mean()) ** 2)
        if k < 0:
            fits.append((n, -k, 1 - (1 - r2) * (n - 1) / (n - 2), intercept, x[0], x[-1]))
    if not fits:
        return None
    best = max(f[2] for f in fits)
    return [f for f in fits if f[2] >= best - 1e-4][-1]


def whole_profile(t, c, doses, boluses, drug, by_vein):
    parts = list(segments(t, c, boluses))
    v = {"cmax": c.max(), "tmax": t[np.argmax(c)], "clast": c[-1], "tlast": t[-1]}
    v["auc_last"] = v["auc_all"] = sum(area(*p) for p in parts)
    v["aumc_last"] = sum(moment(*p) for p in parts)
    n, k, r2, intercept, first, last = slope(t, c, doses[-1][0], doses[-1][1])
    v |= {"lambda_z": k, "lambda_z_points": n, "lambda_z_r2adj": r2, "half_life": np.log(2) / k}
    v["span_ratio"] = (last - first) / v["half_life"]
    v["auc_inf"] = v["auc_last"] + c[-1] / k
    v["auc_inf_pred"] = v["auc_last"] + np.exp(intercept - k * t[-1]) / k
    v["auc_extrapolated"] = 100 * (1 - v["auc_last"] / v["auc_inf"])
    v["aumc_inf"] = v["aumc_last"] + c[-1] * t[-1] / k + c[-1] / k**2
    if drug:
        mg = sum(d[2] for d in doses)
        v["cl_f"] = 1000 * mg / v["auc_inf"]
        v["vz_f"] = v["cl_f"] / k
        v["mrt"] = v["aumc_inf"] / v["auc_inf"] - sum(d[2] * (d[0] + d[3] / 2) for d in doses) / mg
        v |= {"cl": np.nan, "vz": np.nan, "vss": np.nan}
        if by_vein:
            v |= {"cl": v["cl_f"], "vz": v["vz_f"], "vss": v["cl_f"] * v["mrt"]}
    a, b = 1 / 6, 13.3
    v["auc_10min_to_13.3h"] = sum(
        area(max(a, p[0]), level(*p, max(a, p[0])), min(b, p[2]), level(*p, min(b, p[2])))
        for p in parts if p[2] > a and p[0] < b)
    v["auc_50h_to_70h"] = sum(area(*p) for p in parts if p[0] >= 50 - 1e-9) + c[-1] / k * (1 - np.exp(-10 * k))
    for limit in (20, 60):
        v[f"time_above_{limit}"] = above(parts, limit)
    flags = 2 * (v["span_ratio"] < 2) + 4 * (v["auc_extrapolated"] > 20) + 8 * (r2 < 0.9)
    return v, flags


def interval(t, c, k, starts, length, doses, boluses, drug, by_vein):
    """A dosing interval and, for the steady state, what it has in common with the one before."""
    start = starts[k]
    end = starts[k + 1] if k + 1 < len(starts) else start + length
    whole = end <= last_time
    inside = (t >= start) & (t <= end)
    parts = list(segments(t[inside], c[inside], boluses))
    x, y = t[inside], c[inside]
    v = {"cmax": y.max(), "tmax": x[np.argmax(y)] - start, "auc_last": sum(area(*p) for p in parts)}
    for limit in (20, 60):
        v[f"time_above_{limit}"] = above(parts, limit)
    if whole:
        v["auc_tau"] = v["auc_last"]
        v["cav"] = v["auc_tau"] / (end - start)
        v["cmin"], v["ctrough"] = y.min(), y[-1]
        v["fluctuation"] = 100 * (y.max() - y.min()) / v["cav"]
        v["swing"] = (y.max() - y.min()) / y.min() if y.min() > 0 else np.nan
        if drug:
            steady = abs(y[-1] - y[0]) <= 1e-3 * v["cav"] and k > 0
            v["cl_f"] = 1000 * doses[k][2] / v["auc_tau"] if steady else np.nan
            v["cl"] = v["cl_f"] if by_vein else np.nan
    return v


worst, compared = 0.0, 0


def compare(what, got, expected):
    global worst, compared
    compared += 1
    if np.isnan(expected) or np.isnan(got):
        assert np.isnan(expected) and np.isnan(got), (what, got, expected)
        return
    error = abs(got - expected) / max(abs(expected), 1e-9)
    assert error < 1e-7, (what, got, expected)
    worst = max(worst, error)


METRICS = [m.split(",")[0] for m in open("metrics.csv")][1:]
METRICS = [m for m in METRICS if m not in ("auc_between", "time_above", "first_above", "last_above", "level_at")]
METRICS += ["auc_10min_to_13.3h", "auc_50h_to_70h", "time_above_20", "time_above_60"]
# start, end of the input, mg, duration of an infusion; weight 74 kg
ARMS = [([(12.0 * i, 12.0 * i + 5 / 60, 56, 0) for i in range(3)], False, False),
        ([(0.0, 2 / 3, 0.4 * 74, 2 / 3)], False, True),
        ([(8.0 * i, 8.0 * i, 10, 0) for i in range(6)], True, True)]
for arm, (doses, bolus, by_vein) in enumerate(ARMS):
    starts = [d[0] for d in doses]
    length = starts[1] - starts[0] if len(starts) > 1 else np.inf
    assert np.array_equal(result["interval_start"][arm, : len(starts)], starts)
    for analyte in ("esketamine", "noresketamine"):
        drug = analyte == "esketamine"
        boluses = starts if bolus and drug else []
        for patient in range(result[analyte].shape[1]):
            c = result[analyte][arm, patient]
            profile, flags = whole_profile(time, c, doses, boluses, drug, by_vein)
            assert result[f"{analyte}_lambda_z_flags"][arm, patient] == flags
            intervals = [interval(time, c, k, starts, length, doses, boluses, drug, by_vein) for k in range(len(starts))]
            for k, v in enumerate(intervals):
                v["accumulation"] = v["auc_tau"] / intervals[0]["auc_tau"] if k and "auc_tau" in v else np.nan
            last = intervals[-1] if "auc_tau" in intervals[-1] else {}
            for metric in METRICS:
                name = f"{analyte}_{metric}"
                if name not in result:
                    assert metric in ("cl", "cl_f", "vz", "vz_f", "vss", "mrt") and not drug, name
                    continue
                of_last = last.get(metric, np.nan)
                compare((name, arm, patient), result[name][arm, patient], profile.get(metric, of_last))
                if name + "_interval" in result:
                    row = result[name + "_interval"][arm, patient]
                    assert np.isnan(row[len(starts):]).all()
                    for k, v in enumerate(intervals):
                        compare((name, arm, patient, k), row[k], v.get(metric, np.nan))
assert compared > 3000, compared

# The summary: as many rows as there are metrics and intervals, with the statistics of what the file holds.
rows = list(csv.DictReader(open(sys.argv[3])))
arms = [text.decode() for text in result["arm"][:]]
for row in rows:
    name = f"{row['analyte']}_{row['metric']}"
    values = result[name][arms.index(row["arm"])]
    if row["interval"]:
        arm, k = arms.index(row["arm"]), int(row["interval"]) - 1
        values = result[name + "_interval"][arm, :, k]
        assert float(row["interval_start"]) == result["interval_start"][arm, k]
    values = values[~np.isnan(values)]
    assert int(row["n"]) == len(values), row
    if len(values):
        assert np.isclose(float(row["mean"]), values.mean(), rtol=1e-12), row
        assert np.isclose(float(row["median"]), np.median(values), rtol=1e-12), row
        assert np.isclose(float(row["sd"]), values.std(ddof=1), rtol=1e-9, atol=1e-12), row
        if values.min() > 0:
            assert np.isclose(float(row["geometric_mean"]), np.exp(np.log(values).mean()), rtol=1e-12), row
of_intervals = [row for row in rows if row["interval"]]
names = [name for name in result if name.endswith("_interval")]
assert len(of_intervals) == len(names) * sum(len(doses) for doses, _, _ in ARMS), len(of_intervals)
assert len(rows) - len(of_intervals) == len(ARMS) * sum(
    1 for name in result if result[name].attrs.get("role") in (b"metric", "metric"))
print(f"{compared} numbers, the largest difference {worst:.1e}")
END

"$KETSIM" metrics --format csv >metrics.csv
for rule in "linear-up log-down" linear; do
    "$KETSIM" run study.yaml --set "exposure.auc=$rule" -o "$rule.h5" --quiet
    "$KETSIM" summary "$rule.h5" --format csv >summary.csv
    "$python" recompute.py "$rule.h5" "$rule" summary.csv
done
