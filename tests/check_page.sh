#!/usr/bin/env bash
# The page of `ketsim serve` without a browser: its types hold, its logic and its colors are right, and its lock file names no place
# to get packages from.
. "$SOURCE_DIR/tests/page.sh"

if grep -nE 'https?:|"resolved"' "$SOURCE_DIR/app/serve/page/package-lock.json"; then
    echo "FAILED: package-lock.json names where packages come from"
    exit 1
fi
npm run --silent types
page_tests tests/logic tests/palette
