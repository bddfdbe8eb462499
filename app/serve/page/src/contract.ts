/* What the page and the server say to each other, as JSON. The server's side is app/serve*.c. Times in h, levels in the
 * unit beside them; a quantity that a person states is text with its unit, as in a study. */

export interface Repeated {
    every: string;
    times: number | string; // text: no whole number, which the server refuses
}

export interface Scenario {
    models: string[];
    route: string;
    dose?: string;
    devices?: number; // in place of dose, where one of them is not given
    devices_given?: boolean[];
    over?: string;
    drug?: string;
    age?: string;
    weight?: string;
    ancestry?: string;
    sex?: string;
    schedule: string | Repeated; // "single", the name of a course, or sessions at an interval
    second_session_shift?: string;
    threshold: string;
    analyte?: string | null; // missing: of each model the drug that it is about
    at: string; // from the first dose
    to?: string; // missing: a day after the last session begins
    patients: number | string;
    seed: number | string;
}

export interface Model {
    name: string;
    title: string;
    citation: string;
    doi: string | null;
    drug: string;
    sampling: string;
    age_group: string;
    routes: string[];
    analytes: string[];
    validity: Record<string, {min: number | null; max: number | null; unit: string}>; // of covariates, and of "dose ROUTE"
    covariates: string[];
    notes: string[]; // what the source gets wrong or leaves out
    population: string | null;
    devices: {amount: string; spacing: string} | null;
}

/* A level that a source gives a meaning. */
export interface Threshold {
    level: string; // "71 ng/mL"
    analyte: string;
    meaning: string;
    source: string;
    limits: string;
}

export interface Choices {
    version: string;
    disclaimer: string;
    models: Model[];
    limits: {models: number};
    courses: {name: string; title: string; description: string; route: string; drug: string | null; dose: string | null}[];
    thresholds: Threshold[];
    defaults: {[K in keyof Scenario]: Scenario[K] | null} & Pick<Scenario, "models" | "route" | "schedule" | "threshold" | "at" | "patients" | "seed">;
}

export interface Series {
    model: string;
    analyte: string;
    unit: string;
    label: string;
    quantiles: Record<"0.05" | "0.25" | "0.5" | "0.75" | "0.95", (number | null)[]>;
}

export interface Answer {
    kind: "above_at" | "below_50" | "below_95" | "cmax" | "tmax";
    model: string;
    analyte: string;
    value: number | null; // of times: hours from the first dose; the start of a session where the level is never reached; null: later than simulated
    lower: number | null;
    upper: number | null;
    unit: string;
}

export interface Dose {
    time: number;
    amount: number;
    unit: string;
    session: number; // from 1
}

export interface Result {
    patients: number;
    time: number[];
    series: Series[];
    doses: Dose[];
    marks: {time: number; label: string; source: string}[];
    answers: Answer[];
    warnings: string[];
    citations: {model: string; text: string}[];
}

export interface Mistake {
    scenario: number;
    field: string;
    message: string;
}
