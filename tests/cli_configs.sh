#!/usr/bin/env bash
# Every study in configs/, of a few patients: it runs, its certificate holds, and all of its result is verified.
. "$SOURCE_DIR/tests/cli.sh"

for study in "$SOURCE_DIR"/configs/*.yaml; do
    name=$(basename "$study" .yaml)
    few=(--set patients.count=3)
    if grep -qE '^ *(events|from): [^ ]*\.csv|^patients: .*(events|from): ' "$study"; then
        few=() # the patients are those of a table
    fi
    ketsim run "$study" -o "$name.h5" "${few[@]}"
    says "runs: $name" 0 "$err" "certificate: "
    ketsim verify "$name.h5" --all
    says "is verified: $name" 0 "$out" "simulations give them again"
    check "without a word besides: $name" is_empty "$err"
done
finish
