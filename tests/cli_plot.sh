#!/usr/bin/env bash
# Pictures: that they show the numbers of the file, in every format and for every kind of study; that texts of a study stay
# texts; and that every mistake is told and leaves nothing behind.
. "$SOURCE_DIR/tests/cli.sh"

if ! command -v gnuplot >/dev/null; then
    echo "skipped: gnuplot is not installed"
    exit 77
fi

cat >study.yaml <<'YAML'
title: A nasal session and an infusion
model: perez-ruixo-2021
seed: 20261123
patients: {count: 41, covariates: {age: {uniform: {min: 20 years, max: 80 years}}}}
arms:
  - name: nasal
    regimen:
      - {route: intranasal, dose: 84 mg, on_days: [0, 1]}
  - name: infusion
    regimen:
      - {route: iv, dose: 28 mg, over: 40 min, at: 1 h, every: 12 h, times: 3}
observe: {to: 36 h, every: 20 min}
exposure: {time_above: [50 ng/mL]}
YAML
ketsim run study.yaml -o study.h5 --quiet
check "a result to draw" test -s study.h5

# draws TITLE FILE ARGUMENT...: the picture is made, says so, and is what its ending says.
draws() {
    local title=$1 file=$2 begin
    shift 2
    ketsim plot "$@" -o "$file"
    says "$title" 0 "$err" "the picture is $file"
    case $file in
    *.svg) begin='<?xml' ;;
    *.png) begin=$'\x89PNG' ;;
    *.pdf) begin='%PDF-' ;;
    *.gp) begin='# Drawn by ketsim' ;;
    esac
    check "$title: its format" [ "$(head -c ${#begin} "$file" | tr -d '\0')" = "$begin" ]
    check "$title: nothing else on stdout" is_empty "$out"
    check "$title: no other file" test ! -e "$file.part"
}

# Every study that comes with the program, in every format; effects, a single patient, one arm, a part of the time.
for file in "$SOURCE_DIR"/configs/*.yaml; do
    name=$(basename "$file" .yaml)
    if grep -q '^events:' "$file"; then
        ketsim run "$file" -o events.h5 --quiet
        continue
    fi
    fewer=()
    if grep -q '^  count: ' "$file"; then
        fewer=(--set patients.count=12)
    fi
    ketsim run "$file" "${fewer[@]}" -o "$name.h5" --quiet
    for ending in svg png pdf gp; do
        draws "$name as $ending" "$name.$ending" "$name.h5"
    done
done
ketsim run study.yaml --set patients.count=1 --set effect_site=olofsen-2022 -o one.h5 --quiet
draws "one patient" one.svg one.h5
check "one patient is called so" grep -q 'Line: one patient' one.svg
check "the limits of an effect site" grep -q 'Effect site olofsen-2022: Olofsen' one.svg
draws "a logarithmic axis" log.svg study.h5 --log
check "a logarithmic axis is told" grep -q 'Logarithmic levels' log.svg
draws "an arm and an analyte in a window" part.gp study.h5 --arm infusion --analyte noresketamine --from "1 h" --to "1 days"
check "of one arm" [ "$(grep -c '^arm_' part.gp)" = 1 ]
check "of one analyte" grep -qx "analyte_1 = 'noresketamine'" part.gp
check "from then" grep -q '^1 [0-9]' part.gp
check "to then" [ "$(grep -c '^[0-9.]* [0-9.e+-]* [0-9.e+-]* [0-9.e+-]* [0-9.e+-]* [0-9.e+-]*$' part.gp)" = 70 ]
cd .. && mkdir other && cd other || exit 1
ketsim plot ../here/study.h5 --quiet
check "without -o it is named after the result, in the current folder" test -s study.svg
check "--quiet says nothing" is_empty "$err"
cd ../here || exit 1

# What the picture must say.
ketsim plot study.h5 -o said.svg
tr '\n\t' '  ' <said.svg | sed 's/<[^>]*>/ /g; s/  */ /g' >said.txt # lines of the caption joined
for text in "A nasal session and an infusion" "Line: median of 41 patients" "25 to 75 % (darker) and 5 to 95 %" \
    "Triangle: dose" "two hours after a nasal dose" "threshold of the study, 50 ng/mL" "Perez-Ruixo C" \
    "10.1007/s40262-020-00953-4" "samples: venous" "not a medical device" "esketamine (ng/mL)" "time (h)" \
    ">nasal<" ">infusion<"; do
    check "the picture says: $text" grep -qF "$text" said.svg said.txt
