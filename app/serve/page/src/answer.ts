/* The answer in words, and what the person must know beside it. */
import type {Answer, Mistake, Result} from "./contract";
import {Asked, Column, answerOf, columnsOf, isNever, isTypical, scenarioNames} from "./asked";
import {clockAt} from "./clock";
import {byId, element} from "./dom";
import {modelLabel} from "./form";
import {outline} from "./scenario";
import {ofHundred, rangeOfHundred, whenText} from "./words";

function badge(scenario: number): HTMLElement {
    return element("span", {class: `badge ${"ab"[scenario]}`}, scenarioNames[scenario]);
}

/* "about 63 (60 to 66)", the number being what the eye should find. */
function people(column: Column): (Node | string)[] {
    const above = answerOf(column, "above_at");
    if (!above || above.value === null) {
        return [element("strong", {}, "no answer"), " by this model"];
    }
    if (isTypical(column)) {
        return ["the typical patient ", element("strong", {}, above.value >= 1 ? "is" : "is not"), "; this model knows no spread between people"];
    }
    const range = rangeOfHundred(above);
    const words = ofHundred(above.value).split(" ");
    const number = words.pop() as string;
    return [words.length ? `${words.join(" ")} ` : "", element("strong", {}, number), range ? ` (${range})` : ""];
}

/* When half and nearly all of them are below. */
function later(column: Column, start: number): string {
    const half = answerOf(column, "below_50");
    const most = answerOf(column, "below_95");
    const told = (who: string, answer: Answer | undefined) =>
        !answer ? "" :
        answer.value === null ? `${who} are below it only later than is simulated, or than the next session. ` :
        isNever(column, answer) ? `${who} never reach it. ` :
        `${who} are below it from ${whenText(answer.value, start)}. `;
    return (told("Half of them", half) + told("95 of 100", most)).trim();
}

function scenarioAnswer(asked: Asked, columns: Column[], scenario: number, compared: boolean): HTMLElement {
    const draft = asked.drafts[scenario];
    const own = columns.filter((c) => c.scenario === scenario);
    const when = clockAt(asked.start, asked.minutes[scenario] / 60);
    const analytes = [...new Set(own.flatMap((c) => answerOf(c, "above_at")?.analyte ?? []))];
    const of = analytes.length ? ` of ${analytes.join(" or ")}` : "";
    const block = element("div", {class: `scenario ${compared ? "ab"[scenario] : ""}`});
    block.append(element("p", {class: "outline"}, ...(compared ? [badge(scenario), " "] : []), outline(draft, asked.startText, asked.choices, own[0]?.result.doses ?? [])));
    if (own.length === 1 && !isTypical(own[0])) {
        block.append(element("p", {class: "sentence"},
            "Of 100 people like this patient, ", ...people(own[0]), ` are still above ${draft.threshold}${of} at ${when}.`));
        const more = later(own[0], asked.start);
        if (more) {
            block.append(element("p", {class: "later"}, more));
        }
    } else {
        block.append(element("p", {class: "sentence small"}, `${own.every(isTypical) ? "Still" : "Of 100 people like this patient, still"} above ${draft.threshold}${of} at ${when}:`));
        block.append(element("ul", {class: "by-model"}, ...own.map((c) =>
            element("li", {}, `${modelLabel(c.model)}${analytes.length > 1 ? ` (${answerOf(c, "above_at")?.analyte ?? "not known"})` : ""}: `, ...people(c)))));
    }
    return block;
}

/* What the page calls a field. */
function fieldLabel(field: string): string {
    return document.querySelector(`[data-field="${CSS.escape(field)}"] .label`)?.textContent ?? field;
}

export function showAnswer(asked: Asked, results: Result[]): void {
    const columns = columnsOf(asked, results);
    const compared = results.length > 1;
    const patients = [...new Set(results.map((r) => r.patients))].join(" and ");
    byId("answer").replaceChildren(
        element("div", {class: compared ? "scenarios two" : "scenarios"}, ...results.map((_, i) => scenarioAnswer(asked, columns, i, compared))),
        element("p", {class: "hint"}, `In brackets: what is left open by simulating ${patients} patients and not more (95 % confidence).`),
    );
    const warnings = results.flatMap((r, i) => r.warnings.map((text) =>
        element("li", {}, ...(compared ? [badge(i), " "] : []), text)));
    byId("warnings").replaceChildren(
        ...(warnings.length ? [element("div", {class: "warning"}, element("h3", {}, "Read this first"), element("ul", {}, ...warnings))] : []),
    );
}

/* In place of an answer: why there is none. The mistakes of fields are told here, too: this is what is read aloud. */
export function showRefusal(message: string, mistakes: Mistake[], compared: boolean): void {
    const told = mistakes.map((m) => element("li", {}, ...(compared ? [badge(m.scenario), " "] : []), `${m.field ? `${fieldLabel(m.field)}: ` : ""}${m.message}`));
    byId("answer").replaceChildren(
        element("p", {class: "refusal"}, element("strong", {}, "No answer. "), message),
        ...(told.length ? [element("ul", {}, ...told)] : []),
    );
    byId("warnings").replaceChildren();
}
