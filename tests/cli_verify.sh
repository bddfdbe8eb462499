#!/usr/bin/env bash
# ketsim verify: whatever is damaged or edited in a result is found and named, and nothing crashes. KETSIM_FLIPS is how many bytes are changed
# at random in each kind of file, one at a time (a few by default; 200 take some minutes).
. "$SOURCE_DIR/tests/cli.sh"

flips=${KETSIM_FLIPS:-5}

cat >plain.yaml <<'YAML'
title: A spray, and the same a day later
model: perez-ruixo-2021
seed: 20261130
patients: {count: 150, covariates: {age: {uniform: {min: 18 years, max: 86 years}}}}
arms:
  - name: nasal
    regimen: [{route: intranasal, dose: 84 mg}]
  - name: late
    regimen: [{route: intranasal, dose: 84 mg, at: 24 h}]
observe: {to: 48 h, every: 4 h}
exposure: {metrics: [cmax, tmax, auc_last], per: [profile, interval]}
YAML
{
    cat plain.yaml
    echo 'output: {store: [exposure, quantiles], precision: float32}'
} >levels.yaml
sed 's/store: .*/store: [profiles, exposure, quantiles, observations], precision: float32, compression: deflate}/; s/every: 4 h/every: 1 h/' levels.yaml >packed.yaml
sed 's/store: .*/store: [quantiles], quantile_method: streaming}/' levels.yaml >counts.yaml
sed -e '/^arms/,/at: 24 h/d' -e 's/^model:.*/models: [perez-ruixo-2021, otto-2021]/' \
    -e 's/covariates: {/&weight: 70 kg, /' plain.yaml >models.yaml
cat >>models.yaml <<'YAML'
effect_site: olofsen-2022
arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 40 min, drug: S-ketamine}]}]
YAML
cat >design.yaml <<'YAML'
title: A design for sensitivity, of a model of one's own and patients of a table
model: ./mine.yaml
seed: 3
patients: {from: patients.csv}
arms: [{name: a, regimen: [{route: iv, dose: 20 mg, over: 40 min}]}]
observe: {to: 8 h, every: 1 h}
sweep: {design: saltelli, points: 16, dose: {uniform: {min: 10 mg, max: 30 mg}}, over: {uniform: {min: 20 min, max: 60 min}}}
YAML
sed 's/^model: .*/model: mine/' "$SOURCE_DIR/model/library/otto-2021.yaml" >mine.yaml
printf 'ID,weight [kg]\n11,60\n17,80.5\n' >patients.csv
event_table 40 >table.csv
cat >events.yaml <<'YAML'
title: Rows of an event table
model: perez-ruixo-2021
seed: 7
patients: {events: table.csv, covariates: {age: 45 years}}
output: {store: [profiles, exposure]}
YAML
kinds=(plain levels packed counts models design events)
for name in "${kinds[@]}"; do
    ketsim run $name.yaml -o $name.h5 --threads 2
    says "a result, $name" 0 "$err" "$name.h5"
done
# Texts beyond what the header of a variable takes, in files as they are written and in compressed ones.
long=$(printf 'all work %.0s' {1..9000})
for compression in none deflate; do
    {
        printf 'title: %s\noutput: {store: [profiles], compression: %s}\n' "${long% }" $compression
        sed 1d plain.yaml
    } >long.yaml
    ketsim run long.yaml -o long-$compression.h5
    says "long texts, $compression" 0 "$err" "long-$compression.h5"
    ketsim verify long-$compression.h5 --all
    says "are verified" 0 "$out" "300 of 300 simulations give them again"