done
check "a picture is the same each time" cmp -s said.svg <(cd .. && "$KETSIM" plot here/study.h5 -o again.svg -q && cat again.svg)
ketsim run study.yaml --set 'patients.covariates.age={uniform: {min: 80 years, max: 95 years}}' -o old.h5 --quiet
draws "patients outside the model's validity" old.svg old.h5
check "are told by limit" grep -q 'OUTSIDE what the model.*age of perez-ruixo-2021: [1-9][0-9]* of 82 simulations' old.svg
ketsim run study.yaml --set solver.max_steps=30 --set patients.count=3 -o failed.h5 --quiet
draws "patients who could not be simulated" failed.svg failed.h5
check "are told" grep -q 'NOT SIMULATED, and not in the curves: [1-6] of 6' failed.svg
check "an assembled model is labeled so" grep -q 'ASSEMBLED, NOT PUBLISHED' model-comparison.svg
check "arms left out are told" test "$(grep -c 'arms are drawn' dose-weight-grid.svg)" -eq 0
sed -e '/- name: infusion/,/times: 3/d' -e 's/^observe/sweep: {design: grid, dose: [28 mg, 56 mg, 84 mg, 112 mg, 140 mg, 168 mg, 196 mg, 224 mg, 252 mg, 280 mg, 308 mg, 336 mg, 364 mg]}\nobserve/' study.yaml >wide.yaml
ketsim run wide.yaml --set patients.count=2 -o wide.h5 --quiet
draws "more doses than curves" wide.svg wide.h5
check "12 of them are drawn" grep -q '12 of 13 arms are drawn' wide.svg

# The script draws the same picture.
ketsim plot study.h5 -o said.gp
gnuplot --default-settings said.gp >from-script.svg 2>"$err"
check "the script draws the same picture" cmp -s from-script.svg said.svg

# The numbers. An outside reader compares what is drawn with the file.
cat >compare.py <<'PYTHON'
import re
import sys
import h5py
import numpy

def blocks(path):
    found, name = {}, None
    for line in open(path):
        start = re.match(r"\$(\w+) << END", line)
        text = re.match(r"(arm|analyte)_(\d+) = '(.*)'$", line)
        if start:
            name = start[1]
            found[name] = []
        elif line == "END\n":
            found[name] = numpy.array(found[name], float)
            name = None
        elif name:
            found[name].append(line.split())
        elif text:
            found[text[1], text[2]] = text[3].replace("''", "'")
    return found

script, result = blocks(sys.argv[1]), h5py.File(sys.argv[2])
arms = [arm.decode() for arm in result["arm"]]
series = 0
for name in [key for key in script if not isinstance(key, tuple) and key.startswith("levels_")]:
    number = name.split("_")[1]
    arm, analyte, drawn = arms.index(script["arm", number]), script["analyte", number], script[name]
    if len(sys.argv) > 3:  # the quantiles are not in the file, but of its profiles
        wanted = numpy.nanquantile(result[analyte][arm], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0)
        assert numpy.allclose(drawn[:, 1:], wanted.T, rtol=1e-12, atol=1e-12), name
    else:
        assert (drawn[:, 1:] == result[analyte + "_quantile"][arm].T).all(), name
    assert (drawn[:, 0] == result["time"][:]).all(), name
    series += 1
print(series, "series")
for name in [key for key in script if not isinstance(key, tuple) and key.startswith("doses_")]:
    print(name, *("%g" % time for time in script[name][:, 0]))
for name in [key for key in script if not isinstance(key, tuple) and key.startswith("cmax_")]:
    means = script[name][:, 1]
    print(name, len(means), "%.9g" % (means.max() / means.min()))
