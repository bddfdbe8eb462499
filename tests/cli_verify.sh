#!/usr/bin/env bash
# ketsim verify: whatever is damaged or edited in a result is found, is named, and does not crash anything. KETSIM_FLIPS is how many bytes are
# changed at random in each kind of file, one at a time (a few by default).
. "$SOURCE_DIR/tests/cli.sh"

flips=${KETSIM_FLIPS:-6}

cat >plain.yaml <<'YAML'
title: A spray, and the same a day later
model: perez-ruixo-2021
seed: 20261130
patients: {count: 150, covariates: {age: {uniform: {min: 18 years, max: 86 years}}}}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}]
  - name: late
    regimen: [{route: intranasal, dose: 84 mg, at: 24 h}]
observe: {to: 48 h, every: 2 h}
exposure: {metrics: [cmax, tmax, auc_last], per: [profile, interval]}
YAML
with() { # NAME KEY=VALUE...: another study that is like the plain one
    local name=$1
    shift
    ketsim check plain.yaml "$@"
    sed '/^$/q' "$out" >"$name.yaml"
}
with narrow --set output.precision=float32 --set output.compression=deflate
with levels --set 'output.store=[exposure, quantiles]'
with counts --set 'output.store=[quantiles]' --set output.quantile_method=streaming
with models --set 'models=[perez-ruixo-2021, otto-2021]' --set model= --set 'arms=[{name: a, regimen: [{route: iv, dose: 20 mg, over: 40 min, drug: S-ketamine}]}]'
