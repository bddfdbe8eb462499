#!/usr/bin/env bash
# Runs what the README shows: its study, and each line of its `sh` block, in an empty folder.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

block() {
    awk -v start="\`\`\`$1" '$0 == start {inside = 1; next} /^```/ {inside = 0} inside' "$SOURCE_DIR/README.md"
}

cp -r "$SOURCE_DIR/configs" . # the README is read at the root
block yaml >study.yaml
sed -i 's/count: 1000/count: 40/' study.yaml
ketsim() {
    "$KETSIM" "$@"
}
count=0
while IFS= read -r line; do
    echo "\$ $line"
    eval "$line" >output 2>messages || {
        cat output messages
        echo "the README shows a command that fails: $line"
        exit 1
    }
    count=$((count + 1))
done < <(block sh)
echo "$count commands of the README ran"
((count >= 8))
"$KETSIM" summary out.h5 --format csv | grep "^nasal,esketamine,cmax," >cmax.csv
[[ -s out.h5 && -s few.h5 && ! -e out.h5.part ]]

# Relative links lead somewhere.
grep -o '](\([^)#]*\))' "$SOURCE_DIR"/README.md | sed 's/](\(.*\))/\1/' | while IFS= read -r link; do
    [[ $link == http* || -e $SOURCE_DIR/$link ]] || {
        echo "the README links to $link, which does not exist"
        exit 1
    }
done

if /usr/bin/python3 -c 'import xarray, h5netcdf' 2>/dev/null; then
    block python >show.py
    /usr/bin/python3 show.py
    echo "the README's Python ran"
fi