PYTHON
# compares TITLE TEXT FILE.h5 [computed]: what is drawn is what is in the file, and the reader prints TEXT of it.
compares() {
    local name=${3%.h5}
    ketsim plot "$3" -o "$name.gp" --force --quiet
    /usr/bin/python3 compare.py "$name.gp" "$3" ${4-} >"$out" 2>"$err"
    status=$?
    says "$1" 0 "$out" "$2"
}
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    compares "every curve is that of the file" "4 series" study.h5
    check "nasal doses are at their times" grep -qx 'doses_1_1 0 24' "$out"
    check "infusions are at their times" grep -qx 'doses_2_2 1 13 25' "$out"
    compares "every curve of a course" "doses_1_1 0 72 168 240 336 408 504 576 672 840 1008 1176" spravato-induction.h5
    compares "every curve of a sweep" "60 series" dose-weight-grid.h5
    compares "every curve of many models" "15 series" model-comparison.h5
    ratio=$(sed -n 's/^cmax_1 4 //p' "$out")
    ketsim summary model-comparison.h5 --format csv
    check "models lie apart as the summary says: $ratio" awk -F, -v ratio="$ratio" '
        $0 ~ /esketamine,cmax,/ && $0 !~ /nor/ { for (i = 1; i <= NF; i++) if ($i / ratio > 0.999999 && $i / ratio < 1.000001) found = 1 }
        END { exit !found }' "$out"
    ketsim run study.yaml --set 'output.store=[profiles]' -o profiles.h5 --quiet
    compares "quantiles are computed where the file has profiles alone" "4 series" profiles.h5 computed
    check "and the picture says so" grep -q 'computed from the profiles' profiles.gp
    ketsim run study.yaml --set 'output.store=[quantiles]' --set 'output.quantiles=[0.1, 0.5, 0.9]' -o bands.h5 --quiet
    ketsim plot bands.h5 -o bands.gp
    check "other quantiles are called what they are" grep -q 'band: 10 to 90 % of them' bands.gp
    check "a band that is not there is not drawn" grep -q '^# time in h, then the quantiles 0.1 nan 0.5 nan 0.9$' bands.gp
    check "nor in the picture" [ "$(grep -c filledcurves bands.gp)" = 4 ]
else
    echo "note: without h5py the numbers are not compared"
fi

# Texts stay texts.
hostile="It's \\\\ \`touch pwned\` \$(touch pwned) @x _y_ {z} ^2 %d <b>&amp; \"; system('touch pwned') # END"
python_title=$(printf '%s' "$hostile" | sed 's/\\/\\\\/g; s/"/\\"/g')
sed -e '/^title/d' -e "s|name: nasal|name: \"\$END '; system(\\\\\"touch pwned\\\\\"); {/=50 x}_1\"|" study.yaml >hostile.yaml
printf 'title: "%s\\nsystem(%s)\\u0007 \\u202e end"\n' "$python_title" "'touch pwned'" >>hostile.yaml
ketsim run hostile.yaml --set patients.count=3 -o hostile.h5 --quiet
check "a study with hostile texts runs" test -s hostile.h5
for ending in svg png pdf gp; do
    draws "hostile texts as $ending" "hostile.$ending" hostile.h5
done
gnuplot --default-settings hostile.gp >hostile-script.svg
check "no text is carried out" test ! -e pwned
cat >texts.py <<'PYTHON'
import sys
import xml.etree.ElementTree
tree = xml.etree.ElementTree.parse(sys.argv[1])
print("\n".join("".join(item.itertext()).strip() for item in tree.iter("{http://www.w3.org/2000/svg}text")))
PYTHON
/usr/bin/python3 texts.py hostile.svg >"$out" 2>"$err"
status=$?
says "the title is shown as it is" 0 "$out" "It's \\\\ \`touch pwned\` \$(touch pwned) @x _y_ {z} ^2 %d <b>&amp; \"; system('touch pwned') # END"
says "control characters are shown as question marks" 0 "$out" "? ? end"
says "the arm is shown as it is" 0 "$out" "\$END '; system(\"touch pwned\"); {/=50 x}_1"

