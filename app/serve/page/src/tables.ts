/* The answers and the levels as tables, and where they come from. */
import type {Answer} from "./contract";
import {Asked, Column, answerOf, isNever, isTypical, seriesOf} from "./asked";
import {timeTicks} from "./axis";
import {clockAt, duration} from "./clock";
import {byId, element} from "./dom";
import {modelLabel, rangeText} from "./form";
import {nearest} from "./plot";
import {digits} from "./quantity";
import {knownThreshold} from "./scenario";
import {intervalText, whenText} from "./words";

const quantiles = ["0.05", "0.25", "0.5", "0.75", "0.95"] as const;

function swatch(column: Column): HTMLElement {
    return element("span", {class: `swatch look-${column.look}`});
}

export function showLegend(columns: Column[]): void {
    byId("legend").replaceChildren(...columns.map((c) => element("li", {}, swatch(c), c.name)));
}

function heads(columns: Column[], first: string): HTMLElement {
    return element("thead", {}, element("tr", {},
        element("th", {scope: "col"}, first), ...columns.map((c) => element("th", {scope: "col"}, swatch(c), c.name))));
}

function percent(share: number): string {
    return `${(100 * share).toFixed(1)}`;
}

function cellText(answer: Answer | undefined, asked: Asked, column: Column): string {
    if (!answer) {
        return "not known to this model";
    }
    if (answer.value === null) {
        const last = column.result.time[column.result.time.length - 1];
        return `not within the ${duration(last)} simulated, or before the next session`;
    }
    if (answer.kind.startsWith("below") && isNever(column, answer)) {
        return "never reached";
    }
    if (answer.kind === "above_at" && isTypical(column)) {
        return `the typical patient is ${answer.value >= 1 ? "above" : "below"}`;
    }
    if (answer.kind === "above_at") {
        const range = answer.lower === null || answer.upper === null ? "" : ` (${percent(answer.lower)} to ${percent(answer.upper)})`;
        return `${percent(answer.value)} %${range}`;
    }
    const range = intervalText(answer, asked.start);
    const value = answer.unit === "h" ? whenText(answer.value, asked.start) : `${digits(answer.value)} ${answer.unit}`;
    return range ? `${value} (${range})` : value;
}

export function showAnswers(asked: Asked, columns: Column[]): void {
    const same = new Set(asked.drafts.map((d, i) => [d.threshold, d.analyte, asked.minutes[i]].join())).size === 1;
    const [draft, minutes] = [asked.drafts[0], asked.minutes[0]];
    const level = same ? draft.threshold : "the level asked for";
    const rows: [Answer["kind"], string][] = [
        ["above_at", `Patients above ${level}${same ? ` at ${clockAt(asked.start, minutes / 60)}` : " at the time asked for"} (95 % confidence)`],
        ["below_50", "Half of the patients are below it from (95 % confidence)"],
        ["below_95", "95 of 100 patients are below it from (95 % confidence)"],
        ["cmax", "Highest level: median patient (middle 90 of 100)"],
        ["tmax", "Time of the highest level: median patient (middle 90 of 100)"],
    ];
    const known = rows.filter(([kind]) => columns.some((c) => answerOf(c, kind)));
    byId("answers").replaceChildren(heads(columns, "What"), element("tbody", {}, ...known.map(([kind, label]) =>
        element("tr", {"data-kind": kind}, element("th", {scope: "row"}, label),
            ...columns.map((c) => element("td", {}, cellText(answerOf(c, kind), asked, c)))))));
}

/* Median, and the middle 50 and 90 of 100, of a column at an index of its times. */
function levelsAt(column: Column, analyte: string, index: number): string[] {
    const series = seriesOf(column, analyte);
    const values = quantiles.map((q) => series?.quantiles[q][index] ?? null);
    if (values.some((v) => v === null)) {
        return ["-", "-", "-"];
    }
    const [p05, p25, p50, p75, p95] = values.map((v) => digits(v as number));
    return [p50, `${p25} to ${p75}`, `${p05} to ${p95}`];
}

