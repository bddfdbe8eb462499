"""Numbers and mistakes of `ketsim serve`; run by cli_serve.sh."""
import json
import os
import subprocess

import h5py
import numpy

import serve
from serve import check

ketsim = os.environ["KETSIM"]
server = serve.Server()

# --- The numbers are those of the study that can be downloaded ---

def same(a, b):
    """To half a unit of the last of the nine digits that are sent; None stands for NaN."""
    a = numpy.array([numpy.nan if x is None else x for x in a], dtype=float)
    return bool(numpy.allclose(a, numpy.asarray(b, dtype=float), rtol=5.01e-9, atol=1e-300, equal_nan=True))


# Under sanitizers 200 patients take longer than a simulation may.
instrumented = any("KETSIM_SANITIZE:" in line and not line.rstrip().endswith("=")
                   for line in open(os.path.join(os.environ["BINARY_DIR"], "CMakeCache.txt")))


def compare(title, scenario):
    scenario = dict(scenario, patients=20) if instrumented else scenario
    status, answer = server.simulate(scenario)
    check(title + ": answered", status == 200, answer)
    if status != 200:
        return
    result = answer["results"][0]
    status, headers, text = server.ask("POST", "/api/study", scenario)
    check(title + ": the study is the one of the result", status == 200 and text.decode() == result["study"], text)
    check(title + ": a file to be saved", "attachment" in headers.get("content-disposition", ""), headers)
    with open("scenario.yaml", "wb") as file:
        file.write(text)
    done = subprocess.run([ketsim, "run", "scenario.yaml", "-o", "scenario.h5", "--force"], capture_output=True, text=True)
    check(title + ": the study runs", done.returncode == 0, done.stderr)
    warnings = [line.split("warning: ")[1] for line in done.stderr.splitlines() if "warning: " in line]
    check(title + ": and warns of the same", warnings == result["warnings"][:len(warnings)], (warnings, result["warnings"]))
    rows = json.loads(subprocess.run([ketsim, "summary", "scenario.h5", "--format", "json"], capture_output=True,
                                     text=True).stdout)["exposure"]
    with h5py.File("scenario.h5") as file:
        models = [name.decode() if isinstance(name, bytes) else name for name in file["model"][:]]
        check(title + ": times", same(result["time"], file["time"][:]))
        fractions = file["quantile"][:]
        for series in result["series"]:
            levels = file[series["analyte"] + "_quantile"][models.index(series["model"])]
            for q, fraction in enumerate(fractions):
                check("%s: %s of %s, quantile %g" % (title, series["analyte"], series["model"], fraction),
                      same(series["quantiles"]["%g" % fraction], levels[q]))
        for model in models:
            kinds = {a["kind"]: a for a in result["answers"] if a["model"] == model}
            analyte = kinds["above_at"]["analyte"]
            for metric in ("cmax", "tmax"):
                row = [r for r in rows if r["model"] == model and r["analyte"] == analyte and r["metric"] == metric][0]
                check("%s: %s of %s" % (title, metric, model),
                      same([kinds[metric][k] for k in ("value", "lower", "upper")], [row[k] for k in ("median", "p05", "p95")]),
                      (kinds[metric], row))
            answers(title, scenario, file, kinds, analyte, models.index(model))


def hours(text):
    number, unit = text.split()
    return float(number) / {"h": 1, "min": 60, "s": 3600}[unit]


def answers(title, scenario, file, kinds, analyte, arm):
    """Those about the threshold, as the file has them, or from its levels."""
    at = hours(scenario.get("at", "2 h"))
    threshold = float(scenario.get("threshold", "50 ng/mL").split()[0])
    above = kinds["above_at"]
    name = "%s_above_%g" % (analyte, threshold)
    starts = file["session_start"][arm] if "session_start" in file else [0]
    k = max([i for i, start in enumerate(starts) if start < at] or [0])
    for key, end in (("value", ""), ("lower", "_lower"), ("upper", "_upper")):
        if name in file:
            check("%s: above, %s" % (title, key), same([above[key]], [file[name + end][arm, k, 0]]), above)
        below = "%s_below_%g%s" % (analyte, threshold, end)
        for f, kind in enumerate(("below_50", "below_95")):
            check("%s: %s is answered from the solution, or not at all" % (title, kind), (kind in kinds) == (below in file), kinds)
            if kind in kinds:
                value = file[below][arm, k, f] + starts[k]
                check("%s: %s, %s" % (title, kind, key), same([kinds[kind][key]], [value if numpy.isfinite(value) else numpy.nan]),
                      (kinds[kind], value))
    if name in file:
        check(title + ": the question is asked in its session", abs(starts[k] + file["time_after"][0] - at) < 1e-9)
    record = int(numpy.argmin(abs(file["time"][:] - at)))
    if abs(file["time"][record] - at) > 1e-9:
        check(title + ": answered between records", name in file)
        return
    # counted once more
    values = file[analyte][arm, :, record]
    n, z = (~numpy.isnan(values)).sum(), 1.959963984540054
    share = (values >= threshold).sum() / n
    check(title + ": above, counted", same([above["value"]], [share]), (above, share))
    # Wilson's interval in the form of its quadratic equation
    roots = numpy.roots([1 + z * z / n, -(2 * share + z * z / n), share * share])
    check(title + ": its interval", numpy.allclose(sorted(roots.real), [above["lower"], above["upper"]], rtol=1e-6, atol=1e-7), above)


