#!/usr/bin/env bash
# The page of `ketsim serve` in Chromium, against the program. Screenshots stay in page/cli_browser/pictures of the build folder.
. "$SOURCE_DIR/tests/page.sh"

CHROMIUM=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $CHROMIUM ]]; then
    echo "skipped: there is no chromium"
    exit 77
fi
GNUPLOT=$(command -v gnuplot || true)
PICTURES=$PWD/pictures
export CHROMIUM GNUPLOT PICTURES
page_tests tests/browser
