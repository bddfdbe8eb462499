/* The form: one scenario at a time as fields, with what is wrong beside them. */
import type {Choices, Mistake, Model} from "./contract";
import {clockAt, readClock} from "./clock";
import {
    Boxes, Control, Option, Presets, place, quantityField, segmentsField, selectField, setError, setHint, setOther, textField,
} from "./controls";
import {byId} from "./dom";
import {hoursOf, milligrams} from "./quantity";
import {Draft, State, asksFor, deviceCount, drugAnalyte, knownThreshold, modelsOf} from "./scenario";

const routes: Option[] = [{value: "intranasal", label: "Nasal spray"}, {value: "iv", label: "Infusion"}];
const drugs: Option[] = [{value: "racemate", label: "Ketamine"}, {value: "S-ketamine", label: "Esketamine"}];
const ancestries: Option[] = [
    {value: "other", label: "Not Asian"}, {value: "asian", label: "Asian, not Japanese"}, {value: "japanese", label: "Japanese"},
];
const sexes: Option[] = [{value: "female", label: "Female"}, {value: "male", label: "Male"}];
const shifts: Option[] = [{value: "0 h", label: "as planned"}, {value: "-24 h", label: "a day early"}, {value: "24 h", label: "a day late"}];

/* perez-ruixo-2021: Perez-Ruixo 2021; kamp-2020-linear: Kamp 2020, linear */
export function modelLabel(name: string): string {
    const match = /^(.*?)-(\d{4})(?:-(.*))?$/.exec(name);
    const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
    if (!match) {
        return capital(name.replace(/-/g, " "));
    }
    const who = match[1].split("-").map(capital).join("-");
    return `${who} ${match[2]}${match[3] ? `, ${match[3].replace(/-/g, " ")}` : ""}`;
}

/* "18 to 86 years", "up to 112 mg" */
export function rangeText(limits: Model["validity"][string]): string {
    const {min, max, unit} = limits;
    return min === null ? `up to ${max} ${unit}` : max === null ? `from ${min} ${unit}` : `${min} to ${max} ${unit}`;
}

type TextKey = {[K in keyof Draft]: Draft[K] extends string ? K : never}[keyof Draft];

export class Form {
    private readonly fields = new Map<TextKey, Control>();
    private readonly start: Control;
    private readonly analyte: ReturnType<typeof selectField>;
    private readonly schedule: ReturnType<typeof selectField>;
    private readonly devices: Boxes;
    private readonly models: Boxes;
    private readonly presets = new Map<TextKey, Presets>();

    /* `onChange` is called after a person has changed something; the state then holds it. */
    constructor(private readonly choices: Choices, private readonly state: State, private readonly onChange: () => void) {
        const input = () => this.entered();
        this.fields.set("route", segmentsField("route", "Given as", routes, input));
        this.fields.set("dose", quantityField("dose", "Dose", ["mg", "mg/kg"], input));
        this.devices = new Boxes("devices_given", "Devices given", input);
        this.fields.set("over", quantityField("over", "Over", ["min", "h"], input));
        this.fields.set("drug", selectField("drug", "Drug", drugs, input));
        this.start = textField("start", "First dose at (clock time)", "text", input);
        this.fields.set("threshold", quantityField("threshold", "Level", ["ng/mL"], input));
        this.analyte = selectField("analyte", "Of", [], input);
        this.fields.set("analyte", this.analyte);
        this.fields.set("at", textField("at", "At (clock time)", "text", input));
        this.fields.set("day", textField("day", "On day", "numeric", input));
        this.fields.set("age", quantityField("age", "Age", ["years", "months"], input));
        this.fields.set("weight", quantityField("weight", "Weight", ["kg"], input));
        this.fields.set("ancestry", selectField("ancestry", "Ancestry", ancestries, input));
        this.fields.set("sex", selectField("sex", "Sex", sexes, input));
        this.schedule = selectField("schedule", "Sessions", [], input);
        this.fields.set("schedule", this.schedule);
        this.fields.set("every", quantityField("every", "Every", ["h", "days"], input));
        this.fields.set("times", textField("times", "Number of sessions", "numeric", input));
        this.fields.set("second_session_shift", quantityField("second_session_shift", "Second session moved by", ["h", "days"], input));
        this.models = new Boxes("models", "One or several", input);
        this.fields.set("patients", textField("patients", "Simulated patients", "numeric", input));
        this.fields.set("seed", textField("seed", "Seed", "numeric", input));
        this.fields.set("to", quantityField("to", "Followed for", ["h", "days"], input));
        for (const key of ["dose", "over", "threshold", "second_session_shift"] as const) {
            this.presets.set(key, new Presets(key, (value) => {
                this.draft[key] = value;
                this.changed();
            }));
        }
    }

