#!/usr/bin/env bash
# Reports: that they say what the summary and the file say, hold the picture, and take no text of a study for HTML; and that
# every mistake is told and leaves nothing behind.
. "$SOURCE_DIR/tests/cli.sh"

if ! command -v gnuplot >/dev/null; then
    echo "skipped: gnuplot is not installed"
    exit 77
fi

# Whether a page is HTML whose tags are closed, with each id once, without scripts and without anything from elsewhere.
cat >page.py <<'PYTHON'
import html.parser
import sys

class Page(html.parser.HTMLParser):
    void = {"meta", "br", "path", "circle", "rect", "use", "feFlood", "feflood", "fecomposite", "polygon", "line"}
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.text, self.tags = [], set(), [], []
    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for key, value in attributes:
            assert not key.startswith("on"), (tag, key)
            assert key not in ("src", "action") and (key != "href" or value.startswith("https://doi.org/")), (tag, key, value)
            if key == "id":
                assert value not in self.ids, value
                self.ids.add(value)
        if tag not in self.void:
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.void:
            self.open.pop()
    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag, tag
    def handle_data(self, data):
        self.text.append(data)

page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
assert not page.open, page.open
assert not {"script", "iframe", "img", "link", "object", "b", "i"} & set(page.tags), page.tags
assert page.tags.count("h1") == page.tags.count("main") == 1
print("".join(page.text))
PYTHON
# reads FILE.html: its text goes to $out.
reads() {
    /usr/bin/python3 page.py "$1" >"$out" 2>"$err"
    status=$?
}

