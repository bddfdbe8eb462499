#!/usr/bin/env bash
# Every mistake a user can make ends with the right exit status and one message that says where and what,
# with nothing on stdout and no file left behind.
. "$SOURCE_DIR/tests/cli.sh"

# A right study, or what the sed script $1 makes of it.
study() {
    sed "${1-}" <<'YAML'
title: A right study
model: perez-ruixo-2021
seed: 1
patients: {count: 4, covariates: {age: 45 years}}
arms:
  - name: nasal
    regimen:
      - {route: intranasal, dose: 84 mg, at: 0 h}
observe: {to: 4 h, every: 1 h}
exposure: {metrics: [cmax, tmax]}
YAML
}

# refuses TITLE STATUS TEXT ARGUMENT...
refuses() {
    local title=$1 expected=$2 text=$3 before after
    shift 3
    before=$(find . -exec stat -c '%n %s %Y' {} + | sort)
    ketsim "$@"
    after=$(find . -exec stat -c '%n %s %Y' {} + | sort)
    if [[ -s $out ]]; then
        flunk "$title" "something is on stdout"
    elif [[ $before != "$after" ]]; then
        flunk "$title" "files have changed: $(diff <(echo "$before") <(echo "$after") | tr '\n' ' ')"
    else
        says "$title" "$expected" "$err" "$text"
    fi
}

# mistake TITLE TEXT SED: a study that was made wrong is refused, by run and by check.
mistake() {
    local title=$1 text=$2
    study "$3" >wrong.yaml
    refuses "$title" 2 "$text" run wrong.yaml
    refuses "$title, by check" 2 "$text" check wrong.yaml
}

study >right.yaml
ketsim check right.yaml
says "the study without a mistake is right" 0 "$out" "perez-ruixo-2021"

# Quantities.
mistake "a missing unit" 'wrong.yaml:8:35: error:' 's/84 mg/84/'
mistake "a volume for a dose" '84 mL' 's/84 mg/84 mL/'
mistake "a volume for a dose has a place" 'wrong.yaml:8:35: error:' 's/84 mg/84 mL/'
mistake "a negative dose" 'wrong.yaml:8:35: error:' 's/84 mg/-84 mg/'
mistake "a dose that is no number" 'wrong.yaml:8:35: error:' 's/84 mg/a few mg/'
mistake "a dose that is not finite" 'wrong.yaml:8:35: error:' 's/84 mg/inf mg/'
mistake "an age in kg" 'wrong.yaml:4:40: error:' 's/45 years/45 kg/'
mistake "no patients" 'wrong.yaml:4:19: error:' 's/count: 4/count: 0/'

# Keys.
mistake "an unknown key" 'did you mean "seed"?' 's/^seed:/sead:/'
mistake "an unknown key has a place" 'wrong.yaml:3:1: error:' 's/^seed:/sead:/'
mistake "an unknown key of a dose" 'did you mean "route"?' 's/route:/rout:/'
mistake "a duplicate key" 'wrong.yaml:4:1: error:' '3a seed: 2'
mistake "a missing key" 'observe' '/^observe/d'
mistake "a list in place of a map" 'wrong.yaml:9:10: error:' 's/^observe:.*/observe: [1 h]/'
mistake "a key without a value" 'wrong.yaml:4:22: error:' 's/{age: 45 years}}/}/'
mistake "two mistakes, the first" 'wrong.yaml:3:1: error:' 's/^seed:/sead:/; s/84 mg/84/'
mistake "two mistakes, the second" 'wrong.yaml:8:35: error:' 's/^seed:/sead:/; s/84 mg/84/'

# Names.
mistake "an unknown model" 'wrong.yaml:2:8: error:' 's/perez-ruixo-2021/perez-ruixo-2012/'
mistake "an unknown model is guessed" 'perez-ruixo-2021' 's/perez-ruixo-2021/perez-ruixo-2012/'
mistake "an unknown route" 'wrong.yaml:8:17: error:' 's/intranasal/subcutaneous/'
mistake "an unknown metric" 'wrong.yaml:10:22: error:' 's/cmax/cmaxx/'
mistake "an unknown metric is guessed" 'cmax' 's/cmax/cmaxx/'
mistake "a metric with a key of its own" 'wrong.yaml:10:22: error: time_above needs values of its own' 's/cmax/time_above/'
mistake "a metric of profiles per interval" 'wrong.yaml:10:28: error: auc_inf is a metric of whole profiles' \
    's/cmax, tmax\]/cmax, auc_inf], per: [interval]/'
mistake "a negative threshold" 'wrong.yaml:10:25: error: "-5 ng/mL" must be above 0' \
    's/^exposure:.*/exposure: {time_above: [-5 ng\/mL]}/'
mistake "an area that ends before it begins" 'wrong.yaml:10:42: error: to "1 h" must come after from' \
    's/^exposure:.*/exposure: {auc_between: [{from: 2 h, to: 1 h}]}/'
mistake "an area outside of what is observed" 'from "5 h" must lie within what is observed, 0 h to 4 h' \
    's/^exposure:.*/exposure: {auc_between: [{from: 5 h, to: 9 h}]}/'
mistake "a slope of two points" 'points "2" must lie in 3 to 1000000' 's/^exposure:.*/exposure: {lambda_z: {points: 2}}/'
mistake "an unknown covariate" 'wrong.yaml:4:35: error:' 's/age:/ages:/'
mistake "an unknown solver" 'wrong.yaml:11:18: error:' '$a solver: {method: cvodes}'