    private get draft(): Draft {
        return this.state.drafts[this.state.editing];
    }

    private entered(): void {
        const draft = this.draft;
        const {route, schedule} = draft;
        for (const [key, field] of this.fields) {
            draft[key] = field.value();
        }
        this.state.start = this.start.value();
        draft.models = this.inLibraryOrder(this.models.chosen());
        this.readDevices(draft);
        if (draft.route !== route) {
            this.changeRoute(draft, route);
        }
        if (draft.schedule !== schedule) {
            this.changeSchedule(draft);
        }
        draft.doses[draft.route] = draft.dose;
        this.changed();
    }

    private readDevices(draft: Draft): void {
        const count = deviceCount(draft, this.choices);
        const boxes = place("devices_given").querySelectorAll("input").length;
        if (count === boxes && count > 1) {
            const given = this.devices.chosen();
            draft.devices_given = Array.from({length: count}, (_, i) => given.includes(String(i)));
        } else {
            draft.devices_given = []; // another dose: all of it is given
        }
    }

    private inLibraryOrder(names: string[]): string[] {
        return this.choices.models.filter((m) => names.includes(m.name)).map((m) => m.name);
    }

    private changeRoute(draft: Draft, before: string): void {
        draft.doses[before] = draft.dose;
        draft.dose = draft.doses[draft.route] ?? draft.dose;
        const able = modelsOf(draft, this.choices).filter((m) => m.routes.includes(draft.route));
        const first = this.choices.models.find((m) => m.routes.includes(draft.route) && m.age_group === "adults");
        draft.models = able.length ? able.map((m) => m.name) : first ? [first.name] : [];
        if (this.choices.courses.some((c) => c.name === draft.schedule && c.route !== draft.route)) {
            draft.schedule = "single";
        }
    }

    /* A course brings its dose along, where its source has one. */
    private changeSchedule(draft: Draft): void {
        const course = this.choices.courses.find((c) => c.name === draft.schedule);
        draft.dose = course?.dose ?? draft.dose;
        draft.drug = course?.drug ?? draft.drug;
    }

    private changed(): void {
        const draft = this.draft;
        const analytes = this.analytesOf(draft);
        if (draft.analyte && analytes.length && !analytes.includes(draft.analyte)) {
            draft.analyte = "";
        }
        this.show();
        this.onChange();
    }

    /* Of the chosen models, in their order. */
    private analytesOf(draft: Draft): string[] {
        return [...new Set(modelsOf(draft, this.choices).flatMap((m) => m.analytes))];
    }

    /* Shows the scenario that is being edited. */
    show(): void {
        const draft = this.draft;
        const models = modelsOf(draft, this.choices);
        const drugs = [...new Set(models.map(drugAnalyte))];
        const rest = this.analytesOf(draft).filter((a) => drugs.length > 1 || !drugs.includes(a));
        this.analyte.offer([{value: "", label: drugs.join(" or ") || "the drug"}, ...rest.map((a) => ({value: a, label: a}))]);
        this.schedule.offer([
            {value: "single", label: "One session"},
            ...this.choices.courses.filter((c) => c.route === draft.route).map((c) => ({value: c.name, label: c.title})),
            {value: "repeated", label: "Sessions at an interval"},
        ]);
        this.start.show(this.state.start);
        for (const [key, field] of this.fields) {
            field.show(draft[key]);
        }
        this.showDevices(draft);
        this.showModels(draft);
        this.showPresets(draft, models);
        this.showHints(draft, models);
        this.showWhatApplies(draft, models);
        this.showComparison();
    }

    private showDevices(draft: Draft): void {
        const count = deviceCount(draft, this.choices);
        const device = modelsOf(draft, this.choices).find((m) => m.devices)?.devices;
        const start = readClock(this.state.start) ?? 0;
        const spacing = hoursOf(device?.spacing ?? "") ?? 0;
        const options = Array.from({length: count}, (_, i) => ({
            value: String(i), label: `No. ${i + 1}`, detail: clockAt(start, i * spacing),
        }));
        const given = options.map((o) => o.value).filter((_, i) => draft.devices_given[i] ?? true);
        this.devices.show([{title: "", open: true, options}], given);
        place("devices_given").hidden = count < 2;
    }

