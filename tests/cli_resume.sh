#!/usr/bin/env bash
# What an interrupted run promises: whatever ends it, and however often, --resume finishes it to the bytes of a run that nobody
# interrupted. KETSIM_KILLS is how many times runs are killed at random moments (a few by default; 200 take some minutes).
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

kills=${KETSIM_KILLS:-8}
kills_of_a_run=${KETSIM_KILLS_OF_A_RUN:-4}

cat >profiles.yaml <<'YAML'
title: Levels, exposure and quantiles
model: perez-ruixo-2021
seed: 20261123
patients: {count: 1501, covariates: {age: {uniform: {min: 18 years, max: 86 years}}, asian: {probability: 0.3}}}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}, {route: intranasal, dose: 56 mg, at: 12 h}]
  - name: infusion
    regimen: [{route: iv, dose: 28 mg, over: 40 min}]
observe: {to: 24 h, every: 15 min}
exposure: {metrics: [cmax, tmax, auc_last, auc_inf], per: [profile, interval]}
thresholds: {levels: [{level: 50 ng/mL, analyte: esketamine}], after: [2 h]}
output: {store: [profiles, exposure, quantiles]}
YAML
sed 's/store: .*/store: [exposure, quantiles], precision: float32}/' profiles.yaml >quantiles.yaml
sed '/^thresholds/d; s/store: .*/store: [quantiles], quantile_method: streaming}/' profiles.yaml >counts.yaml
sed 's/store: .*/&\n/; s/quantiles\]}/quantiles], compression: deflate}/' profiles.yaml >packed.yaml
cat >design.yaml <<'YAML'
title: A design for sensitivity
model: perez-ruixo-2021
seed: 11
patients: {count: 3, covariates: {age: 45 years}}
arms: [{name: nasal, regimen: [{route: intranasal, dose: 84 mg}, {route: iv, dose: 20 mg, over: 40 min, at: 6 h}]}]
observe: {to: 24 h, every: 30 min}
sweep:
  design: saltelli
  points: 128
  Vc: {uniform: {min: 150 L, max: 250 L}}
  Qh: {uniform: {min: 60 L/h, max: 120 L/h}}
output: {store: [exposure]}
YAML
event_table 400 >table.csv
cat >events.yaml <<'YAML'
title: Rows of an event table
model: perez-ruixo-2021
seed: 7
patients: {events: table.csv, covariates: {age: 45 years}}
YAML
# The heavy break a rate, and the light the limit of steps; all blocks have both.
cat >fragile.yaml <<'YAML'
model: fragile
title: Two compartments
citation: none
drug: racemate
sampling: venous
covariates: {weight: {unit: kg, default: 70 kg}}
parameters:
  V: {typical: 10, unit: L, variability: {lognormal: {cv: 20 %}}}
  k: {typical: "weight > 88 ? 1e300 : weight > 86 ? ln(-1) : weight/700", unit: 1/h}
  back: {typical: "weight < 51 ? 1e6 : 0.05", unit: 1/h}
compartments: [central, peripheral]
flows: [{from: central, rate: k}, {from: central, to: peripheral, rate: 2*k}, {from: peripheral, to: central, rate: back}]
routes: {iv: {inputs: [{to: central}]}}
outputs: {ketamine: {amount: central, volume: V}}
YAML
cat >sick.yaml <<'YAML'
title: Some fail
model: fragile.yaml
seed: 5
patients: {count: 4001, covariates: {weight: {uniform: {min: 50 kg, max: 90 kg}}}}
arms: [{name: a, regimen: [{route: iv, dose: 10 mg, every: 6 h, times: 4}]}, {name: b, regimen: [{route: iv, dose: 20 mg}]}]
observe: {to: 24 h, every: 1 h}
output: {store: [exposure, quantiles], quantile_method: streaming}
YAML