# Mistakes. refuses TITLE STATUS TEXT ARGUMENT...; gnuplot is looked for in $programs.
refuses() {
    local title=$1 expected=$2 text=$3 before
    shift 3
    before=$(find . | sort)
    PATH=${programs-$PATH} "$KETSIM" plot "$@" >"$out" 2>"$err"
    status=$?
    says "$title" "$expected" "$err" "$text"
    check "$title: no file is left" [ "$before" = "$(find . | sort)" ]
}
refuses "no result" 2 "which result? give an OUT.h5"
refuses "two results" 2 '"study.h5" is one too many' one.h5 study.h5
refuses "an unknown ending" 2 '"x.jpg" must end in .svg, .png, .pdf or .gp' study.h5 -o x.jpg
refuses "no ending" 2 'must end in .svg' study.h5 -o svg
refuses "a time without unit" 2 '--from takes a time like "2 h"' study.h5 --from 2
refuses "a time that is a mass" 2 '--to takes a time like "2 h"' study.h5 --to "2 mg"
refuses "a window that ends before it begins" 2 '--to must come after --from' study.h5 --from "3 h" --to "2 h"
refuses "a window without records" 1 'holds 0 in what is asked for; the records go from 0 h to 36 h' study.h5 --from "5 days"
refuses "an unknown analyte" 1 'has no analyte "ketamin"; did you mean "esketamine"?' study.h5 --analyte ketamin
refuses "a strange analyte" 1 'has no analyte "xyz"; its first is "esketamine"' study.h5 --analyte xyz
refuses "an unknown arm" 1 'has no arm "nasl"; did you mean "nasal"?' study.h5 --arm nasl
refuses "a strange arm" 1 'has no arm "placebo"; its first is "nasal"' study.h5 --arm placebo
refuses "no file" 1 'nothing.h5' nothing.h5
refuses "no result of ketsim" 1 'study.yaml' study.yaml
refuses "an event table" 1 'is of an event table, whose patients have times of their own' events.h5
refuses "no folder" 1 'there is no folder "nowhere"' study.h5 -o nowhere/x.svg
refuses "a picture that exists" 1 'said.svg: error: exists; --force replaces it' study.h5 -o said.svg
ketsim plot study.h5 -o said.svg --force
says "a picture is replaced with --force" 0 "$err" "the picture is said.svg"
ketsim run study.yaml --set 'output.store=[exposure]' -o exposure.h5 --quiet
refuses "nothing to draw" 1 'holds neither profiles nor the median of the patients' exposure.h5
refuses "an analyte that the arm lacks" 1 'the model of no arm that is asked for has an analyte that is asked for' \
    iv-half-mg-per-kg.h5 --arm racemate --analyte esketamine

# Sensitivity is drawn in place of levels.
draws "the sensitivity of an analyte" tornado.gp nasal-sensitivity.h5 --analyte noresketamine
check "with a panel per metric" [ "$(grep -c '^metric_' tornado.gp)" = 3 ]
check "and as many rows as axes" grep -qx '7 .*' tornado.gp
check "says of what" grep -q 'Sobol indices: first order by the estimator of Saltelli' tornado.gp
refuses "a time of sensitivity" 1 '--from, --to and --log have no use' nasal-sensitivity.h5 -o no.svg --log
refuses "sensitivity of no analyte" 1 'has no sensitivity of the analyte "morphine"' nasal-sensitivity.h5 -o no.svg --analyte morphine
refuses "sensitivity of no arm" 1 'has no sensitivity of the arm "oral"' nasal-sensitivity.h5 -o no.svg --arm oral

# gnuplot that is not there, fails, or is interrupted.
mkdir bin
programs=/nowhere refuses "without gnuplot" 1 "Debian's package is gnuplot-nox" study.h5 -o no.svg
PATH=/nowhere "$KETSIM" plot study.h5 -o without.gp 2>"$err"
status=$?
says "the script needs no gnuplot" 0 "$err" "the picture is without.gp"
printf '#!/bin/sh\necho "line 1: unknown terminal" >&2\nexit 1\n' >bin/gnuplot
chmod +x bin/gnuplot
programs=$PWD/bin:$PATH refuses "gnuplot that fails" 1 "gnuplot could not draw the picture: line 1: unknown terminal" study.h5 -o no.svg
printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
programs=$PWD/bin:$PATH refuses "gnuplot that draws nothing" 1 "gnuplot could not draw the picture" study.h5 -o no.svg
printf '#!/bin/sh\nkill -9 $$\n' >bin/gnuplot
programs=$PWD/bin:$PATH refuses "gnuplot that is ended" 1 "gnuplot was ended by signal 9" study.h5 -o no.svg
printf '#!/bin/sh\ntouch started\nexec sleep 60\n' >bin/gnuplot
PATH=$PWD/bin:$PATH "$KETSIM" plot study.h5 -o no.svg >"$out" 2>"$err" &
pid=$!
for ((i = 0; i < 100; i++)); do
    [[ ! -e started ]] || break
    sleep 0.1
done
kill -INT $pid
wait $pid
status=$?
says "an interrupted picture" 130 "$err" "interrupted; no picture is left"
check "leaves nothing" bash -c '! ls | grep -q "^no\.svg"'

finish
