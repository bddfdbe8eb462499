#!/usr/bin/env bash
# Every case of the conformance card passes, and the README shows its counts.
set -euo pipefail
status=0
card=$("$BINARY_DIR/tests/conformance") || status=$?
echo "$card"
((status == 0)) || {
    echo "some cases fail"
    exit 1
}
counts() {
    sed -n 's/^ *\(.* \(cvode\|exact\)  *[0-9]*  *[0-9]*\) .*/\1/p'
}
(($(counts <<<"$card" | wc -l) == 10))
diff <(counts <"$SOURCE_DIR/README.md") <(counts <<<"$card") || {
    echo "the card in the README has other counts: show the one above"
    exit 1
}
