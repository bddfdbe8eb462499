#!/usr/bin/env bash
# Executes the rules of the design: which folder may include what, what the lower folders may not do,
# and that every folder explains itself. One line per rule; below a broken one, the places that break it.
set -euo pipefail
cd "$SOURCE_DIR"

broken=0

# Reports rule $1, broken by the lines of $2; none means that it holds.
rule() {
    if [[ -z $2 ]]; then
        printf 'ok      %s\n' "$1"
    else
        printf 'BROKEN  %s\n' "$1"
        sed 's/^/        /' <<<"$2"
        broken=1
    fi
}

sources() {
    find "$@" -name '*.[ch]' | sort
}

# Where the files of folders $2... include a header that matches $1, as FILE:LINE:TEXT.
includes() {
    local header=$1
    shift
    sources "$@" | xargs -r grep -nHE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"](\.\./)*($header)[>\"]" || true
}

# Dependencies point one way.
rule "model/ includes nothing of solver/ or app/" "$(includes '(solver|app)/.*' model)"
rule "solver/ includes nothing of app/" "$(includes 'app/.*' solver)"

# Within app/, too: folder, and which others it may include.
while read -r folder others; do
    found=$(includes 'app/([a-z]+/)?[a-z_]+\.h' "app/$folder")
    rule "app/$folder/ includes of app/ only ${others:-itself}" "$(grep -vE "\"app/(${others// /|})/" <<<"$found" || true)"
done <<'TABLE'
base
study base
results base
verify base study results
report base study results
models base study
serve base study results report
TABLE
rule "the folders of app/ that may be included by others are these" "$(
    find app -mindepth 1 -maxdepth 1 -type d | grep -vE '^app/(base|study|results|verify|report|models|serve)$')"

# Each big library behind one door: library, its headers, folder of the door, how many files may include it.
while read -r library headers folder most; do
    found=$(includes "$headers" model solver app)
    files=$(cut -d: -f1 <<<"$found" | sort -u | wc -l)
    strangers=$(grep -v "^$folder/" <<<"$found" || true)
    ((files <= most)) || strangers=$found
    rule "$library is included only in $folder/, by at most $most file(s)" "$strangers"
done <<'TABLE'
libyaml     yaml\.h                                         model   1
UDUNITS-2   udunits2\.h                                     model   1
muParser    muParser.*\.h                                   model   1
Random123   Random123/.*                                    model   1
SUNDIALS    (cvodes?|sundials|nvector|sun[a-z]+)/.*         solver  2
OpenMP      omp\.h                                          solver  1
xxHash      xxhash\.h                                       app     1
HDF5        (hdf5|hdf5_hl|H5.*)\.h                             app     1
MPI         mpi\.h                                          app     1
microhttpd  microhttpd\.h                                   app     1
TABLE

found=$(includes '(cvodes?|sundials|nvector|sun[a-z]+)/.*' benchmarks)
rule "of benchmarks/ only the baseline includes SUNDIALS" "$(grep -v '^benchmarks/baseline.c:' <<<"$found" || true)"

# A library gives a status; it does not print and does not end the program. Comments may speak of it.
rule "model/ and solver/ never print or exit" "$(sources model solver |
    xargs -r grep -nHE '(^|[^[:alnum:]_])(v?f?printf|f?puts|f?putc|putchar|perror|_?exit|_Exit|abort)[[:space:]]*\(' |
    grep -vE '^[^:]+:[0-9]+:[[:space:]]*(/?\*|//)' || true)"

# Sanitizers and coverage keep counters of their own, so only a plain build can be judged. Constant tables that
# hold addresses lie in .data.rel.ro and are fine.
if grep -qE '^KETSIM_(SANITIZE:[A-Z]+=.+|COVERAGE:[A-Z]+=ON)$' "$BINARY_DIR/CMakeCache.txt"; then
    echo "skipped model/ and solver/ have no mutable state: this build is instrumented"
else
    rule "model/ and solver/ have no mutable state" "$(
        for archive in "$BINARY_DIR"/libketsim_{model,solver}.a; do
            [[ -e $archive ]] || echo "$archive: missing"
        done
        nm --format=sysv "$BINARY_DIR"/libketsim_{model,solver}.a | awk -F'|' '
            /\.a\[/ { file = $0; sub(/.*libketsim_/, "", file); sub(/\.a\[/, "/", file); sub(/\.o\].*/, "", file) }
            { gsub(/ /, "") }
            $7 ~ /^\.t?(data|bss)/ && $7 !~ /^\.data\.rel\.ro/ || $3 == "C" { print file ": " $1 " in " $7 }'
    )"
fi

rule "every folder has a README.md" "$(for folder in model solver app configs benchmarks tests; do
    [[ -s $folder/README.md ]] || echo "$folder/README.md: missing"
done)"

rule "no source file is longer than 500 lines" "$(
    find model solver app tests benchmarks \( -name '*.[ch]' -o -name '*.sh' \) -exec wc -l {} + |
        awk '$2 != "total" && $1 > 500 { print $2 ":" $1 ": the last line" }')"

exit "$broken"
