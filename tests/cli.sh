#!/usr/bin/env bash
# What the tests of the command line share. Sourced, not run; then the current folder is an empty one of its own.
set -uo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/here"
cd "$work/here" || exit 1

out=$work/out # what the last command wrote to stdout
err=$work/err # and to stderr
status=0      # how it ended
checks=0
failures=0

# Runs ketsim, for the checks that follow.
ketsim() {
    "$KETSIM" "$@" >"$out" 2>"$err"
    status=$?
}

# A sanitizer has memory and time of its own.
sanitized() {
    grep -qaE '__(asan|tsan|msan)_init' "$KETSIM"
}

pass() {
    checks=$((checks + 1))
    printf 'ok      %s\n' "$1"
}

# Fails the check $1 because of $2, and shows what the last command said.
flunk() {
    checks=$((checks + 1))
    failures=$((failures + 1))
    printf 'FAILED  %s: %s\n' "$1" "$2"
    sed 's/^/        stdout: /' "$out" | head -n 5
    sed 's/^/        stderr: /' "$err" | head -n 5
}

# check TITLE COMMAND...: the command succeeds.
check() {
    local title=$1
    shift
    if "$@"; then
        pass "$title"
    else
        flunk "$title" "\`$*' says no"
    fi
}

# says TITLE STATUS FILE TEXT: the last command ended with STATUS and wrote TEXT to FILE.
says() {
    if ((status != $2)); then
        flunk "$1" "exit status $status, expected $2"
    elif ! grep -qF -- "$4" "$3"; then
        flunk "$1" "nothing says \"$4\""
    else
        pass "$1"
    fi
}

is_empty() {
    [[ ! -s $1 ]]
}

# Writes an event table of $1 patients, each with a dose and 3 to 9 observations, to stdout.
event_table() {
    local id row
    echo ID,TIME,EVID,AMT,CMT
    for ((id = 1; id <= $1; id++)); do
        printf '%d,0,1,84,intranasal\n' $id
        for ((row = 0; row < id % 7 + 3; row++)); do
            printf '%d,%d.%d,0,.,.\n' $id $((row + 1)) $((id % 10))
        done
    done
}

# The end of every test.
finish() {
    printf '%d checks, %d failed\n' "$checks" "$failures"
    exit $((failures > 0))
}
