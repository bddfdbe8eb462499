#!/usr/bin/env bash
# Many processes write the result that one writes: the same bytes, whoever does what; and a process that dies leaves what can be resumed.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

if [[ ! -x ${KETSIM_MPI-} ]] || ! command -v mpirun >/dev/null; then
    echo "skipped: ketsim-mpi is not built (./dev build --mpi)"
    exit 77
fi

# ranks N ARGUMENT...: ketsim-mpi in N processes of one thread each, on however few processors.
ranks() {
    local count=$1
    shift
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMP_NUM_THREADS=1 \
        mpirun --oversubscribe --bind-to none -n "$count" "$KETSIM_MPI" "$@" >"$out" 2>"$err"
    status=$?
}

cat >profiles.yaml <<'YAML'
title: Levels, exposure and quantiles
model: perez-ruixo-2021
seed: 20261123
patients: {count: 1501, covariates: {age: {uniform: {min: 18 years, max: 86 years}}, asian: {probability: 0.3}}}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}]
  - name: infusion
    regimen: [{route: iv, dose: 28 mg, over: 40 min}]
observe: {to: 24 h, every: 15 min}
output: {store: [profiles, exposure, quantiles]}
YAML
sed 's/store: .*/store: [exposure, quantiles]}/' profiles.yaml >levels.yaml
sed 's/store: .*/store: [exposure, quantiles], quantile_method: streaming}/' profiles.yaml >counts.yaml

for name in profiles levels counts; do
    ketsim run $name.yaml -o $name.h5 --threads 2
    says "one process, $name" 0 "$err" "$name.h5"
    for count in 1 2 3; do
        ranks $count run $name.yaml -o out.h5 --force
        says "$count processes, $name" 0 "$err" "3002 simulations"
        check "$count processes make the bytes of one, $name" same $name.h5 out.h5 all
        check "and leave nothing beside" bash -c '! ls | grep -q part'
    done
done

# Studies of other kinds: points that a design draws, with timetables that differ; what each metric depends on, estimated at the end from
# what all have written; rows of an event table; finished files that are compressed.
cat >design.yaml <<'YAML'
title: A design over durations and delays
model: otto-2021
seed: 20261130
patients: {count: 7}
arms:
  - name: course
    regimen: [{route: iv, dose: 20 mg, over: 40 min, every: 24 h, times: 3}]
sweep:
  design: lhs
  points: 61
  over: {uniform: {min: 10 min, max: 2 h}}
  late: {sets: arms.course.delay, session: 2, uniform: {min: -6 h, max: 6 h}}
  weight: {normal: {mean: 75 kg, sd: 10 kg, min: 50 kg, max: 100 kg}}
observe: {to: 72 h, every: 1 h}
exposure: {metrics: [cmax, auc_last, accumulation], per: [profile, interval], from: solution}
output: {store: [profiles, exposure, quantiles], precision: float32, compression: deflate}
YAML
cat >sobol.yaml <<'YAML'
title: What a peak depends on
model: otto-2021
seed: 20261124
patients: {count: 5}
arms:
  - name: infusion
    regimen: [{route: iv, dose: 20 mg, over: 40 min}]
  - name: bolus
    regimen: [{route: iv, dose: 20 mg}]
sweep:
  design: saltelli
  points: 64
  dose: {uniform: {min: 10 mg, max: 30 mg}}
  weight: {normal: {mean: 75 kg, sd: 10 kg, min: 50 kg, max: 100 kg}}
sensitivity: {replicates: 100, patients: median}
observe: {to: 4 h, every: 10 min}
exposure: {metrics: [cmax, auc_last]}
output: {store: [exposure, quantiles]}
YAML
sed 's/saltelli/morris/; s/points: 64/points: 40/' sobol.yaml >morris.yaml
cp -r "$SOURCE_DIR/configs/event-table.yaml" "$SOURCE_DIR/configs/tables" .
for name in design sobol morris event-table; do
    ketsim run $name.yaml -o $name.h5 --threads 2 --quiet
    for count in 1 2 3; do
        ranks $count run $name.yaml -o out.h5 --force
        says "$count processes, $name" 0 "$err" "simulations in"
        check "$count processes make the bytes of one, $name" same $name.h5 out.h5 all
        check "and leave nothing beside" bash -c '! ls | grep -q part'
    done
done

