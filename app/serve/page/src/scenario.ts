/* The scenarios that the page holds, and what of them is sent. */
import type {Choices, Dose, Model, Repeated, Scenario, Threshold} from "./contract";
import {clockAt, dayOf, duration, minutesAsQuantity, minutesOfDay, readClock, writeClock} from "./clock";
import {hoursOf, milligrams} from "./quantity";

/* Everything a form can hold, whichever of it applies. */
export interface Draft extends Required<Omit<Scenario, "schedule" | "devices" | "at" | "patients" | "seed" | "analyte">> {
    analyte: string; // "": of each model the drug that it is about
    schedule: string; // "single", "repeated", or the name of a course
    every: string;
    times: string;
    at: string; // clock time, as typed
    day: string; // of `at`, as typed; 1 is the day of the first dose
    patients: string; // as typed
    seed: string;
    doses: Record<string, string>; // the dose of each route, remembered when another is chosen
}

export interface State {
    start: string; // clock time of the first dose, as typed; one for all scenarios
    drafts: Draft[]; // one or two
    editing: number;
}

const ivDose = "0.5 mg/kg"; // the usual session of ketamine; the server's defaults know one route only

export const fallbackStart = "09:00";

/* Whether a value of a link is of the kind that its key has. */
function fits(key: string, value: unknown): boolean {
    const list = (kind: string) => Array.isArray(value) && value.every((v) => typeof v === kind);
    switch (key) {
    case "models":
        return list("string");
    case "devices_given":
        return list("boolean");
    case "devices":
        return typeof value === "number";
    case "patients":
    case "seed":
        return typeof value === "number" || typeof value === "string";
    case "schedule":
        return typeof value === "string" || (typeof value === "object" && value !== null && typeof (value as Repeated).every === "string");
    default:
        return typeof value === "string";
    }
}

/* A draft of what a link or the defaults hold. What is of the wrong kind is left as the defaults have it; what is wrong otherwise is for the
 * program to refuse. */
export function draftOf(scenario: Partial<Scenario>, choices: Choices, start: string): Draft {
    const given = Object.fromEntries(Object.entries(scenario).filter(([key, value]) => fits(key, value))) as Partial<Scenario>;
    const all = {...choices.defaults, ...given} as Scenario;
    const hours = hoursOf(all.at);
    const repeated = typeof all.schedule === "object" && all.schedule !== null ? (all.schedule as Repeated) : null;
    const asked = (readClock(start) ?? 0) + Math.round(60 * (hours ?? 0));
    const drugs = choices.models.filter((m) => all.models.includes(m.name)).map(drugAnalyte);
    const device = milligrams(choices.models.find((m) => all.models.includes(m.name))?.devices?.amount);
    const nasalDose = choices.defaults.dose ?? (device ? `${(all.devices ?? 3) * device} mg` : "");
    const dose = all.dose && !given.devices ? all.dose : all.route === "iv" ? ivDose : nasalDose;
    return {
        models: [...all.models],
        route: all.route,
        dose,
        devices_given: all.devices_given ?? [],
        over: all.over ?? "40 min",
        drug: all.drug ?? "racemate",
        age: all.age ?? "",
        weight: all.weight ?? "",
        ancestry: all.ancestry ?? "other",
        sex: all.sex ?? "female",
        schedule: repeated ? "repeated" : String(all.schedule),
        every: repeated?.every ?? "84 h",
        times: String(repeated?.times ?? 8),
        second_session_shift: all.second_session_shift ?? "0 h",
        threshold: all.threshold,
        analyte: all.analyte && !drugs.every((name) => name === all.analyte) ? all.analyte : "",
        at: hours === null ? all.at : writeClock(asked),
        day: String(dayOf(asked)),
        to: all.to ?? "",
        patients: String(all.patients),
        seed: String(all.seed),
        doses: {iv: ivDose, intranasal: nasalDose, [all.route]: dose},
    };
}

export function modelsOf(draft: Draft, choices: Choices): Model[] {
    return draft.models.flatMap((name) => choices.models.filter((m) => m.name === name));
}

/* What a model calls the drug that it is about. */
export function drugAnalyte(model: Model): string {
    return {racemate: "ketamine", "S-ketamine": "esketamine", "R-ketamine": "arketamine"}[model.drug] ?? model.analytes[0];
}

/* Whether a level of this analyte is one that is asked for. */
export function asksFor(draft: Draft, analyte: string, choices: Choices): boolean {
    return draft.analyte ? draft.analyte === analyte : modelsOf(draft, choices).some((m) => drugAnalyte(m) === analyte);
}

/* What a source says of the level that is asked for, if one does. */
export function knownThreshold(draft: Draft, choices: Choices): Threshold | undefined {
    return choices.thresholds.find((t) => t.level === draft.threshold && asksFor(draft, t.analyte, choices));
}

