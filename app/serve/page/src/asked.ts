/* What was asked, kept beside its results, so that an answer is never shown under another question; and the results as columns. */
import type {Answer, Choices, Result, Series} from "./contract";
import {modelLabel} from "./form";
import type {Draft} from "./scenario";

export interface Asked {
    choices: Choices;
    start: number; // minutes of the day of the first dose
    startText: string;
    drafts: Draft[];
    minutes: number[]; // from the first dose to the question, for each draft
}

/* One model's results in one scenario. */
export interface Column {
    scenario: number;
    model: string;
    name: string;
    result: Result;
    look: number; // color and dash
}

export const scenarioNames = ["A", "B"];

/* Scenario by scenario, in the order in which the models were asked for. */
export function columnsOf(asked: Asked, results: Result[]): Column[] {
    const columns: Column[] = [];
    results.forEach((result, scenario) => {
        for (const model of asked.drafts[scenario].models) {
            const label = modelLabel(model);
            const name = results.length === 1 ? label : `${scenarioNames[scenario]}: ${label}`;
            columns.push({scenario, model, name, result, look: columns.length % 8});
        }
    });
    return columns;
}

export function answerOf(column: Column, kind: Answer["kind"]): Answer | undefined {
    return column.result.answers.find((a) => a.model === column.model && a.kind === kind);
}

/* Whether the model has no spread between people: what it tells is of the typical patient alone. */
export function isTypical(column: Column): boolean {
    const quantiles = seriesOf(column, "")?.quantiles;
    return quantiles !== undefined && quantiles["0.05"].every((low, i) => low === quantiles["0.95"][i]);
}

/* Of a time from which so many are below: whether they never reach the level, which is told by the start of a session. */
export function isNever(column: Column, answer: Answer): boolean {
    return column.result.doses.some((d) => Math.abs(d.time - (answer.value as number)) < 1e-6);
}

/* `analyte` "": that which the question is about. */
export function seriesOf(column: Column, analyte: string): Series | undefined {
    const name = analyte || answerOf(column, "above_at")?.analyte;
    return column.result.series.find((s) => s.model === column.model && s.analyte === name);
}
