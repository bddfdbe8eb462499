/* The page's own logic: clock, quantities, links, axes, words. */
import assert from "node:assert/strict";
import {test} from "node:test";
import {linearTicks, logTicks, timeTicks} from "../src/axis";
import {clockAt, duration, minutesAsQuantity, readClock, writeClock} from "../src/clock";
import type {Answer, Choices, Model} from "../src/contract";
import {decodeLink, encodeLink} from "../src/link";
import {nearest} from "../src/plot";
import {spansOf} from "../src/picture";
import {digits, hoursOf, joinQuantity, splitQuantity} from "../src/quantity";
import {askedMinutes, deviceCount, draftOf, outline, scenarioOf} from "../src/scenario";
import {intervalText, ofHundred, rangeOfHundred} from "../src/words";

const model = (name: string, more: Partial<Model>): Model => ({
    name, title: "", citation: "", doi: null, drug: "S-ketamine", sampling: "venous", age_group: "adults", routes: ["intranasal", "iv"],
    analytes: ["esketamine", "noresketamine"], validity: {}, covariates: ["age", "weight", "asian", "japanese"], notes: [], population: null,
    devices: {amount: "28 mg", spacing: "5 min"}, ...more,
});

const choices: Choices = {
    version: "0", disclaimer: "", limits: {models: 4}, thresholds: [],
    courses: [{name: "six infusions", title: "Six infusions in twelve days", description: "", route: "iv", drug: "racemate", dose: "0.5 mg/kg"}],
    models: [model("nasal-2021", {}), model("plain-1982", {drug: "racemate", analytes: ["ketamine"], covariates: ["weight"], devices: null, routes: ["iv"]})],
    defaults: {
        models: ["nasal-2021"], route: "intranasal", age: "45 years", weight: "70 kg", ancestry: "other", schedule: "single", threshold: "50 ng/mL",
        at: "2 h", patients: 200, seed: 1, dose: null, devices: null, over: null, drug: null, analyte: null, to: null,
    },
};

const dose = (amount: number, session = 1) => ({time: 0, amount, unit: "mg", session});

test("a time of day is read as people write it, and nothing else is", () => {
    const read: Record<string, number | null> = {
        "9": 540, "9:30": 570, "09.30": 570, "0930": 570, " 21:05 ": 1265, "9 am": 540, "12 am": 0, "12:15 pm": 735, "9 p.m.": 1260,
        "24:00": null, "9:60": null, "13 pm": null, "0 am": null, "nine": null, "": null, "9:5": null, "-1": null,
    };
    for (const [text, minutes] of Object.entries(read)) {
        assert.equal(readClock(text), minutes, text);
    }
    assert.equal(writeClock(1440 + 61), "01:01");
    assert.equal(writeClock(-60), "23:00");
});

test("times are told by clock and by what has passed", () => {
    assert.equal(clockAt(540, 2), "11:00");
    assert.equal(clockAt(540, 18), "03:00 (next day)");
    assert.equal(clockAt(540, 168), "09:00 on day 8");
    assert.equal(clockAt(540, 14.9999), "00:00 (next day)"); // rounded before the day is told
    assert.deepEqual([0, 0.5, 2, 2 + 25 / 60, 47, 50].map(duration), ["0 min", "30 min", "2 h", "2 h 25 min", "47 h", "2 days 2 h"]);
    assert.equal(minutesAsQuantity(120), "2 h");
    assert.equal(minutesAsQuantity(125), "125 min");
});

test("quantities keep what was typed", () => {
    assert.deepEqual(splitQuantity("0.5 mg/kg"), {number: "0.5", unit: "mg/kg"});
    assert.deepEqual(splitQuantity("-24 h"), {number: "-24", unit: "h"});
    assert.deepEqual(splitQuantity("abc"), {number: "abc", unit: ""});
    assert.equal(joinQuantity("84", "mg"), "84 mg");
    assert.equal(joinQuantity("0.084 g", "mg"), "0.084 g");
    assert.equal(joinQuantity("84mg", "mg/kg"), "84 mg");
    assert.equal(joinQuantity("abc", "mg"), "abc mg"); // for the program to refuse
    assert.equal(joinQuantity("1,5", "mg"), "1,5 mg"); // a comma is never taken for a point
    assert.equal(joinQuantity("  ", "mg"), "");
    assert.deepEqual(["2 h", "90 min", "2 days", "2 furlongs", "h"].map(hoursOf), [2, 1.5, 48, null, null]);
    assert.deepEqual([84.23, 99, 1210.4, 0.05123, 0, 12345678].map(digits), ["84.2", "99.0", "1210", "0.0512", "0", "12300000"]);
});

