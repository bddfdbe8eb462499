#!/usr/bin/env bash
# Whether other people's readers open a result without a helper: xarray, h5py, ncdump, h5dump.
set -euo pipefail

python=/usr/bin/python3 # the system's, which has the system's packages
"$python" -c 'import h5netcdf, h5py, xarray' 2>/dev/null || exit 77
command -v ncdump >/dev/null || exit 77
command -v h5dump >/dev/null || exit 77

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >study.yaml <<'END'
title: Two sprays
model: perez-ruixo-2021
seed: 20261123
patients:
  count: 20
  variability: true
  covariates:
    age: {normal: {mean: 45 years, sd: 13 years, min: 18 years, max: 86 years}}
    asian: {probability: 0.137}
arms:
  - name: 84 mg
    regimen: [{route: intranasal, dose: 84 mg, at: 0 h}]
  - name: 56 mg
    regimen: [{route: intranasal, dose: 56 mg, at: 0 h}]
observe: {from: 0 h, to: 24 h, every: 5 min}
exposure: {metrics: [cmax, tmax, auc_last, half_life, cl_f], per: [profile, interval], time_above: [50 ng/mL]}
output: {store: [profiles, exposure, quantiles], quantiles: [0.05, 0.5, 0.95]}
END
"$KETSIM" run study.yaml -o out.h5 --quiet

"$python" - <<'END'
import h5py
import numpy
import xarray

data = xarray.open_dataset("out.h5", engine="h5netcdf")

# Names and sizes of the dimensions, and their coordinates.
checked = data.sizes["checked_variable"]
assert dict(data.sizes) == {"time": 289, "arm": 2, "patient": 20, "quantile": 3, "interval": 1, "sample": 32, "block": 1,
                            "checked_variable": checked}, data.sizes
assert data.checksum.dims == ("block", "checked_variable") and data.checksum.dtype == "uint64"
assert (data.checksum != 0).all() and set(data.checked_variable.values) < set(data.variables)
assert {"esketamine", "status", "Vc", "age", "esketamine_cmax_interval"} < set(data.checked_variable.values)
assert list(data.arm.values) == ["84 mg", "56 mg"], data.arm
assert list(data.patient.values) == list(range(1, 21)), data.patient
assert list(data["quantile"].values) == [0.05, 0.5, 0.95]
assert numpy.allclose(data.time.values, numpy.arange(289) / 12, rtol=0, atol=1e-12)
assert data.time.dtype == "float64"
assert data.esketamine.dims == ("arm", "patient", "time")
assert data.esketamine_cmax.dims == ("arm", "patient")
assert data.sample_discrepancy.dims == ("sample",) and data.sample_discrepancy.max() < data.certificate_limit
assert (data.sample_outcome == 1).all() and data.certificate_compared == 32 and data.certificate_differing == 0
assert data.certificate_discrepancy == data.sample_discrepancy.max() > 0
assert data.certificate_imbalance == data.sample_imbalance.max()
where = data.sample_discrepancy.argmax()
level = data.esketamine if data.sample_analyte[where] == 0 else data.noresketamine
level = level[int(data.sample_arm[where])].sel(patient=data.sample_patient[where], time=data.sample_time[where])
assert level == data.sample_level[where]
assert data.esketamine_cmax_interval.dims == ("arm", "patient", "interval")
assert data.interval_start.dims == data.interval_end.dims == ("arm", "interval")
assert (data.esketamine_time_above_50 <= 24).all() and "noresketamine_cl_f" not in data
assert data.esketamine_lambda_z_flags.attrs["flag_meanings"].split()[0] == "no_lambda_z"
assert data.esketamine_half_life.attrs["statistic"] == "mean"
assert data.noresketamine_quantile.dims == ("arm", "quantile", "time")
assert data.age.dims == ("patient",) and data.Vc.dims == ("patient",)
assert list(data.model.values) == ["perez-ruixo-2021"] * 2
assert list(data.arm_name.values) == ["84 mg", "56 mg"]
assert "model" in data.coords and "arm_name" in data.coords

# Every variable tells what it is.
for name, variable in data.variables.items():
    assert variable.attrs.get("units"), name
    assert variable.attrs.get("long_name"), name
assert data.esketamine.attrs["units"] == "ng/mL"
assert data.esketamine_auc_last.attrs["units"] == "ng*h/mL"
assert data.time.attrs["units"] == "h"
assert data.Vc.attrs["units"] == "L"

# What the numbers say of each other.
assert (data.status == 0).all()
assert (data.steps > 0).all()
assert numpy.isfinite(data.esketamine).all() and (data.esketamine.isel(time=0) == 0).all()
assert (data.esketamine.max("time") == data.esketamine_cmax).all()
assert (data.esketamine.idxmax("time") == data.esketamine_tmax).all()
middle = data.esketamine.quantile(0.5, "patient").drop_vars("quantile")
assert numpy.allclose(middle, data.esketamine_quantile.sel(quantile=0.5), rtol=1e-14, atol=0)
low = data.esketamine.quantile(0.05, "patient").drop_vars("quantile")
assert numpy.allclose(low, data.esketamine_quantile.sel(quantile=0.05), rtol=1e-14, atol=0)
assert data.age.min() >= 18 and data.age.max() <= 86
assert set(numpy.unique(data.asian)) <= {0, 1}
assert (data.esketamine_auc_last.sel(arm="84 mg") > data.esketamine_auc_last.sel(arm="56 mg")).all()

# What the file says of itself.
assert data.attrs["Conventions"] == "CF-1.8"
assert data.attrs["title"] == "Two sprays"
assert data.attrs["seed"] == 20261123
assert data.attrs["study"] == open("study.yaml").read()
assert "Perez-Ruixo" in data.attrs["citation_perez-ruixo-2021"]
assert "not a medical device" in data.attrs["disclaimer"]
data.close()

# Without xarray: plain numbers with plain names, and what netCDF wants of a dimension.
with h5py.File("out.h5") as file:
    assert file["esketamine"].shape == (2, 20, 289)
    assert file["esketamine"].chunks is None and file["esketamine"].dtype == "<f8"
    assert [file["esketamine"].dims[i][0].name for i in range(3)] == ["/arm", "/patient", "/time"]
    assert file["arm"].asstr()[1] == "56 mg"

# The resolved study is a study.
with open("resolved.yaml", "w") as out:
    with h5py.File("out.h5") as file:
        out.write(file.attrs["resolved_study"].decode())
END

"$KETSIM" run resolved.yaml -o again.h5 --quiet
for variable in $(h5dump -n out.h5 | awk '$1 == "dataset" {print $2}'); do
    h5diff -q out.h5 again.h5 "$variable" "$variable" || {
        echo "the resolved study gives another $variable"
        exit 1
    }
done

ncdump -h out.h5 >header.txt
grep -q 'double esketamine(arm, patient, time) ;' header.txt
grep -q 'esketamine:units = "ng/mL" ;' header.txt
grep -q 'string arm(arm) ;' header.txt
h5dump -H out.h5 >header.txt
grep -q 'DATASET "noresketamine_quantile"' header.txt