# Every study that comes with the program.
for file in "$SOURCE_DIR"/configs/*.yaml; do
    name=$(basename "$file" .yaml)
    ketsim run "$file" -o "$name.h5" --quiet
    ketsim report "$name.h5"
    says "a report of $name" 0 "$err" "the report is $name.html"
    check "$name: nothing on stdout" is_empty "$out"
    check "$name: no other file" test ! -e "$name.html.part"
    reads "$name.html"
    says "$name: one sound page" 0 "$out" "not a medical device"
    for part in Question Answer "What limits it" Picture Table Models "How to make it again"; do
        check "$name: $part" grep -qx -- "$part" "$out"
    done
    ketsim report "$name.h5" --format text
    says "$name as text" 0 "$out" "not a medical device"
    check "$name as text: no tags" bash -c "! grep -q '<p>\|</\|&amp;' '$out'"
done
check "a picture" grep -q '<svg .*role="img"\|role="img">' spravato-84mg.html
check "of an event table there is no picture, and the page says why" grep -q 'There is no picture: is of an event table' event-table.html
check "the population of a model" grep -q '820 subjects of 13 studies' spravato-84mg.html
check "the link to its source" grep -q 'href="https://doi.org/10.1007/s40262-020-00953-4"' spravato-84mg.html
check "what the source leaves out" grep -q 'kmet blank' spravato-84mg.html
check "an assembled model" grep -q 'ASSEMBLED, NOT PUBLISHED' model-comparison.html
check "doses in words" grep -q '56 mg: 56 mg S-ketamine intranasal on days 0, 3, 7, 10, 14, 17, 21, 24; 56 mg' spravato-induction.html
check "clamped parameters" grep -q 'set to the limit in [1-9]' spravato-84mg.html

# The numbers are those of the summary, and of the file.
ketsim summary spravato-84mg.h5 --format csv
median=$(awk -F, '/,esketamine,cmax,/ { printf "%.4g", $10 }' "$out")
ketsim report spravato-84mg.h5 --format text
says "the median peak is that of the summary" 0 "$out" "the highest esketamine is $median ng/mL in the median patient"
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    later=$(/usr/bin/python3 -c '
import h5py
file = h5py.File("spravato-84mg.h5")
levels = file["esketamine_quantile"][0, :, list(file["time"]).index(2)]
print("2 h after the first dose it is %.2f ng/mL (5 to 95 %%: %.2f to %.2f)" % (levels[2], levels[0], levels[4]))')
    says "the level after two hours is that of the file: $later" 0 "$out" "$later"
fi
ketsim summary model-comparison.h5
ratio=$(awk '/cmax, ng\/mL/ && / esketamine / && / \(4\) / { for (i = 1; i <= NF; i++) if ($(i + 1) == "(4)") { print $i; exit } }' "$out")
ketsim report model-comparison.h5 --format text
says "models lie apart as the summary says" 0 "$out" "4 models put cmax of esketamine $ratio-fold apart"

# The study in it runs again, to the same numbers.
ketsim report spravato-84mg.h5 --format text
sed -n '/^- solver_method/,/^Research and teaching/p' "$out" | sed '1d;$d' >again.yaml
ketsim run again.yaml -o again.h5 --quiet
check "the study in the report gives the same numbers" h5diff -c spravato-84mg.h5 again.h5 /esketamine_quantile

# Patients outside, failed ones, thresholds, no exposure, one patient.
cat >study.yaml <<'YAML'
title: Old patients
model: perez-ruixo-2021
seed: 20261123
patients: {count: 20, covariates: {age: {uniform: {min: 80 years, max: 95 years}}}}
arms:
  - name: nasal
    regimen:
      - {route: intranasal, dose: 84 mg, at: 1 h}
observe: {to: 12 h, every: 10 min}
exposure: {time_above: [50 ng/mL]}
YAML
ketsim run study.yaml -o old.h5 --quiet
ketsim report old.h5 --format text
says "patients outside are told" 0 "$out" "Outside what the source of perez-ruixo-2021 studied, by age:"
if /usr/bin/python3 -c 'import h5py' 2>/dev/null; then
    told=$(/usr/bin/python3 -c '
import h5py
broken = h5py.File("old.h5")["outside_validity"][0] > 0
print("%d simulations, in one arm up to %d patients (patients %s, ...)" % (broken.sum(), broken.sum(),
    ", ".join(str(i + 1) for i in broken.nonzero()[0][:5])))')
    says "counted and named as the file has them: $told" 0 "$out" "$told"
fi
check "and the first are named" grep -q 'WARNING: Outside.* (patients [0-9]*, [0-9]*' "$out"
check "thresholds" grep -q 'It is at or above 50 ng/mL for [0-9.]* h in the median patient' "$out"
check "a dose later than 0 h" grep -q 'nasal: 84 mg S-ketamine intranasal at 1 h' "$out"
ketsim run study.yaml --set solver.max_steps=1 --set applicability=ignore -o failed.h5 --quiet
ketsim report failed.h5
says "a result of which nothing could be simulated" 0 "$err" "the report is failed.html"
reads failed.html
says "says so" 0 "$out" "Not simulated, and in none of the numbers: 20 simulations (patients 1, 2, 3, 4, 5, ...)"
ketsim run study.yaml --set 'output.store=[quantiles]' -o levels.h5 --quiet
ketsim report levels.h5 --format text
says "a result without exposure" 0 "$out" "The result holds no exposure"
ketsim run study.yaml --set 'output.store=[exposure]' -o exposure.h5 --quiet
ketsim report exposure.h5
reads exposure.html
says "a result without levels" 0 "$out" "There is no picture: holds neither profiles nor the median"
ketsim run study.yaml --set patients.count=1 -o one.h5 --quiet
ketsim report one.h5 --format text
says "one patient" 0 "$out" "What levels does 1 simulated patient reach"
PATH=/nowhere "$KETSIM" report old.h5 -o without.html 2>"$err"
status=$?
says "a report without gnuplot" 0 "$err" "the report is without.html"
reads without.html
says "has a note in place of the picture" 0 "$out" "There is no picture: gnuplot, which draws pictures, is not installed"

# Hostile texts.
sed -e '/^title/d' -e 's|name: nasal|name: "</td></pre><script>alert(2)</script>\\" onload=x"|' study.yaml >hostile.yaml
printf 'title: "</title><script>alert(1)</script> <b>&amp; %%s %%n \\u0007 \\u202e"\n' >>hostile.yaml
ketsim run hostile.yaml -o hostile.h5 --quiet
ketsim report hostile.h5
reads hostile.html
says "the title is text" 0 "$out" '</title><script>alert(1)</script> <b>&amp; %s %n ? ?'
says "the arm is text" 0 "$out" '</td></pre><script>alert(2)</script>" onload=x: 84 mg'
ketsim report hostile.h5 --format text
check "nothing steers the terminal" bash -c "! grep -qP '[\x00-\x08\x0b-\x1f]' '$out'"

# Mistakes. refuses TITLE STATUS TEXT ARGUMENT...
refuses() {
    local title=$1 expected=$2 text=$3 before
    shift 3
    before=$(find . | sort)
    ketsim report "$@"
    says "$title" "$expected" "$err" "$text"
    check "$title: nothing on stdout" is_empty "$out"
    check "$title: no file is left" [ "$before" = "$(find . | sort)" ]
}
refuses "no result" 2 "which result? give an OUT.h5"
refuses "two results" 2 '"old.h5" is one too many' one.h5 old.h5
refuses "an unknown format" 2 '--format cannot be "htm"; did you mean "html"?' old.h5 --format htm
refuses "no file" 1 'nothing.h5' nothing.h5 -o x.html
refuses "no result of ketsim" 1 'study.yaml' study.yaml -o x.html
refuses "no folder" 1 'there is no folder "nowhere"' old.h5 -o nowhere/x.html
refuses "a report that exists" 1 'without.html: error: exists; --force replaces it' old.h5 -o without.html
ketsim report old.h5 -o without.html --force --quiet
check "a report is replaced with --force" test "$status" -eq 0
check "--quiet says nothing" is_empty "$err"
ketsim report old.h5 -o old.txt --format text
says "a text in a file" 0 "$err" "the report is old.txt"

finish
