#!/usr/bin/env bash
# The loops over lanes that are compiled for AVX2, too, give the bytes of the plain ones: whole studies by either program.
set -euo pipefail
if ! grep -qw avx2 /proc/cpuinfo 2>/dev/null; then
    echo "skipped: this machine has no AVX2"
    exit 77
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# Every number and text of a result but what differs from run to run.
content() {
    h5dump -m %.17g "$1" | grep -v "^HDF5" | awk '/ATTRIBUTE "run_/ {skipped = 1} !skipped {print} /^   }$/ {skipped = 0}'
}

for name in spravato-84mg saturable-elimination model-comparison; do
    for method in cvode exact; do
        if [[ $name == saturable-elimination && $method == exact ]]; then
            continue
        fi
        for program in "$KETSIM" "$KETSIM_PLAIN"; do
            "$program" run "$SOURCE_DIR/configs/$name.yaml" -o "$scratch/out.h5" --force --quiet --threads 2 \
                --set patients.count=70 --set solver.method="$method" --set "output.store=[profiles, exposure]" \
                --set "observe={to: 24 h, every: 30 min}"
            content "$scratch/out.h5" >"$scratch/$(basename "$program").txt"
        done
        lines=$(wc -l <"$scratch/ketsim.txt")
        if ((lines > 1000)) && cmp -s "$scratch/ketsim.txt" "$scratch/ketsim_plain.txt"; then
            echo "ok      $name, $method: the same bytes"
        else
            echo "BROKEN  $name, $method: AVX2 changes the result ($lines lines)"
            diff "$scratch/ketsim.txt" "$scratch/ketsim_plain.txt" | head -5 || true
            failed=1
        fi
    done
done
exit $failed
