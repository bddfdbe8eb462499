#!/usr/bin/env bash
# The library of models: each is listed, shown with its source and equations, and reproduces its golden values.
. "$SOURCE_DIR/tests/cli.sh"

ketsim models
says "the library has a heading" 0 "$out" "patients"
check "a line of it fits a terminal" awk 'length > 110 { exit 1 }' "$out"
for file in "$SOURCE_DIR"/model/library/*.yaml; do
    name=$(basename "$file" .yaml)
    ketsim models
    says "$name is listed" 0 "$out" "$name"

    ketsim models "$name"
    cp "$out" "$work/by-name"
    says "$name is shown" 0 "$out" "$name"
    for part in citation sampling population Covariates Parameters Equations '/dt =' Levels Routes; do
        says "$name has $part" 0 "$out" "$part"
    done
    doi=$(sed -n 's/^doi: *"\{0,1\}\([^" ]*\).*/\1/p' "$file")
    says "$name has its doi" 0 "$out" "$doi"
    check "$name is shown without an excuse" is_empty "$err"

    ketsim models "$file"
    check "$name is the same from its file" cmp -s "$out" "$work/by-name"

    ketsim models "$name" --check
    if ! grep -qE '(slope|vmax):' "$file"; then
        says "$name reproduces its source" 0 "$out" "pass  $name  exact"
    fi
    says "$name reproduces its source by cvode" 0 "$out" "pass  $name  cvode"
    check "$name is not wrong anywhere" bash -c "! grep -q '^FAIL' '$out'"
done

cat >own.yaml <<'TEXT'
model: own
title: t
citation: none
drug: other
sampling: unstated
parameters:
  F: {typical: 0.6}
  R: {typical: 3, unit: mg/h}
  V: {typical: 20, unit: L}
compartments: [depot, central]
flows: [{from: depot, to: central, rate: "1.5"}, {from: central, rate: 2/V}]
routes: {iv: {inputs: [{to: central}]}}
doses: {central: {fraction: F, lag: "0.5", over: dose/2, rate: R}}
outputs: {ketamine: {amount: central, volume: V}}
TEXT
ketsim models ./own.yaml
says "a model shows how doses enter its compartments" 0 "$out" \
    '  central: F of the amount, after 0.5 h, RATE -2 over dose/2 h, RATE -1 at R mg/h'

for file in "$SOURCE_DIR"/model/effect_sites/*.yaml; do
    name=$(basename "$file" .yaml)
    ketsim models
    says "the effect site $name is listed" 0 "$out" "$name"
    ketsim models "$name"
    for part in citation doi population follows half-life 'dCe/dt' Limits; do
        says "$name has $part" 0 "$out" "$part"
    done
    ketsim models "$name" --check
    says "$name cannot be checked" 2 "$err" "$name is an effect site"
done

ketsim models --check
says "the whole library reproduces its sources" 0 "$out" "pass"
models=("$SOURCE_DIR"/model/library/*.yaml)
check "at least one line per model" test "$(cut -d " " -f 3 "$out" | sort -u | wc -l)" -eq ${#models[@]}

# What was observed in people, beside every model that can stand for it.
ketsim models --clinical
says "the clinical numbers have a caveat" 0 "$out" "A ratio is no verdict"
check "the clinical numbers are shown without an excuse" is_empty "$err"
while IFS= read -r study; do
    says "the clinical numbers name $study" 0 "$out" "$study"
done < <(cut -d , -f 1 "$SOURCE_DIR/tests/reference/clinical.csv" | tail -n +2 | sort -u)
for file in "${models[@]}"; do
    name=$(basename "$file" .yaml)
    says "the clinical numbers end with a line for $name" 0 "$out" "  $name  "
done
ketsim models --clinical otto-2021
says "the clinical numbers of one model" 0 "$out" "49.87    0.89"
says "half of a racemate is told" 0 "$out" "half of the racemate"
check "the clinical numbers of one model are of no other" bash -c "! grep -q simons-2022 '$out'"

# A model that does not reproduce its source is told.
sed 's/\(Vc: *{typical: *\)192/\1200/' "$SOURCE_DIR/model/library/perez-ruixo-2021.yaml" >changed.yaml
ketsim models changed.yaml --check
says "a model with a changed volume fails its check" 1 "$out" "FAIL"

# A model file with a mistake has a place.
sed 's/^drug:.*/drug: S-ketamin/' "$SOURCE_DIR/model/library/perez-ruixo-2021.yaml" >wrong.yaml
ketsim models wrong.yaml
says "a model file with a mistake" 2 "$err" "wrong.yaml:"
says "a model file with a mistake is guessed" 2 "$err" "S-ketamine"
check "a model file with a mistake shows nothing" is_empty "$out"

# Help and version.
ketsim --version
for part in ketsim revision SUNDIALS HDF5 GSL compiler GPL; do
    says "--version names $part" 0 "$out" "$part"
done
ketsim --help
for command in run check summary models; do
    says "--help names $command" 0 "$out" "$command"
done
for command in run check summary models; do
    ketsim "$command" --help
    says "$command --help" 0 "$out" "Usage: ketsim $command"
    check "$command --help says nothing else" is_empty "$err"
done

finish