    private showModels(draft: Draft): void {
        const able = this.choices.models.filter((m) => m.routes.includes(draft.route));
        const options = (list: Model[]) => list.map((m) => ({value: m.name, label: modelLabel(m.name), detail: m.title}));
        const usual = (m: Model) => this.choices.defaults.models.includes(m.name);
        const children = able.filter((m) => m.age_group === "children");
        const adults = able.filter((m) => m.age_group !== "children");
        const groups = [
            {title: "", open: true, options: options([...adults.filter(usual), ...adults.filter((m) => !usual(m))])},
            {title: "Models of children", open: children.some((m) => draft.models.includes(m.name)), options: options(children)},
        ];
        this.models.show(groups.filter((g) => g.options.length), draft.models);
    }

    private showPresets(draft: Draft, models: Model[]): void {
        const device = milligrams(models.find((m) => m.devices)?.devices?.amount);
        const doses = draft.route === "intranasal" && device
            ? [1, 2, 3].map((n) => ({value: `${n * device} mg`, label: `${n * device} mg`}))
            : [];
        const over = [{value: "40 min", label: "40 min"}, {value: "60 min", label: "60 min"}];
        const levels = this.choices.thresholds
            .filter((t) => asksFor(draft, t.analyte, this.choices))
            .map((t) => ({value: t.level, label: t.level.replace(/ .*/, ""), title: `${t.level}: ${t.meaning}`}));
        this.presets.get("dose")!.show(doses, draft.dose);
        this.presets.get("over")!.show(over, draft.over);
        this.presets.get("threshold")!.show(levels, draft.threshold);
        this.presets.get("second_session_shift")!.show(shifts, draft.second_session_shift);
    }

    private showHints(draft: Draft, models: Model[]): void {
        const known = knownThreshold(draft, this.choices);
        const course = this.choices.courses.find((c) => c.name === draft.schedule);
        const range = (name: string) => {
            const limits = models.flatMap((m) => (m.validity[name] ? [m.validity[name]] : []));
            return limits.length ? `Studied: ${[...new Set(limits.map(rangeText))].join("; ")}` : "";
        };
        setHint("threshold", known ? `${known.meaning}; its source stands at the end` : "");
        setHint("schedule", course ? course.description : "");
        setHint("dose", range(`dose ${draft.route}`));
        setHint("age", range("age"));
        setHint("weight", range("weight"));
        setHint("second_session_shift", "Less than 0 is earlier.");
        setHint("to", "Empty: until a day after the last session begins.");
        setHint("seed", "The same seed gives the same patients.");
    }

    private showWhatApplies(draft: Draft, models: Model[]): void {
        const uses = (covariate: string) => models.some((m) => m.covariates.includes(covariate));
        const several = draft.schedule !== "single";
        place("over").hidden = place("drug").hidden = draft.route !== "iv";
        place("ancestry").hidden = !uses("asian");
        place("sex").hidden = !uses("sex");
        place("every").hidden = place("times").hidden = draft.schedule !== "repeated";
        place("second_session_shift").hidden = !several;
    }

    private showComparison(): void {
        const comparing = this.state.drafts.length === 2;
        byId("editing").hidden = !comparing;
        for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=editing]")) {
            radio.checked = Number(radio.value) === this.state.editing;
        }
        const other = this.state.drafts[1 - this.state.editing];
        const name = this.state.editing === 0 ? "B" : "A";
        const label = (key: TextKey, value: string) => {
            const select = document.querySelector<HTMLSelectElement>(`select#${key}`);
            const option = select && [...select.options].find((o) => o.value === value);
            return option?.label ?? routes.find((r) => key === "route" && r.value === value)?.label ?? value;
        };
        for (const key of this.fields.keys()) {
            const differs = comparing && other[key] !== this.draft[key];
            setOther(key, differs ? `${name}: ${label(key, other[key]) || "empty"}` : "");
        }
        const models = comparing && other.models.join() !== this.draft.models.join();
        setOther("models", models ? `${name}: ${other.models.map(modelLabel).join(", ") || "none"}` : "");
    }

    clearErrors(): void {
        for (const name of [...this.fields.keys(), "start", "models", "devices_given"]) {
            setError(name, "");
        }
    }

    /* Shows mistakes of the scenario in view beside their fields, those that have one. */
    showErrors(mistakes: Mistake[]): void {
        const aliases: Record<string, string> = {devices: "dose", schedule: this.draft.schedule === "repeated" ? "every" : "schedule"};
        const messages = new Map<string, string[]>();
        for (const m of mistakes.filter((m) => m.scenario === this.state.editing)) {
            const field = aliases[m.field] ?? m.field.split(".")[0];
            if (field && place(field)) {
                messages.set(field, [...(messages.get(field) ?? []), m.message]);
            }
        }
        messages.forEach((told, field) => setError(field, told.join(" ")));
    }
}