compare("as it stands", {})
compare("one device less", {"devices": 3, "devices_given": [True, True, False], "at": "1.5 h"})
compare("first device skipped", {"dose": "84 mg", "devices_given": [False, True, True]})
compare("infusion, two models", {"route": "iv", "dose": "0.5 mg/kg", "over": "60 min", "drug": "racemate", "at": "1 h",
                                 "models": ["perez-ruixo-2021", "otto-2021"], "threshold": "40 ng/mL", "patients": 50})
compare("infusion of racemate", {"route": "iv", "dose": "0.5 mg/kg", "models": ["domino-1982"], "analyte": "ketamine"})
compare("asked between records", {"at": "97 min", "threshold": "71 ng/mL", "analyte": "esketamine"})
compare("the metabolite", {"analyte": "noresketamine", "threshold": "100 ng/mL", "patients": 50})
compare("a level that nobody reaches", {"threshold": "5000 ng/mL", "patients": 20})
compare("a level that all are above at the end", {"threshold": "1 ng/mL", "to": "3 h", "patients": 20})
compare("a day early, asked after the second", {"schedule": {"every": "48 h", "times": 2}, "second_session_shift": "-24 h", "at": "26 h"})
compare("doses an hour apart", {"route": "iv", "dose": "10 mg", "over": "bolus", "schedule": {"every": "1 h", "times": 3}, "at": "150 min"})
compare("asked at the start", {"at": "0 h", "patients": 10})
compare("sessions", {"schedule": {"every": "84 h", "times": 4}, "second_session_shift": "-24 h", "at": "62 h", "patients": 30})
compare("a course", {"schedule": "spravato", "patients": 20})
compare("a course of infusions, its second a day late", {"schedule": "six infusions", "route": "iv", "dose": None, "patients": 20,
                                                         "second_session_shift": "24 h", "at": "73 h"})
compare("outside the model's validity", {"age": "90 years", "weight": "180 kg", "ancestry": "japanese"})
compare("a saturable or changing model by CVODE", {"route": "iv", "dose": "1 mg/kg", "models": ["flint-2017"], "age": "5 years",
                                                   "weight": "20 kg", "patients": 20})

status, answer = server.simulate({"dose": "56 mg"}, {"dose": "84 mg"})
check("two scenarios", status == 200 and len(answer["results"]) == 2)
check("in their order", [r["doses"][0]["amount"] for r in answer["results"]] == [56, 84], answer["results"][0]["doses"])
status, warned = server.simulate({"age": "90 years"})
check("a warning outside the validity", status == 200 and any("outside the validity" in w for w in warned["results"][0]["warnings"]),
      warned["results"][0]["warnings"])

check("two sessions of as many patients as there can be", server.simulate({"schedule": {"every": "84 h", "times": 2}, "patients": 2000})[0] in (200, 503))
check("the marks of two sessions", [m["time"] for m in server.simulate({"schedule": {"every": "84 h", "times": 2}, "patients": 1})[1]
                                    ["results"][0]["marks"]] == [0.666666667, 2, 84.6666667, 86])
check("none of an infusion", server.simulate({"route": "iv", "dose": "28 mg"})[1]["results"][0]["marks"] == [])
check("no warning of a weight that changes nothing", server.simulate({"weight": "90 kg"})[1]["results"][0]["warnings"] == [])
by_vein = {"route": "iv", "models": ["otto-2021"], "dose": "20 mg", "patients": 20}
check("nor of an age", server.simulate(dict(by_vein, age="50 years"))[1]["results"][0]["warnings"] == [])
check("but of one that no limit allows", server.simulate(dict(by_vein, models=["simons-2022"], age="50 years"))[1]["results"][0]["warnings"])

# --- Mistakes, each beside its key ---

def wrong(title, scenario, field, text):
    status, answer = server.simulate(scenario)
    errors = answer.get("errors", [])
    check(title, status == 422 and any(e["field"] == field and text in e["message"] and e["scenario"] == 0 for e in errors),
          (status, answer if status != 200 else "a result"))