# Some patients who fail are told and counted as by one process.
ketsim run profiles.yaml -o one.h5 --set solver.max_steps=30 --force
says "patients who fail, one process" 3 "$err" "3002 of 3002 simulations failed"
cp "$err" "$work/one"
ranks 2 run profiles.yaml -o out.h5 --set solver.max_steps=30 --force
says "patients who fail, two processes" 3 "$err" "3002 of 3002 simulations failed"
check "the same ones are told" cmp <(grep '  patient' "$work/one") <(grep '  patient' "$err")
check "and the bytes are the same" same one.h5 out.h5

# Failures of all processes count, of a run that was killed, too.
sed 's/count: 1501/count: 3001/; s/store: .*/store: [exposure, quantiles], quantile_method: streaming}/' profiles.yaml >sick.yaml
echo 'solver: {max_steps: 300}' >>sick.yaml
ketsim run sick.yaml -o sick.h5 --quiet --threads 2
says "some fail, one process" 3 "$err" "simulations failed"
failed=$(grep -o 'error: [0-9]*' "$err" | cut -d ' ' -f 2)
check "some, and not all" test "$failed" -gt 10 -a "$failed" -lt 6000
rm -f out.h5*
ranks 2 run sick.yaml -o out.h5 --max-failures $((failed - 1))
check "too many of all stop the run" test "$status" -ne 0
says "and are told" "$status" "$err" "stopped because more than $((failed - 1)) simulations failed"
check "there is no result" test ! -e out.h5
ranks 2 run sick.yaml -o out.h5 --resume --max-failures $((failed - 1))
says "nor does resuming make one" "$status" "$err" "stopped because more than $((failed - 1)) simulations failed"
for processes in 1 2; do
    cp out.h5.part kept.part
    cp out.h5.part.counts kept.counts 2>/dev/null || rm -f kept.counts
    ranks $processes run sick.yaml -o out.h5 --resume --max-failures "$failed"
    says "$processes processes that are allowed as many" 3 "$err" "error: $failed of 6002 simulations failed"
    check "make the bytes of one" same sick.h5 out.h5 all
    check "in which the same failed" cmp <("$KETSIM" summary sick.h5 --failures) <("$KETSIM" summary out.h5 --failures)
    ranks 2 run sick.yaml -o out.h5 --resume --quiet
    says "which is finished for all" 3 "$err" "error: $failed of 6002 simulations failed"
    rm out.h5
    mv kept.part out.h5.part
    [[ ! -e kept.counts ]] || mv kept.counts out.h5.part.counts
done
rm -f out.h5*
ranks 2 run sick.yaml -o sick.h5 --resume --set seed=2
says "what is finished and another is refused" 1 "$err" '"seed" was 20261123 and is 2 now'
check "once" test "$(grep -c '"seed" was' "$err")" -eq 1

# Mistakes are told once.
ranks 2 run nowhere.yaml
says "a study that is not there" 2 "$err" "nowhere.yaml: error: cannot be read"
check "is told once" test "$(grep -c nowhere.yaml: "$err")" -eq 1
ranks 2 run profiles.yaml -o profiles.h5
says "a result that exists" 1 "$err" "--force replaces it"
ranks 2 models
says "the work of one process" 2 "$err" "models is the work of one process"
ranks 2 optimize profiles.yaml
says "a search, too" 2 "$err" "optimize is the work of one process"

# One of the processes is killed, or all are asked to stop: what is finished stays, and is gone on with by any number of them.
sed -i 's/count: 1501/count: 40009/; s/every: 15 min/every: 60 min/' profiles.yaml counts.yaml
sed -i 's/count: 5}/count: 601}/' sobol.yaml
for name in profiles counts sobol; do
    ketsim run $name.yaml -o $name.h5 --threads 2 --force
    for signal in KILL TERM; do
        [[ $signal == TERM && $name != profiles ]] && continue
        rm -f out.h5*
        ranks 3 run $name.yaml -o out.h5 &
        for ((tries = 0; tries < 500; tries++)); do
            [[ -e out.h5.part ]] && break
            sleep 0.02
        done
        sleep 0.5
        victim=$(pgrep -n -f "^$KETSIM_MPI run $name.yaml -o out.h5")
        kill -$signal "$victim"
        wait
        check "a process met $signal: there is no result" test ! -e out.h5
        check "but the rest of one, $name" test -e out.h5.part
        check "and a word on how to go on" grep -q -e "--resume goes on" "$err"
        [[ $name != counts ]] || touch out.h5.part.counts.new out.h5.part.counts.2.new # as of one killed while it saved them
        ranks 2 run $name.yaml -o out.h5 --resume
        says "two processes go on after $signal" 0 "$err" "simulations in"
        check "to the same bytes, $name" same $name.h5 out.h5 all
        check "and nothing is left beside" bash -c '! ls | grep -q out.h5.part'
    done
done

finish