export function showLevels(asked: Asked, columns: Column[], analyte: string, from: number, to: number): void {
    const rows = timeTicks(from, to, asked.start, 16).map((tick) => element("tr", {},
        element("th", {scope: "row"}, clockAt(asked.start, tick.value)),
        ...columns.flatMap((c) => {
            const [median, , wide] = levelsAt(c, analyte, nearest(c.result.time, tick.value));
            return [element("td", {}, `${median} (${wide})`)];
        })));
    byId("levels").replaceChildren(
        element("caption", {}, `${titleOf(columns, analyte)}: median patient (middle 90 of 100)`), heads(columns, "Time"), element("tbody", {}, ...rows));
}

export function unitOf(columns: Column[], analyte: string): string {
    const unit = columns.map((c) => seriesOf(c, analyte)?.unit).find(Boolean) ?? "";
    return unit === "1" ? "" : unit;
}

/* "esketamine, ng/mL", or of several models "ketamine or esketamine, ng/mL" */
export function titleOf(columns: Column[], analyte: string): string {
    const names = [...new Set(columns.flatMap((c) => seriesOf(c, analyte)?.analyte ?? []))];
    const unit = unitOf(columns, analyte);
    return names.join(" or ") + (unit ? `, ${unit}` : "");
}

/* The values at a time that a person points at; gives back the same in one sentence. */
export function showReadout(asked: Asked, columns: Column[], analyte: string, time: number): string {
    const unit = unitOf(columns, analyte);
    const when = `${clockAt(asked.start, time)}, ${duration(time)} after the first dose`;
    const rows = columns.map((c) => ({column: c, levels: levelsAt(c, analyte, nearest(c.result.time, time))}));
    byId("readout").replaceChildren(
        element("caption", {}, when),
        element("thead", {}, element("tr", {}, ...[titleOf(columns, analyte), "median", "middle 50 of 100", "middle 90 of 100"].map((h) =>
            element("th", {scope: "col"}, h)))),
        element("tbody", {}, ...rows.map(({column, levels}) =>
            element("tr", {}, element("th", {scope: "row"}, swatch(column), column.name), ...levels.map((l) => element("td", {}, l))))),
    );
    const told = rows.map(({column, levels}) => `${columns.length > 1 ? `${column.name}: ` : ""}median ${levels[0]} ${unit}, middle 90 of 100: ${levels[2]}`);
    return `${when}. ${told.join(". ")}`;
}

export function showSources(asked: Asked, names: string[]): void {
    const {choices, drafts} = asked;
    const levels = new Set(drafts.flatMap((d) => knownThreshold(d, choices) ?? []));
    const models = choices.models.filter((m) => names.includes(m.name));
    byId("models").replaceChildren(...[...levels].map((t) => element("div", {class: "model"},
        element("h3", {}, `The level ${t.level}: ${t.meaning}`), element("p", {}, t.source), element("p", {}, t.limits))),
    ...models.map((m) => {
        const limits = Object.entries(m.validity).map(([name, l]) => `${name} ${rangeText(l)}`).join(", ");
        const about = element("div", {class: "model"}, element("h3", {}, `${modelLabel(m.name)}: ${m.title}`));
        const source = element("p", {}, m.citation);
        if (m.doi) {
            source.append(" ", element("a", {href: `https://doi.org/${m.doi}`, target: "_blank", rel: "noopener noreferrer"}, `doi ${m.doi}`));
        }
        about.append(source);
        const sampling = m.sampling === "unstated" ? "kind of blood sample not stated" : `${m.sampling} samples`;
        about.append(element("p", {}, [m.population, `${m.drug}, ${m.age_group}, ${sampling}`, limits && `studied range: ${limits}`].filter(Boolean).join("; ") + "."));
        if (m.notes.length) {
            about.append(element("details", {},
                element("summary", {}, "What the source leaves open or gets wrong"), element("ul", {}, ...m.notes.map((n) => element("li", {}, n)))));
        }
        return about;
    }));
}