wrong("a child in a model of adults", {"age": "12 years"}, "age", "outside the age group")
wrong("an unknown key", {"doze": "84 mg"}, "", 'unknown key "doze"; did you mean "dose"?')
wrong("an unknown model", {"models": ["perez-ruixo-2020"]}, "models", 'did you mean "perez-ruixo-2021"?')
wrong("a file as a model", {"models": ["./mine.yaml"]}, "models", "is no model of the library")
wrong("a file from the root", {"models": ["/etc/passwd"]}, "models", "is no model of the library")
wrong("a model twice", {"models": ["otto-2021", "otto-2021"]}, "models", "twice")
wrong("no models", {"models": []}, "models", "list of 1 to 4")
wrong("models that are no list", {"models": "otto-2021"}, "models", "list of 1 to 4")
wrong("a route that nobody has", {"route": "oral"}, "route", '"intranasal" or "iv"')
wrong("a route that the model has not", {"models": ["otto-2021"], "dose": "10 mg"}, "route", "route of otto-2021")
wrong("a dose as a number", {"dose": 84}, "dose", "must be a text like")
wrong("a dose without unit", {"dose": "84"}, "dose", "unit")
wrong("a dose of another dimension", {"dose": "84 mL"}, "dose", "mL")
wrong("a negative dose", {"dose": "-28 mg"}, "dose", "-28 mg")
wrong("a dose that is no number", {"dose": "NaN mg"}, "dose", "NaN")
wrong("an infinite dose", {"dose": "1e999 mg"}, "dose", "1e999")
wrong("half a device", {"dose": "50 mg"}, "dose", "not a whole number of 28 mg devices")
wrong("dose and devices", {"dose": "84 mg", "devices": 3}, "devices", "exclude each other")
wrong("too many devices", {"devices": 100}, "devices", "whole number from 1 to 12")
wrong("devices as a text", {"devices": "3"}, "devices", "whole number")
wrong("devices by the vein", {"route": "iv", "devices": 3}, "devices", "no devices by this route")
wrong("a device between two", {"devices_given": [True, False, True]}, "devices_given", "between two others")
wrong("an entry too few", {"devices_given": [True, True]}, "devices_given", "each of the 3 devices")
wrong("none given", {"devices_given": [False, False, False]}, "devices_given", "no device")
wrong("an infusion without dose", {"route": "iv"}, "dose", "is missing")
wrong("a spray over a time", {"over": "40 min"}, "over", "only an infusion")
wrong("an infusion over nothing", {"route": "iv", "dose": "35 mg", "over": "0 min"}, "over", "0 min")
wrong("racemate from devices", {"drug": "racemate"}, "drug", "racemate")
wrong("an age as a number", {"age": 45}, "age", "must be a text")
wrong("a negative age", {"age": "-3 years"}, "age", "must not be negative")
wrong("a child where the age is not used", dict(by_vein, age="12 years"), "age", "outside the age group")
wrong("a weight of nothing", {"weight": "0 kg"}, "weight", "must be above 0")
wrong("sex", {"sex": "female"}, "sex", "no model of the library depends")
wrong("an unknown ancestry", {"ancestry": "martian"}, "ancestry", '"other", "asian" or "japanese"')
wrong("half a schedule", {"schedule": {"every": "84 h"}}, "schedule", "times")
wrong("a schedule with more", {"schedule": {"every": "84 h", "times": 2, "until": "x"}}, "schedule", "must be")
wrong("an unknown course", {"schedule": "spravado"}, "schedule", 'did you mean "spravato"?')
wrong("a file as a course", {"schedule": "../course.yaml"}, "schedule", "is no course")
wrong("a course by another route", {"schedule": "six infusions"}, "schedule", "the sessions of six infusions are iv")
wrong("a course of another drug", {"schedule": "six infusions", "route": "iv", "drug": "S-ketamine"}, "drug", "racemate")
wrong("no time between sessions", {"schedule": {"every": "0 h", "times": 2}}, "schedule", "0 h")
wrong("too many sessions", {"schedule": {"every": "84 h", "times": 10 ** 9}}, "schedule", "whole number from 1 to 200")
wrong("a schedule of years", {"schedule": {"every": "1000 h", "times": 100}}, "schedule", "8760 h")
wrong("no second session", {"second_session_shift": "-24 h"}, "second_session_shift", "no second session")
wrong("a session before the first", {"schedule": {"every": "84 h", "times": 3}, "second_session_shift": "-84 h"},
      "second_session_shift", "a delay keeps the order of sessions")
