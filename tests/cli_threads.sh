#!/usr/bin/env bash
# However many threads OpenMP gives when --threads asks for some: the same bytes, and no crash.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

cat >study.yaml <<'YAML'
title: Threads
model: perez-ruixo-2021
seed: 1
patients: {count: 500}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}]
observe: {to: 24 h, every: 1 h}
YAML

ketsim run study.yaml -o reference.h5 --threads 1 --quiet
check "the reference" test "$status" = 0
for set in OMP_NUM_THREADS=1 OMP_NUM_THREADS=2 OMP_DYNAMIC=true OMP_THREAD_LIMIT=1 OMP_THREAD_LIMIT=3 OMP_SCHEDULE=static; do
    env "$set" "$KETSIM" run study.yaml -o out.h5 --force --quiet --threads 8 >"$out" 2>"$err"
    status=$?
    check "$set: the run" test "$status" = 0
    check "$set: the bytes" same reference.h5 out.h5 all
done
OMP_NUM_THREADS=3 ketsim run study.yaml -o out.h5 --force --quiet
check "without --threads, as many as OpenMP says" same reference.h5 out.h5 all

finish
