#!/usr/bin/env bash
# The server of the page under hostile and under many clients: answered rightly, memory flat, no crash.
. "$SOURCE_DIR/tests/cli.sh"

PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$SOURCE_DIR/tests exec /usr/bin/python3 "$SOURCE_DIR/tests/cli_serve_load.py"