done
# Nothing outside the file is needed: models, tables and the study are in it.
rm patients.csv table.csv ./*.yaml
for name in "${kinds[@]}"; do
    ketsim verify $name.h5
    says "is verified, $name" 0 "$out" "$name.h5: its bytes are those that were written, and"
    check "without a word besides" is_empty "$err"
    ketsim verify $name.h5 --all --threads 3
    says "all of it, $name" 0 "$out" "simulations give them again"
done
ketsim verify plain.h5
says "of a sample quantiles are computed from levels that are stored" 0 "$out" "the same holds for what follows from them: quantiles"
ketsim verify levels.h5
says "and not from others" 0 "$out" "quantiles are of levels that the file does not hold: --all computes them again"
ketsim verify counts.h5 --all
says "which --all computes" 0 "$out" "the same holds for what follows from them: quantiles"
ketsim verify design.h5
says "and sensitivity from metrics" 0 "$out" "from them: quantiles sensitivity"

# --- Wrong use, and what is no result ---
ketsim verify
says "without a file" 2 "$err" "OUT.h5"
ketsim verify plain.h5 --al1
says "an unknown option" 2 "$err" "unrecognized option"
ketsim verify nowhere.h5
says "a file that is not there" 1 "$err" "nowhere.h5: error: cannot be read: No such file or directory"
ketsim verify .
says "a folder" 1 "$err" "it is no file"
: >empty.h5
ketsim verify empty.h5
says "an empty file" 1 "$err" "the seal at its end is damaged or missing"
check "which holds no result" grep -q "empty.h5: error: cannot be read" "$err"
head -c 3000 plain.h5 >short.h5
ketsim verify short.h5
says "the beginning of one" 1 "$err" "the seal at its end is damaged or missing"

# --- Single bytes ---
python=/usr/bin/python3
flip() { # FILE PLACE: changes the byte there to another
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059 # the format is the byte
    printf "\\$(printf %03o $(((byte + RANDOM % 255 + 1) % 256)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
content() { # FILE: what HDF5 sees of it, or how it fails
    h5dump "$1" 2>&1 | sed "s/$1//" | cksum
}
touched=0
all=0
for name in "${kinds[@]}"; do
    size=$(stat -c %s $name.h5)
    cp $name.h5 flipped.h5
    reference=$(content flipped.h5)
    missed=
    for ((i = 0; i < flips; i++)); do
        place=$(((RANDOM * 32768 + RANDOM) % size))
        cp $name.h5 flipped.h5
        flip flipped.h5 $place
        [[ $(content flipped.h5) == "$reference" ]] || touched=$((touched + 1))
        all=$((all + 1))
        ketsim verify flipped.h5
        if ((status != 1)) || is_empty "$err"; then
            missed+=" $place (status $status)"
        fi
    done
    check "each of $flips bytes changed is found, $name:$missed" test -z "$missed"
done
echo "note: $all bytes changed and found, $touched of them in what h5dump shows"

if ! "$python" -c 'import h5py' 2>/dev/null; then
    echo "skipped: what is edited, without h5py"
    finish
fi

# --- What is damaged or edited has a name ---
place_of() { # FILE VARIABLE VALUE: where in the file a value is
    "$python" -c 'import h5py, sys
v = h5py.File(sys.argv[1])[sys.argv[2]]
print(v.id.get_offset() + int(sys.argv[3]) * v.dtype.itemsize)' "$@"
}
named() { # TITLE FILE VARIABLE VALUE TEXT: a byte of that value is changed
    cp "$2" named.h5
    flip named.h5 "$(place_of named.h5 "$3" "$4")"
    ketsim verify named.h5
    says "$1" 1 "$err" "$5"
}
named "a level" plain.h5 esketamine $(((150 + 77) * 13 + 3)) '"esketamine" of arm "late", patient 78, at 12 h: '
named "a metric" plain.h5 esketamine_cmax 30 '"esketamine_cmax" of arm "nasal", patient 31: '
named "of a dosing interval" plain.h5 esketamine_cmax_interval 9 '"esketamine_cmax_interval" of arm "nasal", patient 10, interval 1: '
named "a parameter" plain.h5 Vc 149 '"Vc" of patient 150: '
named "a quantile" plain.h5 esketamine_quantile 14 '"esketamine_quantile" of arm "nasal", quantile 0.25, at 4 h: '
named "a quantile of levels that are not stored" counts.h5 noresketamine_quantile 0 '"noresketamine_quantile", arm "nasal", quantile 0.05, at 0 h to '
named "a time" plain.h5 time 2 '"time" of value 3: '
named "the number of a patient" plain.h5 patient 4 '"patient" of value 5: '
named "a checksum" plain.h5 checksum 0 '"checksum" of "status", arm "nasal", patient 1 to arm "nasal", patient 64: the numbers are'
named "a status" plain.h5 status 151 '"status" of arm "late", patient 2: '
named "an index" design.h5 sobol_first 1 '"sobol_first" of arm "a", "esketamine_cmax", axis "over"'
named "a row" events.h5 esketamine 5 '"esketamine" of arm "events", patient 2, line 7 of the event table: '
cp packed.h5 named.h5
"$python" - named.h5 <<'PYTHON'
import h5py, sys
with h5py.File(sys.argv[1]) as file:
    chunk = file["esketamine"].id.get_chunk_info(0)
    place = chunk.byte_offset + chunk.size // 2
with open(sys.argv[1], "r+b") as file:
    file.seek(place)
    byte = file.read(1)[0]
    file.seek(place)
    file.write(bytes([byte ^ 0x55]))
PYTHON
ketsim verify named.h5
says "a compressed level" 1 "$err" '"esketamine" of arm "nasal", patient 1 to arm "nasal", patient 64: cannot be read'

edit() { # TITLE TEXT STATEMENT: another program changes the plain file
    cp plain.h5 edited.h5
    "$python" -c "import h5py
with h5py.File('edited.h5', 'r+') as file:
    $3"
    ketsim verify edited.h5
    says "$1" 1 "$err" "$2"
    check "which has no seal any more" grep -q 'the seal at its end is damaged or missing' "$err"
}
edit "a level that was edited" '"noresketamine" of arm "nasal", patient 3, at 4 h: 1 is stored' "file['noresketamine'][0, 2, 1] = 1"
edit "a title" 'the attribute "title" is not what was written' "file.attrs['title'] = 'Another'"
edit "a unit" 'the attribute "units" of "esketamine" ' "file['esketamine'].attrs['units'] = 'ug/mL'"
edit "an attribute that was removed" 'the attribute "long_name" of "time" is missing' "del file['time'].attrs['long_name']"
edit "the name of an arm" '"arm_name" of arm "late" is not what was written: "early"' "file['arm_name'][1] = 'early'"
edit "a counter" 'the attribute "failed" is not what was written' "file.attrs.modify('failed', 1)"
edit "what was added" '"mine" was added' "file['mine'] = 1.5"
edit "the text of a model" 'not' "text = file.attrs['model_perez-ruixo-2021']; file.attrs['model_perez-ruixo-2021'] = text.replace(b'typical: 192', b'typical: 193')"
edit "the program" "its ketsim_version is 0.0.1, and this program's is" "file.attrs['ketsim_version'] = '0.0.1'"
edit "the study, so that it cannot be read" 'the study that it holds: ' "file.attrs['resolved_study'] = 'model: nothing'"
edit "the study, so that it is another" 'the variable "patient" is not what it would be now' "file.attrs['resolved_study'] = file.attrs['resolved_study'].replace(b'count: 150', b'count: 15000')"

# Edited by who computes all checksums once more: only what follows from the study tells.
forge() { # TITLE FILE TEXT STATEMENT
    cp "$2" forged.h5
    "$python" "$SOURCE_DIR/tests/forge.py" forged.h5 "$4"
    ketsim verify forged.h5 --all
    says "forged: $1" 1 "$err" "$3"
    check "with a seal" test "$(grep -c 'the seal at its end' "$err")" = 0
}
cp plain.h5 forged.h5
"$python" "$SOURCE_DIR/tests/forge.py" forged.h5 "pass"
ketsim verify forged.h5 --all
says "checksums computed by another program" 0 "$out" "300 of 300 simulations give them again"
forge "the last bit of a level" plain.h5 '"esketamine" of arm "nasal", patient 78, at 20 h: ' "file['esketamine'][0, 77, 5] *= 1 + 2.3e-16"
forge "a metric" plain.h5 '"esketamine_auc_last" of arm "late", patient 78: ' "file['esketamine_auc_last'][1, 77] *= 1.01"
forge "patients who changed places" plain.h5 '"esketamine" of arm "nasal", patient 4, at 4 h: ' "v = file['esketamine']; v[0, [3, 4]] = v[0, 3:5][::-1]"
forge "a quantile" plain.h5 '"esketamine_quantile" of arm "nasal", quantile 0.5, at 20 h: ' "file['esketamine_quantile'][0, 2, 5] *= 1.01"
forge "a failure" plain.h5 '"failure_time" of arm "nasal", patient 4: ' "file['failure_time'][0, 3] = 2"
forge "an index" design.h5 '"sobol_first" of arm "a", "esketamine_cmax", axis "dose": ' "file['sobol_first'][0, 0, 0] = 0.5"
forge "what the certificate says" plain.h5 '"certificate_discrepancy" is not what was written' "file.attrs.modify('certificate_discrepancy', 0)"
forge "a factor that readers multiply by" plain.h5 'the attribute "scale_factor" of "esketamine" was added' "file['esketamine'].attrs['scale_factor'] = 1e-3"
forge "a long text" long-none.h5 'the attribute "title" is not what was written' "c = file.attrs['title']; file.attrs['title'] = c[:65000] + 'x' + c[65001:]"
forge "a group" plain.h5 '"more" was added' "file.create_group('more')"
forge "a link to another file" plain.h5 '"more" was added' "file['more'] = h5py.ExternalLink('design.h5', '/time')"
forge "a link in place of a variable" plain.h5 '"esketamine" is a link, in place of the variable' "file.move('esketamine', 'hidden'); file['esketamine'] = h5py.SoftLink('/hidden')"
forge "a dimension" plain.h5 'dimension 3 of "esketamine" is not that which was written' "d = file['esketamine'].dims[2]; d.detach_scale(file['time']); d.attach_scale(file['quantile'])"
forge "what is taken for missing" plain.h5 'the fill value of "age" is not what was written' "v = file['age'][:]; del file['age']; file.create_dataset('age', data=v, fillvalue=v[0])"
forge "a type" plain.h5 'the variable "esketamine_cmax" is not what it would be now' "v = file['esketamine_cmax'][:]; del file['esketamine_cmax']; file['esketamine_cmax'] = v.astype('f4')"

# A result of another program: what is left are its checksums.
cp plain.h5 other.h5
"$python" - <<'PYTHON'
import h5py
with h5py.File("other.h5", "r+") as file:
    file.attrs["arithmetic"] = "another machine"
    file["esketamine"][0, 0, 1] = 7
PYTHON
ketsim verify other.h5
says "another machine's" 1 "$err" "nothing is simulated again, and only the checksums are looked at"
check "which name what is damaged" grep -q '"esketamine" of arm "nasal", patient 1 to .*: is not what its checksum is of' "$err"

# An interrupted run: nothing to verify yet.
cp plain.h5 unfinished.h5
"$python" -c "import h5py; h5py.File('unfinished.h5', 'r+').attrs.modify('complete', 0)"
ketsim verify unfinished.h5
says "an unfinished result" 1 "$err" "is not finished"

# Other readers do not mind the seal.
check "h5py reads a sealed file" "$python" -c "import h5py; assert h5py.File('plain.h5')['esketamine'].shape == (2, 150, 13)"
check "h5dump does" bash -c 'h5dump -H plain.h5 | grep -q esketamine_quantile'
finish
