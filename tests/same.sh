#!/usr/bin/env bash
# Whether two results are the same. Sourced, not run.

# An outside reader of results, to whom NaN is NaN: `same A B` compares the bytes of all variables, `same A B all`
# also the attributes, but for those that tell of the run and not of its result; `same_each A B...` does so with each B.
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    same() {
        same_as "${3-}" "$1" "$2"
    }
    same_each() {
        same_as all "$@"
    }
    same_as() {
        /usr/bin/python3 - "$@" <<'PYTHON'
import sys
import h5py

def content(path, attributes):
    found = {}
    with h5py.File(path, "r") as file:
        for name, item in [("/", file)] + list(file.items()):
            if name != "/":
                value = item[()]
                found[name] = (str(item.dtype), item.shape, value.tolist() if item.dtype == object else value.tobytes())
            for key, value in item.attrs.items():
                if attributes and not key.startswith("run_") and key != "REFERENCE_LIST" and key != "DIMENSION_LIST":
                    found[name, key] = value.tobytes() if hasattr(value, "tobytes") else value
    return found

attributes, first, *others = sys.argv[1:]
a = content(first, attributes)
for other in others:
    b = content(other, attributes)
    different = [key for key in sorted(a.keys() | b.keys(), key=str) if a.get(key) != b.get(key)]
    if different:
        sys.exit(f"{first} and {other} differ in {different}")
PYTHON
    }
else
    echo "note: without h5py only h5diff compares the results"
    same() { :; }
    same_each() { :; }
fi

# The same by HDF5's own tool: it would compare the attributes of the file as well, so variable by variable.
same_by_h5diff() {
    local variable variables
    variables=$(h5ls "$1" | cut -d ' ' -f 1)
    [[ -n $variables && $variables == "$(h5ls "$2" | cut -d ' ' -f 1)" ]] || return
    for variable in $variables; do
        h5diff -c "$1" "$2" "/$variable" || return
    done
}
