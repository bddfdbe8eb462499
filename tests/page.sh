# What the tests of the page share. Sourced, not run; then the current folder is a copy of app/serve/page below the folder in which the
# page was built, where node finds its packages.
set -euo pipefail

if [[ ! -e $BINARY_DIR/page/installed ]]; then
    echo "skipped: the page is left out of this build (no node, no npm, no network, or KETSIM_PAGE is off)"
    exit 77
fi
copy=$BINARY_DIR/page/$(basename "$0" .sh)
rm -rf "$copy"
mkdir "$copy"
cp -r "$SOURCE_DIR"/app/serve/page/{src,tests,page.css,package.json,tsconfig.json} "$copy"
cd "$copy"

# page_tests NAME...: bundles and runs tests/NAME.test.ts.
page_tests() {
    npm run --silent bundle -- "${@/%/.test.ts}"
    node --test "${@/%/.test.mjs}"
}
