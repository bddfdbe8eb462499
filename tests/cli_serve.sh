#!/usr/bin/env bash
# The server of the page: that its numbers are those of `ketsim run` on the study that it hands out, and that it tells
# every mistake by its key.
. "$SOURCE_DIR/tests/cli.sh"

if ! /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    echo "skipped: python3-h5py is not installed"
    exit 77
fi
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE_DIR/tests exec /usr/bin/python3 "$SOURCE_DIR/tests/cli_serve.py"
