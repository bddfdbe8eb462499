#!/usr/bin/env bash
# The picture on the README's first screen is what the program draws, but for the revision that made it.
. "$SOURCE_DIR/tests/cli.sh"

gnuplot --version 2>/dev/null | grep -q 'gnuplot 5\.4 ' || exit 77 # others write other SVG

# All but the text "Made by ketsim VERSION REVISION".
drawn() {
    sed 's/Made by ketsim[^<]*//' "$1"
}

ketsim run "$SOURCE_DIR/configs/spravato-84mg.yaml" -o demo.h5 --quiet
check "the study of the README's picture runs" test "$status" = 0
ketsim plot demo.h5 -o demo.svg
check "its picture is drawn" test "$status" = 0
drawn demo.svg >"$work/now"
drawn "$SOURCE_DIR/configs/spravato-84mg.svg" >"$work/then"
check "the README shows what the program draws" cmp -s "$work/now" "$work/then"
check "the README names it" grep -qF 'configs/spravato-84mg.svg' "$SOURCE_DIR/README.md"

finish
