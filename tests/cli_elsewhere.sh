#!/usr/bin/env bash
# Result files that point into other files: nothing but the file itself is opened. A pipe that nobody writes to would be waited for.
. "$SOURCE_DIR/tests/cli.sh"

python=/usr/bin/python3 # the system's, which has the system's packages
"$python" -c 'import h5py' 2>/dev/null || exit 77

cat >study.yaml <<'YAML'
title: Two patients
model: otto-2021
seed: 1
patients: {count: 2}
arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 40 min}]}]
observe: {to: 2 h, every: 30 min}
YAML
ketsim run study.yaml -o honest.h5 --quiet
check "an honest result is written" test -s honest.h5
mkfifo pipe

cat >lie.py <<'END'
import shutil
import sys
import h5py
from h5py import h5d, h5p, h5s

kind, name = sys.argv[1:]
shutil.copy("honest.h5", "lie.h5")
with h5py.File("lie.h5", "r+") as file:
    shape, of = file[name].shape, file[name].dtype
    attributes = {k: v for k, v in file[name].attrs.items() if k not in ("DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME")}
    del file[name]
    if kind == "link":
        file[name] = h5py.ExternalLink("pipe", "/" + name)
        sys.exit()
    if kind == "storage":
        file.create_dataset(name, shape, of, external=[("pipe", 0, h5py.h5f.UNLIMITED)])
    if kind == "virtual":  # without an end: how large it is only the other file says
        space = h5s.create_simple(shape, (h5s.UNLIMITED,) + shape[1:])
        rest = (1,) * (len(shape) - 1)
        space.select_hyperslab((0,) * len(shape), (h5s.UNLIMITED,) + rest, (1,) + rest, (1,) + shape[1:])
        creation = h5p.create(h5p.DATASET_CREATE)
        creation.set_virtual(space, b"pipe", b"/x", space)
        h5d.create(file.id, name.encode(), h5py.h5t.py_create(of), space, creation)
    for key, value in attributes.items():
        file[name].attrs[key] = value
END

# elsewhere KIND NAME: no command waits for the pipe.
elsewhere() {
    local command
    "$python" lie.py "$1" "$2"
    for command in "summary lie.h5" "summary lie.h5 --failures" "plot lie.h5 -o lie.gp --force" "report lie.h5 -o lie.html --force" "verify lie.h5"; do
        # shellcheck disable=SC2086
        timeout 20 "$KETSIM" $command >"$out" 2>"$err"
        status=$?
        says "$1 $2: ketsim $command" 1 "$err" "lie.h5: error: "
    done
}

for name in time status; do
    elsewhere link $name
    elsewhere storage $name
    elsewhere virtual $name
done

finish