wrong("a threshold of nothing", {"threshold": "0 ng/mL"}, "threshold", "above 0")
wrong("a threshold in mg", {"threshold": "50 mg"}, "threshold", "mg")
wrong("an analyte that no model has", {"analyte": "ketamine"}, "analyte", "no model here has")
wrong("asked before the start", {"at": "-1 h"}, "at", "must lie in 0 h")
wrong("asked before the first device", {"devices_given": [False, True, True], "at": "2 min"}, "at", "before the first dose")
wrong("asked after the end", {"at": "30 h"}, "at", "comes after the end")
wrong("an end at the start", {"to": "0 h", "at": "0 h"}, "to", "above 0")
wrong("ten years", {"to": "10 years"}, "to", "8760 h")
wrong("no patients", {"patients": 0}, "patients", "whole number from 1 to 2000")
wrong("a quadrillion patients", {"patients": 10 ** 15}, "patients", "whole number from 1 to 2000")
wrong("patients as a text", {"patients": "200"}, "patients", "whole number")
wrong("half a patient", {"patients": 1.5}, "patients", "whole number")
wrong("a negative seed", {"seed": -1}, "seed", "whole number")
wrong("too much at once", {"patients": 2000, "schedule": {"every": "24 h", "times": 60}}, "patients", "too many")
wrong("a long text", {"dose": "8" * 100 + " mg"}, "dose", "longer than 64")
wrong("a letter of no keyboard", {"dose": "84 µg"}, "dose", "ASCII")
wrong("a line break", {"dose": "84 mg\nmodel: x"}, "dose", "ASCII")
wrong("no scenario at all", 7, "", "must be an object")
status, answer = server.simulate({"age": "x", "weight": "y", "dose": 1}, {"seed": "z"})
check("all mistakes at once", status == 422 and [(e["scenario"], e["field"]) for e in answer["errors"]] ==
      [(0, "dose"), (0, "age"), (0, "weight"), (1, "seed")], answer)

for title, body in {"no JSON": "{", "a list": "[]", "two keys": '{"scenarios": [{}], "x": 1}', "none": '{"scenarios": []}',
                    "three": '{"scenarios": [{}, {}, {}]}', "NaN": '{"scenarios": [{"patients": NaN}]}',
                    "a key twice": '{"scenarios": [{"seed": 1, "seed": 2}]}', "deep": "[" * 30000 + "]" * 30000,
                    "a number too large": '{"scenarios": [{"patients": 1e999}]}', "no UTF-8": b'{"scenarios": [{"dose": "\xff"}]}',
                    "a zero byte": '{"scenarios": [{"dose": "84\\u0000 mg"}]}', "nothing": ""}.items():
    status, headers, answer = server.ask("POST", "/api/simulate", body)
    check("a body that is " + title, status == 400 and "error" in json.loads(answer), (status, answer[:200]))

# --- What else it offers ---

status, headers, body = server.ask("GET", "/api/choices")
choices = json.loads(body)
library = {line.split()[0] for line in subprocess.run([ketsim, "models"], capture_output=True, text=True).stdout.splitlines() if line}
check("the models of the library", status == 200 and {m["name"] for m in choices["models"]} <= library, choices["models"])
check("thresholds with their sources", all(t["source"] and t["level"].endswith(" ng/mL") for t in choices["thresholds"]) and
      "simons-2022-drug-high" in [t["name"] for t in choices["thresholds"]], choices["thresholds"])
check("courses", {c["name"] for c in choices["courses"]} >= {"spravato", "six infusions"}, choices["courses"])
check("with their devices", [m["devices"] for m in choices["models"] if m["name"] == "perez-ruixo-2021"] ==
      [{"amount": "28 mg", "spacing": "5 min"}])
check("the defaults are a scenario", server.simulate(choices["defaults"])[1]["results"][0]["series"] ==
      server.simulate({})[1]["results"][0]["series"])
picture = server.ask("POST", "/api/plot?format=svg", {})
if picture[0] == 501:
    check("without gnuplot", "gnuplot" in json.loads(picture[2])["error"], picture[2])
else:
    check("a picture", picture[0] == 200 and picture[2].lstrip().startswith(b"<?xml") and b"84 mg intranasal" in picture[2],
          picture[2][:200])
    check("as PNG", server.ask("POST", "/api/plot?format=png", {})[2].startswith(b"\x89PNG"))
    check("of no other kind", server.ask("POST", "/api/plot?format=pdf", {})[0] == 400)
check("a picture of a mistake", server.ask("POST", "/api/plot?format=svg", {"dose": 1})[0] == 422)
check("no study of a mistake", server.ask("POST", "/api/study", {"dose": 1})[0] == 422)

status, said = server.end()
check("ended by SIGTERM", status == 0 and said == "", (status, said))
serve.finish()
