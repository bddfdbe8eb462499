#!/usr/bin/env bash
# Courses on the command line: listed, shown, expanded to the bytes of the regimen written out, and files of one's own.
. "$SOURCE_DIR/tests/cli.sh"
. "$SOURCE_DIR/tests/same.sh"

ketsim courses
says "the list has a heading" 0 "$out" "sessions"
for file in "$SOURCE_DIR"/model/courses/*.yaml; do
    name=$(sed -n 's/^course: //p' "$file")
    ketsim courses
    says "$name is listed" 0 "$out" "$name"
    ketsim courses "$name"
    cp "$out" "$work/by-name"
    says "$name is shown with its source" 0 "$out" "source "
    ketsim courses "$file"
    check "$name is the same from its file" cmp -s "$out" "$work/by-name"
done
ketsim courses spravati
says "another name is a mistake" 2 "$err" "did you mean spravato?"

cat >top.yaml <<'TEXT'
title: Courses
model: perez-ruixo-2021
seed: 7
start: 2026-03-02 09:00
patients: {count: 10}
observe: {to: 12 weeks, every: 12 h}
exposure: {metrics: [cmax, auc_last, accumulation]}
TEXT
{
    cat top.yaml
    echo 'arms: [{name: spray, course: {name: spravato, dose: 84 mg, maintenance: {every: 2 weeks, times: 2}}}]'
} >course.yaml
{
    cat top.yaml
    cat <<'TEXT'
arms:
  - name: spray
    regimen:
      - {route: intranasal, dose: 56 mg}
      - {route: intranasal, dose: 84 mg, on_days: [3, 7, 10, 14, 17, 21, 24]}
      - {route: intranasal, dose: 84 mg, on_days: [28, 35, 42, 49]}
      - {route: intranasal, dose: 84 mg, at: 56 days, every: 2 weeks, times: 2}
TEXT
} >regimen.yaml
{
    cat top.yaml
    cat <<'TEXT'
arms:
  - name: spray
    regimen:
      - {route: intranasal, dose: 56 mg}
      - {route: intranasal, dose: 84 mg, on_dates: [2026-03-05, 2026-03-09, 2026-03-12, 2026-03-16, 2026-03-19, 2026-03-23,
                2026-03-26, 2026-03-30, 2026-04-06, 2026-04-13, 2026-04-20, 2026-04-27, 2026-05-11]}
TEXT
} >dates.yaml
for study in course regimen dates; do
    ketsim run "$study.yaml" -o "$study.h5" --quiet
    check "$study runs" test "$status" = 0
done
check "a course gives the bytes of its regimen" same course.h5 regimen.h5
check "and h5diff agrees" same_by_h5diff course.h5 regimen.h5
check "so do its dates" same course.h5 dates.h5

h5dump -a start course.h5 >"$out"
says "the file has the date at 0 h" 0 "$out" '"2026-03-02T09:00:00"'

# The study as resolved holds the regimen, and runs again.
ketsim check course.yaml
cp "$out" resolved.yaml
ketsim run resolved.yaml -o resolved.h5 --quiet
check "the resolved study gives the same bytes" same course.h5 resolved.h5

# What the command line sets, and what a sweep moves.
ketsim run course.yaml -o set.h5 --set 'arms.spray.course.dose=56 mg' --quiet
ketsim run regimen.yaml -o by-hand.h5 --quiet --set 'arms.spray.regimen.1.dose=56 mg' --set 'arms.spray.regimen.2.dose=56 mg' \
    --set 'arms.spray.regimen.3.dose=56 mg'
check "--set reaches into a course" same set.h5 by-hand.h5
for study in course regimen; do
    ketsim run "$study.yaml" -o "$study-late.h5" --quiet \
        --set 'sweep={design: grid, late: {sets: arms.spray.delay, session: 2, values: [-24 h, 0 h, 12 h]}}'
    check "a sweep delays a session of the $study" test "$status" = 0
done
check "to the same bytes" same course-late.h5 regimen-late.h5

cat >mine.yaml <<'TEXT'
course: mine
title: Two sessions
citation: made up for a test
route: intranasal
drug: S-ketamine
dose: 28 mg
phases: [{name: both, on_days: [0, 1]}]
TEXT
ketsim run course.yaml -o mine.h5 --quiet --set 'arms.spray.course={name: mine.yaml}'
check "a course of one's own runs" test "$status" = 0
sed -i 's/\[0, 1\]/[1, 0]/' mine.yaml
ketsim run course.yaml -o mine.h5 --force --quiet --set 'arms.spray.course={name: mine.yaml}'
says "its mistakes are told with their place" 2 "$err" 'mine.yaml:7:36: error: "0" is no number of days after the day before it'

finish