/* How many devices the dose is, where the models have devices and it is a whole number of them; otherwise 0. */
export function deviceCount(draft: Draft, choices: Choices): number {
    const amounts = modelsOf(draft, choices).map((m) => milligrams(m.devices?.amount));
    const dose = milligrams(draft.dose);
    const amount = amounts[0];
    if (draft.route !== "intranasal" || !amount || !dose || amounts.some((a) => a !== amount)) {
        return 0;
    }
    const count = dose / amount;
    return Number.isInteger(count) && count <= 6 ? count : 0;
}

/* Minutes from the first dose to what is asked, or what is wrong, and with which field. */
export function askedMinutes(draft: Draft, startText: string): number | {field: string; message: string} {
    const start = readClock(startText);
    const at = readClock(draft.at);
    const day = Number(draft.day);
    if (start === null) {
        return {field: "start", message: `"${startText}" is not a time of day; for instance 09:00.`};
    }
    if (at === null) {
        return {field: "at", message: `"${draft.at}" is not a time of day; for instance 11:00.`};
    }
    if (!Number.isInteger(day) || day < 1) {
        return {field: "day", message: `"${draft.day}" is not a day; 1 is the day of the first dose.`};
    }
    const minutes = at - start + (day - 1) * minutesOfDay;
    if (minutes < 0) {
        return {field: "at", message: `${writeClock(at)} is before the first dose at ${writeClock(start)}; the next day is day 2.`};
    }
    return minutes;
}

/* A number where it is one; otherwise what was typed, for the server to refuse. */
function numberOrText(typed: string): number | string {
    return /^\d+$/.test(typed.trim()) ? Number(typed) : typed;
}

/* What is sent of a draft: the keys that mean something with the others. */
export function scenarioOf(draft: Draft, minutes: number, choices: Choices): Scenario {
    const used = new Set(modelsOf(draft, choices).flatMap((m) => m.covariates));
    const count = deviceCount(draft, choices);
    const devices = Array.from({length: count}, (_, i) => draft.devices_given[i] ?? true);
    const scenario: Scenario = {
        models: draft.models,
        route: draft.route,
        schedule: draft.schedule === "repeated" ? {every: draft.every, times: numberOrText(draft.times)} : draft.schedule,
        threshold: draft.threshold,
        at: minutesAsQuantity(minutes),
        patients: numberOrText(draft.patients),
        seed: numberOrText(draft.seed),
        age: draft.age,
        weight: draft.weight,
    };
    if (devices.includes(false)) {
        scenario.devices = count;
        scenario.devices_given = devices;
    } else {
        scenario.dose = draft.dose;
    }
    if (draft.route === "iv") {
        scenario.over = draft.over;
        scenario.drug = draft.drug;
    }
    if (draft.analyte) {
        scenario.analyte = draft.analyte;
    }
    if (used.has("asian")) {
        scenario.ancestry = draft.ancestry;
    }
    if (used.has("sex")) {
        scenario.sex = draft.sex;
    }
    if (draft.to.trim()) {
        scenario.to = draft.to;
    }
    if (draft.schedule !== "single" && hoursOf(draft.second_session_shift) !== 0) {
        scenario.second_session_shift = draft.second_session_shift;
    }
    return scenario;
}

/* What was simulated as given: "84 mg"; of a course "56 mg once, then 84 mg 11 times". */
function given(doses: Dose[]): string {
    const runs: {dose: string; times: number}[] = [];
    for (const d of doses) {
        const dose = `${Number(d.amount.toPrecision(6))} ${d.unit}`;
        const last = runs[runs.length - 1];
        if (last?.dose === dose) {
            last.times++;
        } else {
            runs.push({dose, times: 1});
        }
    }
    return runs.length === 1 ? runs[0].dose : runs.map((r) => `${r.dose} ${r.times === 1 ? "once" : `${r.times} times`}`).join(", then ");
}

/* One line that says what a scenario is: "84 mg nasal spray; first dose at 09:00; 45 years, 70 kg". Doses are those simulated: a course may
 * change them, and a device that is not given takes its part away. */
export function outline(draft: Draft, start: string, choices: Choices, doses: Dose[]): string {
    const drug = draft.drug === "racemate" ? "ketamine" : "esketamine";
    const count = deviceCount(draft, choices);
    const skipped = draft.devices_given.slice(0, count).flatMap((g, i) => (g ? [] : [i + 1]));
    const course = choices.courses.find((c) => c.name === draft.schedule);
    const shift = draft.schedule === "single" ? 0 : hoursOf(draft.second_session_shift);
    const ancestry = {asian: "Asian", japanese: "Japanese"}[draft.ancestry] ?? "";
    const what = draft.route === "iv" ? `${given(doses)} ${drug} over ${draft.over}` : `${given(doses)} nasal spray`;
    const parts = [
        what + (skipped.length ? `, device ${skipped.join(" and ")} of ${count} not given` : ""),
        draft.schedule === "repeated" ? `${draft.times} sessions, every ${draft.every}` : course ? course.title : "",
        shift ? `second session ${duration(shift)} ${shift < 0 ? "early" : "late"}` : "",
        `first dose at ${clockAt(readClock(start) ?? 0, 0)}`,
        [draft.age, draft.weight, ancestry].filter(Boolean).join(", "),
    ];
    return parts.filter(Boolean).join("; ");
}