studies=(profiles quantiles sick events counts packed design)
took=() # microseconds
for name in "${studies[@]}"; do
    started=$EPOCHREALTIME
    ketsim run $name.yaml -o $name.h5 --threads 2
    says "the reference, $name" "$([[ $name == sick ]] && echo 3 || echo 0)" "$err" "$name.h5"
    took+=($((${EPOCHREALTIME/./} - ${started/./})))
done

# Killed at random moments, on any number of threads, until so many kills have met their run.
killed=0
resumed=0
for ((run = 0; killed < kills; run++)); do
    name=${studies[run % ${#studies[@]}]}
    most=$((took[run % ${#studies[@]}] / 2))
    rm -f out.h5 out.h5.part*
    status=137
    times=0
    end=$([[ $name == sick ]] && echo 3 || echo 0)
    while ((status != end)); do
        "$KETSIM" run $name.yaml -o out.h5 --resume --threads $((RANDOM % 3 + 1)) >"$out" 2>"$err" &
        pid=$!
        if ((times < kills_of_a_run)); then
            moment=$(((RANDOM * 32768 + RANDOM) % most + 5000))
            sleep "$((moment / 1000000)).$(printf %06d $((moment % 1000000)))"
            kill -KILL $pid 2>/dev/null
        fi
        wait $pid 2>/dev/null
        status=$?
        if ((status == 137)); then
            killed=$((killed + 1))
            times=$((times + 1))
        elif ((status != end)); then
            flunk "run $run of $name goes on after $times kills" "exit status $status"
            break
        fi
    done
    resumed=$((resumed + (times > 0)))
    check "run $run of $name, killed $times times, has the bytes of the reference" same $name.h5 out.h5 all
    [[ $name != sick ]] || check "and the same fail" cmp <("$KETSIM" summary sick.h5 --failures) <("$KETSIM" summary out.h5 --failures)
    check "and leaves nothing else" bash -c '! ls | grep -q out.h5.part'
    ketsim verify out.h5
    says "and is verified" 0 "$out" "simulations give them again"
done
echo "note: $killed kills in $resumed runs"

# A run that is asked to end finishes the batches in flight, says how far it is and ends with 130.
interrupt() { # SIGNAL: a long run, and the signal once it has begun
    rm -f long.h5*
    # whoever starts the tests may have it ignored
    env --default-signal=HUP "$KETSIM" run profiles.yaml --set patients.count=200000 --set 'output.store=[exposure]' \
        -o long.h5 --threads 2 >"$out" 2>"$err" &
    pid=$!
    for ((i = 0; i < 300; i++)); do
        [[ ! -e long.h5.part ]] || break
        sleep 0.02
    done
    if sanitized; then sleep 3; else sleep 0.3; fi
    kill -"$1" $pid
    wait $pid
    status=$?
}
for signal in INT TERM HUP; do
    interrupt $signal
    says "SIG$signal" 130 "$err" "interrupted"
    says "says how far the run is" 130 "$err" 'of 400000 simulations are finished and stand in "long.h5.part"'
    check "leaves no result" test ! -e long.h5
    ketsim summary long.h5.part
    says "so does the file" 1 "$err" "of 400000 simulations are: its run goes on, or was interrupted"
done
check "which opens with other readers" bash -c 'h5dump -H long.h5.part | grep -q esketamine_cmax'

# A run that is finished has nothing left to do, as that of a job which is started once more; and is not taken for another.
before=$(cksum <packed.h5)
ketsim run packed.yaml -o packed.h5 --resume
says "a finished result" 0 "$err" "packed.h5 is finished: an earlier run of the same study made all 3002 simulations"
ketsim run packed.yaml -o packed.h5 --resume --quiet
check "nothing is said where nothing is asked" is_empty "$err"
check "and nothing is touched" test "$before" = "$(cksum <packed.h5)"
ketsim run sick.yaml -o sick.h5 --resume --quiet
says "with failures in it" 3 "$err" 'simulations failed; they are NaN and marked in `status` (`ketsim summary sick.h5 --failures`)'
ketsim run packed.yaml -o packed.h5 --resume --set seed=1
says "a result of another seed" 1 "$err" '"seed" was 20261123 and is 1 now'
says "says what to do" 1 "$err" "is there, and not what this run would make; --force replaces it"
sed 's/20 %/21 %/' fragile.yaml >other.yaml
mv fragile.yaml kept.yaml
mv other.yaml fragile.yaml
ketsim run sick.yaml -o sick.h5 --resume
says "a result of another model" 1 "$err" "another text of the model fragile"
mv kept.yaml fragile.yaml
check "are not touched" test "$before" = "$(cksum <packed.h5)"
echo mine >text.h5
ketsim run packed.yaml -o text.h5 --resume
says "nor is what is no result" 1 "$err" "text.h5: error: cannot be read"
check "but left alone" grep -q mine text.h5
cp profiles.h5 out.h5
ketsim run quantiles.yaml -o out.h5 --resume --force
says "--force replaces it all the same" 0 "$err" 'there is no "out.h5.part" to resume; the run begins anew'
check "with the right bytes" same quantiles.h5 out.h5 all

# What a run leaves that is killed when it has just given the file its name.
cp profiles.h5 out.h5
ln out.h5 out.h5.part
touch out.h5.part.counts out.h5.part.levels out.h5.part.packed
ketsim run profiles.yaml -o out.h5 --resume
says "a finished result with leftovers" 0 "$err" "out.h5 is finished"
check "which are removed" test "$(echo out.h5*)" = out.h5
cp quantiles.h5 out.h5.part
ketsim run profiles.yaml -o out.h5 --resume
says "beside what is left of another study" 0 "$err" "out.h5 is finished"
check "which is not" cmp quantiles.h5 out.h5.part
rm -f out.h5*

# What stands in the way under the names that a run uses is no file of ours, and where it leads least of all.
echo precious >precious
for ending in part part.new part.counts.new part.levels part.packed; do
    ln -s precious out.h5.$ending
    ketsim run packed.yaml -o out.h5 --quiet
    check "a link called out.h5.$ending leads nowhere" grep -q precious precious
    rm -f out.h5*
done
mkdir out.h5.part
ketsim run packed.yaml -o out.h5 --force
says "a folder of that name" 1 "$err" '"out.h5.part" is in the way, and is no regular file'
rmdir out.h5.part

# Whoever reads the messages may be gone, and standard streams may be closed: what is printed goes nowhere else.
"$KETSIM" run quantiles.yaml -o out.h5 --threads 2 >&- 2>&- <&-
status=$?
check "without standard streams" test $status = 0
check "the bytes are the same" same quantiles.h5 out.h5 all
rm out.h5
(
    sleep 0.2
    "$KETSIM" run quantiles.yaml -o out.h5 --threads 2
    echo $? >ended
) 2>&1 | true
for ((i = 0; i < 500; i++)); do
    [[ ! -e ended ]] || break
    sleep 0.02
done
check "with nobody who reads" test "$(cat ended)" = 0
check "they are, too" same quantiles.h5 out.h5 all

# Two runs do not write one file.
"$KETSIM" run profiles.yaml --set patients.count=200000 --set 'output.store=[exposure]' -o long.h5 --resume 2>"$work/other" &
pid=$!
for ((i = 0; i < 300; i++)); do
    ! grep -q 'were finished by an earlier run' "$work/other" || break
    sleep 0.02
done
ketsim run profiles.yaml -o long.h5 --resume
says "a run that is alive is left alone by --resume" 1 "$err" 'another run is writing it just now, as "long.h5.part"'
ketsim run profiles.yaml -o long.h5 --force
says "and by --force" 1 "$err" 'another run is writing it just now, as "long.h5.part"'
kill -KILL $pid
wait $pid 2>/dev/null

# What the interrupted run left is neither lost nor taken for something else.
ketsim run profiles.yaml -o long.h5
says "without --resume" 1 "$err" 'an interrupted run left "long.h5.part": --resume finishes it, --force begins anew'
resume=(run profiles.yaml -o long.h5 --resume --set 'output.store=[exposure]' --set patients.count=200000)
before=$(cksum <long.h5.part)
refuses() { # TITLE TEXT ARGUMENT...
    local title=$1 text=$2
    shift 2
    ketsim "${resume[@]}" "$@"
    says "$title" 1 "$err" "$text"
}
refuses "another number of patients" '"patients.count" was 200000 and is 300000 now' --set patients.count=300000
refuses "another seed" '"seed" was 20261123 and is 1 now' --set seed=1
refuses "another dose" '"arms.nasal.regimen.0.dose" was 84 mg and is 28 mg now' --set 'arms.nasal.regimen.0.dose=28 mg'
refuses "another tolerance" '"solver.rtol" was 1e-8 and is 1e-6 now' --set solver.rtol=1e-6
refuses "one metric less" '"exposure.metrics.3" was auc_inf and is nothing now' --set 'exposure.metrics=[cmax, tmax, auc_last]'
sed 's/^title/# a comment\n&/' profiles.yaml >commented.yaml
ketsim run commented.yaml "${resume[@]:2}"
says "another comment" 1 "$err" "was begun with another text of the study, though one that says the same"
check "none of which touches it" test "$before" = "$(cksum <long.h5.part)"

# What has been damaged since then gets no seal.
damaged() { # TITLE TEXT PYTHON: done to the file
    cp long.h5.part whole
    /usr/bin/python3 -c "import h5py; f = h5py.File('long.h5.part', 'r+'); $3; f.close()"
    ketsim "${resume[@]}"
    says "damaged: $1" 1 "$err" "$2"
    check "and there is no result" test ! -e long.h5
    mv whole long.h5.part
}
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    damaged "the study's text" "was begun with another text of the study" "f.attrs['study'] = 'title: t'"
    damaged "no seed" 'the attribute "seed" is missing' "del f.attrs['seed']"
    damaged "another title" 'the attribute "title" is not what was written' "f.attrs['title'] = 't'"
    damaged "another unit" 'the attribute "units" of "esketamine_cmax" is not what was written' \
        "f['esketamine_cmax'].attrs['units'] = 'mg/L'"
    damaged "one variable for two" '"esketamine_cmax" and "noresketamine_cmax" lie in one place' \
        "del f['noresketamine_cmax']; f['noresketamine_cmax'] = f['esketamine_cmax']"
    damaged "something more" '"more" was added' "f['more'] = 1"
fi
check "and nothing is left beside" bash -c '! ls | grep -q "long.h5.part."'
rm -f long.h5*

# A table that is another one now is another study.
for ((id = 401; id <= 60000; id++)); do
    printf '%d,0,1,84,intranasal\n%d,1,0,.,.\n' $id $id
done >>table.csv
"$KETSIM" run events.yaml -o long.h5 >"$out" 2>"$err" &
pid=$!
for ((i = 0; i < 500; i++)); do
    [[ ! -e long.h5.part ]] || break
    sleep 0.02
done
sleep 0.1
kill -KILL $pid
wait $pid 2>/dev/null
sed -i 's/^7,0,1,84/7,0,1,56/' table.csv
ketsim run events.yaml -o long.h5 --resume
says "a table that has changed" 1 "$err" 'was begun with another text of "table.csv"'
sed -i 's/^7,0,1,56/7,0,1,84/' table.csv
ketsim run events.yaml -o reference.h5

# Killed between the seal and the name: what stands behind the file is no trouble.
echo something >>long.h5.part
ketsim run events.yaml -o long.h5 --resume
says "bytes behind an unfinished file" 0 "$err" "long.h5"
check "leave no trace" same reference.h5 long.h5 all
ketsim verify long.h5
says "in its seal, too" 0 "$out" "simulations give them again"

finish