# Validity of the model.
mistake "an age outside the model's validity" 'wrong.yaml:4:40: error:' 's/45 years/100 years/; $a applicability: refuse'
mistake "an age outside the model's validity, with the range" '86' 's/45 years/100 years/; $a applicability: refuse'

# Files.
study | head -c 150 >wrong.yaml
refuses "a truncated study" 2 'wrong.yaml:' run wrong.yaml
: >wrong.yaml
refuses "an empty study" 2 'wrong.yaml' run wrong.yaml
head -c 4096 /dev/urandom >wrong.yaml
refuses "a study that is no text" 2 'wrong.yaml' run wrong.yaml
rm wrong.yaml
mkdir folder
refuses "a folder for a study" 2 'folder' run folder
refuses "a study that is not there" 2 'nowhere.yaml' run nowhere.yaml
refuses "an empty name for a study" 2 'error:' run ''

# --set.
refuses "a --set without a value" 2 '--set patients.count' run right.yaml --set patients.count
refuses "a --set of an unknown key" 2 'patients.cuont' run right.yaml --set patients.cuont=5
refuses "a --set of the wrong kind" 2 '--set patients.count=many' run right.yaml --set patients.count=many
refuses "a --set below a key that is not there" 2 'nothing.here' run right.yaml --set nothing.here=1
refuses "a --set of the wrong dimension" 2 '--set arms.0.regimen.0.dose=84 mL' \
    check right.yaml --set 'arms.0.regimen.0.dose=84 mL'

# The output.
refuses "an output in a folder that is not there" 1 'nowhere/out.h5' run right.yaml -o nowhere/out.h5
refuses "a folder for an output" 1 'folder' run right.yaml -o folder
refuses "a folder for an output, with --force" 1 'folder' run right.yaml -o folder --force
echo precious >old.h5
refuses "an output that exists" 1 '--force' run right.yaml -o old.h5
check "an output that exists is left alone" grep -qx precious old.h5
if ((EUID != 0)); then
    mkdir locked && chmod a-w locked
    refuses "an output that may not be written" 1 'locked/out.h5' run right.yaml -o locked/out.h5
fi

# The command line.
for threads in 0 -1 abc 1.5 '' 99999999999999999999; do
    refuses "--threads '$threads'" 2 "not \"$threads\"" run right.yaml --threads "$threads"
done
refuses "an unknown option" 2 "'--treads'" run right.yaml --treads 2
refuses "an option without its value" 2 'requires an argument' run right.yaml --output
refuses "an unknown command" 2 'did you mean "run"?' rnu right.yaml
refuses "a command like no other" 2 'ketsim --help' frobnicate
refuses "no arguments" 2 'COMMAND'
refuses "run without a study" 2 'STUDY.yaml' run
refuses "run with two studies" 2 'one study at a time' run right.yaml right.yaml
refuses "an event table that is not there" 2 'nowhere.csv: error: cannot be read' run right.yaml --events nowhere.csv
refuses "an event table beside a count of patients" 2 'events' run right.yaml --events right.yaml
refuses "two event tables" 2 'one event table at a time: "b.csv" is one too many' run right.yaml --events a.csv --events b.csv
refuses "summary of two results" 2 'one result at a time: "b.h5" is one too many' summary a.h5 b.h5
refuses "check without a study" 2 'STUDY.yaml' check
refuses "summary without a result" 2 'OUT.h5' summary
refuses "summary in an unknown format" 2 'did you mean "json"?' summary old.h5 --format jsn
refuses "summary of what is no result" 1 'old.h5' summary old.h5
refuses "summary of a result that is not there" 1 'nowhere.h5' summary nowhere.h5
refuses "summary of a folder" 1 'folder' summary folder
refuses "an unknown model to show" 2 'perez-ruixo-2021' models perez-ruixo-2012
refuses "a model file that is not there" 2 'nowhere.yaml' models ./nowhere.yaml
refuses "two models to show" 2 'one model at a time' models perez-ruixo-2021 perez-ruixo-2021

# Output that cannot be written.
for command in 'check right.yaml' 'models' 'models perez-ruixo-2021'; do
    # shellcheck disable=SC2086
    "$KETSIM" $command >/dev/full 2>"$err"
    status=$?
    : >"$out"
    says "\`$command' on a full disk" 1 "$err" 'cannot be written'
done

# What asks for too much is refused in a blink.
refuses_at_once() { # TITLE TEXT ARGUMENT...
    local title=$1 text=$2
    shift 2
    timeout -s KILL 10 "$KETSIM" "$@" >"$out" 2>"$err"
    status=$?
    says "$title" 2 "$err" "$text"
}
refuses_at_once "10^15 patients" "must lie in 1 to 1000000000" check right.yaml --set patients.count=1000000000000000
refuses_at_once "10^9 observations" "10000000" check right.yaml --set 'observe={to: 1000000 h, every: 0.0036 s}'
{
    echo 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'
    for i in 1 2 3 4 5 6 7 8 9; do
        echo "a$i: &a$i [$(printf "*a$((i - 1)), %.0s" 1 2 3 4 5 6 7 8 9)x]"
    done
} >bomb.yaml
refuses_at_once "aliases of aliases" "is not allowed; write the value out" check bomb.yaml
truncate -s 1G line.yaml
refuses_at_once "a line of 1 GB" "is larger than 4194304 bytes" check line.yaml

finish
