#!/usr/bin/env bash
# Whether the seeds and the words of the fuzz targets hold every key of a study and of a model, so that the fuzzer need not guess them.
set -euo pipefail
cd "$SOURCE_DIR"

failed=0

# covers SUBJECT TABLE: the last parts of the keys of a schema are in the seeds and in the dictionary.
covers() {
    local key keys
    keys=$(sed -n 's/^    {"\([^"]*\)", FORM_.*/\1/p' "$2" | sed 's/\[\]//g; s/.*\.//' | grep -v '^\*$' | sort -u)
    [[ -n $keys ]] || { echo "no keys in $2" && exit 1; }
    for key in $keys; do
        if ! grep -qrwE "$key *:" "tests/fuzz/corpus/$1"; then
            echo "no seed of the target $1 has the key \"$key\""
            failed=1
        fi
        if ! grep -qw "$key" "tests/fuzz/$1.dict"; then
            echo "tests/fuzz/$1.dict lacks \"$key\""
            failed=1
        fi
    done
}

covers study app/study/study_schema.c
covers model model/model_schema.c
exit $failed