test("a link holds what is asked, and only links of the page are read", () => {
    const shared = {start: "09:00", scenarios: [{dose: "84 mg", threshold: "50 \u00b5g/L"}, {dose: "56 mg"}]};
    const text = encodeLink(shared);
    assert.match(text, /^[\w-]+$/);
    assert.deepEqual(decodeLink(`#${text}`), shared);
    const encode = (x: unknown) => Buffer.from(JSON.stringify(x)).toString("base64url");
    for (const wrong of ["", "#", "#%%%", "#AAAA", encode([]), encode(null), encode({start: "9", scenarios: []}), encode({start: 9, scenarios: [{}]}),
        encode({start: "9", scenarios: [{}, {}, {}]}), encode({start: "9", scenarios: [[]]}), encode({start: "9", scenarios: [null]})]) {
        assert.equal(decodeLink(wrong), null, wrong);
    }
});

test("the usual scenario is what the program's defaults say, and comes back from its link", () => {
    const draft = draftOf({}, choices, "09:00");
    assert.equal(draft.dose, "84 mg");
    assert.equal(draft.at, "11:00");
    const sent = scenarioOf(draft, askedMinutes(draft, "09:00") as number, choices);
    assert.deepEqual(sent, {
        models: ["nasal-2021"], route: "intranasal", schedule: "single", threshold: "50 ng/mL", at: "2 h", patients: 200, seed: 1, age: "45 years",
        weight: "70 kg", ancestry: "other", dose: "84 mg",
    });
    assert.deepEqual(scenarioOf(draftOf(sent, choices, "09:00"), 120, choices), sent);
    assert.match(outline(draft, "09:00", choices, [dose(84)]), /^84 mg nasal spray; first dose at 09:00; 45 years, 70 kg$/);
});

test("a link that was written by hand breaks nothing, and is not taken for something else", () => {
    const wrong = {models: "x", dose: 84, age: {}, schedule: null, devices_given: "all", seed: [], at: "7200 s"} as object;
    const draft = draftOf(wrong, choices, "09:00");
    assert.deepEqual([draft.models, draft.dose, draft.age, draft.schedule, draft.seed], [["nasal-2021"], "84 mg", "45 years", "single", "1"]);
    assert.match((askedMinutes(draft, "09:00") as {message: string}).message, /"7200 s" is not a time of day/);
});

test("a device that is not given, an infusion and a course are sent as such", () => {
    const skipped = {...draftOf({}, choices, "09:00"), devices_given: [true, true, false]};
    assert.equal(deviceCount(skipped, choices), 3);
    const sent = scenarioOf(skipped, 120, choices);
    assert.deepEqual([sent.dose, sent.devices, sent.devices_given], [undefined, 3, [true, true, false]]);
    assert.equal(draftOf(sent, choices, "09:00").dose, "84 mg");
    assert.match(outline(skipped, "09:00", choices, [dose(56)]), /^56 mg nasal spray, device 3 of 3 not given;/);
    assert.equal(deviceCount({...skipped, dose: "90 mg"}, choices), 0);

    const infusion = {...draftOf({}, choices, "09:00"), route: "iv", dose: "0.5 mg/kg", models: ["plain-1982"], schedule: "six infusions", second_session_shift: "-24 h"};
    const given = scenarioOf(infusion, 120, choices);
    assert.deepEqual([given.over, given.drug, given.schedule, given.second_session_shift, given.ancestry], ["40 min", "racemate", "six infusions", "-24 h", undefined]);
    assert.match(outline(infusion, "09:00", choices, [1, 2, 3].map((s) => ({...dose(0.5, s), unit: "mg/kg"}))), /^0.5 mg\/kg ketamine over 40 min; Six infusions in twelve days; second session 24 h early/);
    assert.deepEqual(scenarioOf({...infusion, schedule: "repeated", times: "8"}, 120, choices).schedule, {every: "84 h", times: 8});
    assert.deepEqual(scenarioOf({...infusion, schedule: "repeated", times: "x"}, 120, choices).schedule, {every: "84 h", times: "x"});
});

