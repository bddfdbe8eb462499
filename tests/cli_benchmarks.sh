#!/usr/bin/env bash
# The benchmarks as CI runs them: figures, older figures, another build; what is reported, and the exit status.
set -euo pipefail
bench=$BINARY_DIR/bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    cat "$work/out" >&2
    exit 1
}

# Runs bench with the arguments $2... and demands exit status $1; what it said is in $work/out.
expect() {
    local status=0
    "$bench" "${@:2}" >"$work/out" 2>&1 || status=$?
    ((status == $1)) || fail "bench ${*:2}: exit status $status, not $1"
}

# Demands that the last run said $1.
said() {
    grep -qF -- "$1" "$work/out" || fail "not said: $1"
}

expect 2 w9
said '"w9" is no workload; there are w1, w2, b1, b2, b3, n1'
expect 2 --pairs 3
said '--pairs takes a whole number from 15 to 1000, not "3"'
expect 2 --junit "$work/x.xml"
said '--junit stores verdicts: it needs --against or --against-build'
expect 2 --against a --against-build b
said '--against or --against-build, not both'
expect 2 --build a
said '--build needs --against-build'
expect 2 --against "$work/none.json"
said 'none.json:-1:-1: unable to open'
expect 1 --against-build "$work/none" w1
said "w1: $work/none/ketsim: exit status 127"

# Figures, and the same figures again: what is not timed is the same to the last digit.
expect 0 --quick --json "$work/before.json" n1
said 'SUNDIALS'
said 'The figures are in'
python3 - "$work/before.json" <<'PYTHON'
import json, sys
figures = json.load(open(sys.argv[1]))
assert figures["format"] == 1
assert all(figures["machine"][key] for key in ("processor", "cores", "kernel"))
assert all(figures["ketsim"][key] for key in ("version", "revision", "compiler", "sundials"))
(n1,) = figures["workloads"]
assert n1["name"] == "n1" and list(n1["methods"]) == ["baseline", "cvode"]
cvode = n1["methods"]["cvode"]
assert cvode["patients_per_second"]["low"] <= cvode["patients_per_second"]["median"]
assert cvode["ratio_to_baseline"]["median"] > 0 and len(cvode["ratio_to_baseline"]["samples"]) == 3
assert cvode["steps"] > 0 and cvode["evaluations"] >= cvode["steps"] and 0 < cvode["error"] < 1e-6
assert cvode["written"]["peak_memory_mib"] > 1
PYTHON
expect 0 --quick --json "$work/now.json" --against "$work/before.json" --junit "$work/verdicts.xml" n1
said '0 worse, 0 better, 0 unclear'
grep -q '<testsuite name="ketsim benchmarks" tests="3" failures="0" skipped="0">' "$work/verdicts.xml" || fail 'JUnit'

# One step fewer before: more now.
python3 - "$work" <<'PYTHON'
import json, sys
figures = json.load(open(sys.argv[1] + "/before.json"))
figures["workloads"][0]["methods"]["cvode"]["steps"] -= 1
json.dump(figures, open(sys.argv[1] + "/fewer.json", "w"))
figures["format"] = 99
json.dump(figures, open(sys.argv[1] + "/future.json", "w"))
PYTHON
expect 1 --quick --json "$work/now.json" --against "$work/fewer.json" --junit "$work/verdicts.xml" n1
grep -qE '^n1 cvode +steps .* WORSE$' "$work/out" || fail 'one step more was not found'
said '1 worse'
grep -q '<failure message="now / before 1.000, from 1.000 to 1.000: WORSE"/>' "$work/verdicts.xml" || fail 'JUnit'
expect 2 --quick --json "$work/now.json" --against "$work/future.json" n1
said 'these are not figures of format 1'
expect 2 --quick --json "$work/now.json" --against "$work/before.json" w1
said 'holds none of the workloads measured'

# A build that does three times the work: found. Instrumented builds are too slow to be timed.
if grep -qE '^KETSIM_(SANITIZE:[A-Z]+=.+|COVERAGE:[A-Z]+=ON)$' "$BINARY_DIR/CMakeCache.txt"; then
    exit 0
fi
mkdir "$work/slow"
cat >"$work/slow/ketsim" <<SCRIPT
#!/usr/bin/env bash
for word; do
    if [[ \$word == patients.count=* ]]; then
        word=patients.count=\$((\${word#*=} * 3))
    fi
    words+=("\$word")
done
exec "$KETSIM" "\${words[@]}"
SCRIPT
chmod +x "$work/slow/ketsim"
expect 1 --quick --pairs 15 --build "$work/slow" --against-build "$BINARY_DIR" --junit "$work/verdicts.xml" n1
grep -qE '^n1 cvode +processor time .* WORSE$' "$work/out" || fail 'a build that is three times slower was not found'
grep -q '<failure message=' "$work/verdicts.xml" || fail 'JUnit'
# The same build is not slower than itself.
expect 0 --quick --pairs 15 --against-build "$BINARY_DIR" n1
