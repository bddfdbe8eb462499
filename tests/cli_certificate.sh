#!/usr/bin/env bash
# The certificate as a user sees it: a line on every run, in the summary and in the report; a program that computes wrong numbers says so,
# of whom, when and by how much. KETSIM_WRONG has an error of 1e-5 planted in CVODE, for the first patient of every batch.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

cat >study.yaml <<'YAML'
title: Checked
model: perez-ruixo-2021
seed: 1
patients: {count: 20}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}]
observe: {to: 24 h, every: 15 min}
YAML

ketsim run study.yaml -o right.h5 --threads 2
says "what was compared is told" 0 "$err" 'certificate: 20 simulations solved again by the exact propagator agree: levels within '
says "with the limit" 0 "$err" '(limit 5e-06), mass balance within '
ketsim run study.yaml -o quiet.h5 --quiet
check "nothing is said with --quiet" is_empty "$err"
ketsim summary right.h5
says "the summary says it" 0 "$out" 'certificate: 20 simulations solved again by the exact propagator agree'
ketsim summary right.h5 --format json
says "and for programs" 0 "$out" '"differing": 0'
ketsim report right.h5 --format text -o right.txt
check "the report says it" grep -q '20 simulations solved again by the exact propagator agree' right.txt
ketsim run study.yaml -o exact.h5 --set solver.method=exact
says "the exact propagator is checked by CVODE" 0 "$err" '20 simulations solved again by CVODE at rtol 1e-09 agree'
ketsim run study.yaml -o coarse.h5 --set solver.rtol=1e-4
says "who asks for less gets what was asked for" 0 "$err" '(limit 0.05)'
ketsim run "$SOURCE_DIR/configs/saturable-elimination.yaml" -o saturable.h5 --set patients.count=40
says "models that are not linear are checked at a finer tolerance" 0 "$err" 'solved again by CVODE at rtol 1e-10 agree'
ketsim run "$SOURCE_DIR/configs/event-table.yaml" -o events.h5
says "event tables are checked" 0 "$err" 'certificate: 3 simulations solved again by the exact propagator agree'

KETSIM_RIGHT=$KETSIM
KETSIM=$KETSIM_WRONG
ketsim run study.yaml -o wrong.h5 --quiet
says "wrong numbers have their exit status" 3 "$err" 'error: 1 of 20 simulations that were solved again by the exact propagator do not agree'
says "where they are marked" 3 "$err" '`sample_outcome` of wrong.h5'
says "who" 3 "$err" 'patient 1 in arm "nasal" at '
says "by how much" 3 "$err" 'by the exact propagator; that is a difference of 1e-05, and the limit is 5e-06'
says "what to do" 3 "$err" 'lower solver.rtol'
ketsim run study.yaml -o wrong3.h5 --quiet --set solver.method=exact
check "an error of CVODE at the run's tolerances is none of the exact propagator" test "$status" = 0
ketsim run "$SOURCE_DIR/configs/saturable-elimination.yaml" -o wrong4.h5 --quiet --set patients.count=40
says "of models that are not linear, too" 3 "$err" 'solved again by CVODE at rtol 1e-10 do not agree'
cat >search.yaml <<'YAML'
title: Searched
model: perez-ruixo-2021
seed: 1
patients: {count: 100}
arms: [{name: infusion, regimen: [{route: iv, dose: 20 mg, over: 40 min}]}]
optimize:
  {vary: dose, from: 10 mg, to: 40 mg, step: 10 mg, prefer: largest, constraints: [{probability: {analyte: esketamine, metric: cmax, above: 150 ng/mL}, at_most: 50 %}]}
observe: {to: 2 h, every: 20 min}
exposure: {metrics: [cmax]}
YAML
ketsim optimize search.yaml
says "a search for doses that cannot be relied on" 3 "$err" 'simulations solved again by the exact propagator do not agree: levels within 1e-05 (limit 5e-06)'
check "and its answer says so" grep -q 'do not agree' "$out"
KETSIM_PLANTED=unsolved ketsim run study.yaml -o unsolved.h5 --quiet
says "where nothing could be solved again" 3 "$err" 'error: none of the 20 simulations of the sample could be solved again by the exact propagator'
KETSIM_PLANTED=unsolved ketsim optimize search.yaml
says "nor in a search" 3 "$err" 'error: no simulation was solved again by the exact propagator; '
# The page: wrong levels are not shown.
PYTHONPATH=$SOURCE_DIR/tests PYTHONDONTWRITEBYTECODE=1 KETSIM_PLANTED=exact KETSIM=$KETSIM /usr/bin/python3 - >served.txt 2>&1 <<'PYTHON'
import serve
server = serve.Server()
print(server.simulate({"models": ["perez-ruixo-2021"], "route": "iv", "dose": "20 mg", "over": "40 min", "patients": 20}))
print(server.ask("POST", "/api/plot?format=svg", {"models": ["perez-ruixo-2021"], "route": "iv", "dose": "20 mg", "over": "40 min", "patients": 20}))
server.end()
PYTHON
check "the page shows no such levels" test "$(grep -c '^(503, .*the levels cannot be relied on, and are not shown: 1 of 20 simulations' served.txt)" = 2
KETSIM=$KETSIM_RIGHT
ketsim optimize search.yaml
says "a search is checked" 0 "$out" 'certificate: 32 simulations solved again by the exact propagator agree'
ketsim optimize search.yaml --format json
says "and says so to programs" 0 "$out" '"compared": 32'
ketsim report unsolved.h5 --format text -o unsolved.txt
check "the report warns of what nothing vouches for" grep -q 'no simulation was solved again by the exact propagator; 20 could not be' unsolved.txt
ketsim summary wrong.h5
says "the summary says so" 0 "$out" 'certificate: 1 of 20 simulations solved again by the exact propagator do not agree'
ketsim report wrong.h5 --format text -o wrong.txt
check "the report warns" grep -q '1 of 20 simulations solved again by the exact propagator do not agree' wrong.txt
check "the file says who" test "$(h5dump -d sample_outcome -y wrong.h5 | tr -d ' \n' | grep -o 'DATA{2,1,1,' | head -n 1)" = 'DATA{2,1,1,'

# Threads and interruptions: the same numbers, of a larger run. Those of processes are compared in cli_mpi.sh.
ketsim run study.yaml -o one.h5 --threads 1 --set patients.count=3000 --quiet
ketsim run study.yaml -o seven.h5 --threads 7 --set patients.count=3000 --quiet
check "the same for any number of threads" same one.h5 seven.h5 all
check "and it is a sample" test "$(h5dump -H -d sample_discrepancy one.h5 | grep -c '( 32 )')" = 1

finish