test("a course that changes the dose is told with the doses that were simulated", () => {
    const draft = draftOf({}, choices, "09:00");
    assert.match(outline(draft, "09:00", choices, [dose(56), dose(84, 2), dose(84, 3)]), /^56 mg once, then 84 mg 2 times nasal spray;/);
});

test("what is asked before the first dose, or at no time, is refused with its field", () => {
    const draft = draftOf({}, choices, "09:00");
    assert.equal(askedMinutes({...draft, at: "1:00", day: "2"}, "22:00"), 180);
    const told = (change: object, start = "09:00") => (askedMinutes({...draft, ...change}, start) as {field: string; message: string});
    assert.deepEqual(told({at: "08:00"}), {field: "at", message: "08:00 is before the first dose at 09:00; the next day is day 2."});
    assert.match(told({at: "noon"}).message, /"noon" is not a time of day/);
    assert.equal(told({day: "0"}).field, "day");
    assert.equal(told({}, "25:00").field, "start");
});

test("shares are told as people of 100, and honestly at the ends", () => {
    assert.deepEqual([0, 0.001, 0.634, 0.996, 1].map(ofHundred), ["none", "fewer than 1", "about 63", "more than 99", "all"]);
    const answer: Answer = {kind: "above_at", model: "", analyte: "", value: 0.62, lower: 0.551, upper: 0.684, unit: "1"};
    assert.equal(rangeOfHundred(answer), "55 to 68");
    assert.equal(rangeOfHundred({...answer, lower: null}), "");
    assert.equal(intervalText({...answer, unit: "h", lower: 2, upper: 2.5}, 540), "11:00 to 11:30");
    assert.equal(intervalText({...answer, unit: "h", lower: 2, upper: null}, 540), "11:00 or later");
    assert.equal(intervalText({...answer, unit: "ng/mL", lower: 52.528, upper: 161.8}, 540), "52.5 to 162");
});

test("ticks are round, cover the range and are few", () => {
    assert.deepEqual(linearTicks(161, 6).map((t) => t.label), ["0", "50", "100", "150", "200"]);
    assert.deepEqual(linearTicks(0.3, 6).map((t) => t.label), ["0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]);
    assert.deepEqual(logTicks(0.5, 161).map((t) => t.label), ["0.1", "1", "10", "100", "1000"]);
    assert.deepEqual(logTicks(2, 50).map((t) => t.label), ["1", "2", "5", "10", "20", "50", "100"]);
    assert.deepEqual(timeTicks(0, 6, 560, 8).map((t) => t.label), ["10:00", "11:00", "12:00", "13:00", "14:00", "15:00"]); // from 09:20
    assert.deepEqual(timeTicks(0, 24, 540, 6).map((t) => t.label), ["12:00", "18:00", "00:00 day 2", "06:00"]);
    assert.deepEqual(timeTicks(0, 672, 540, 5).map((t) => t.label), ["day 1", "day 8", "day 15", "day 22", "day 29"]);
    for (const [from, to, most] of [[0, 0.3, 5], [0, 24 * 400, 6], [24, 36, 3]]) {
        const count = timeTicks(from, to, 540, most).length;
        assert.ok(count >= 1 && count <= most + 1, `${from} to ${to}: ${count}`);
    }
});

test("the stretch of time shown first holds the question", () => {
    assert.equal(spansOf(24, 2, [0]).usual, "6");
    assert.equal(spansOf(24, 11, [0]).usual, "all");
    const course = spansOf(340, 2, [0, 48]);
    assert.equal(course.usual, "all");
    assert.deepEqual(course.all.map((s) => [s.label, s.from, s.to]), [["session 1", 0, 12], ["session 2", 48, 60], ["all 14 days 4 h", 0, 340]]);
});

test("the time nearest to a point is found", () => {
    assert.deepEqual([-1, 0.4, 0.6, 1.4, 9].map((t) => nearest([0, 1, 2], t)), [0, 0, 1, 1, 2]);
    assert.equal(nearest([5], 1), 0);
});
