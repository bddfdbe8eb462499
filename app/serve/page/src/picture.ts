/* The picture with its tools: which analyte, which stretch of time, which axis, and the values at a time. */
import {Asked, Column, seriesOf} from "./asked";
import {duration} from "./clock";
import {byId, element} from "./dom";
import {Plot, nearest} from "./plot";
import {splitQuantity} from "./quantity";
import {showLegend, showLevels, showReadout, titleOf, unitOf} from "./tables";

interface Span {
    value: string;
    label: string;
    from: number; // h
    to: number;
}

const spans = [4, 6, 12, 24, 48]; // h
const session = 12; // h that are shown of a session

/* What stretches of time there are to see; the usual one first in `usual`. */
export function spansOf(last: number, asked: number, sessions: number[]): {all: Span[]; usual: string} {
    const all: Span[] = [];
    if (sessions.length > 1) {
        for (const [i, start] of sessions.entries()) {
            const name = `session ${i + 1}`;
            all.push({value: name, label: name, from: start, to: Math.min(start + session, last)});
        }
    } else {
        for (const to of spans.filter((s) => s < last)) {
            all.push({value: `${to}`, label: duration(to), from: 0, to});
        }
    }
    all.push({value: "all", label: `all ${duration(last)}`, from: 0, to: last});
    const fitting = sessions.length > 1 ? undefined : all.find((s) => s.to >= 2.5 * asked);
    return {all, usual: fitting?.value ?? "all"};
}

export class PictureView {
    private readonly plot: Plot;
    private asked: Asked | null = null;
    private columns: Column[] = [];
    private chosen: {analyte: string | null; span: string | null} = {analyte: null, span: null}; // by the person
    private span: Span | null = null;
    private time = 0;

    constructor() {
        this.plot = new Plot(byId("plot"), (time) => this.point(time));
        const select = (id: string) => byId<HTMLSelectElement>(id);
        select("show-analyte").addEventListener("input", () => {
            this.chosen.analyte = select("show-analyte").value;
            this.draw();
        });
        select("show-span").addEventListener("input", () => {
            this.chosen.span = select("show-span").value;
            this.draw();
        });
        select("show-scale").addEventListener("input", () => this.draw());
    }

    show(asked: Asked, columns: Column[]): void {
        const before = this.asked;
        this.asked = asked;
        this.columns = columns;
        if (!before || before.minutes[0] !== asked.minutes[0] || before.startText !== asked.startText) {
            this.time = asked.minutes[0] / 60; // the values shown are those of the question, until a person points elsewhere
        }
        if (before && before.drafts[0].analyte !== asked.drafts[0].analyte) {
            this.chosen.analyte = null;
        }
        showLegend(columns);
        this.draw();
    }

    private choose(id: string, options: {value: string; label: string}[], value: string): void {
        const select = byId<HTMLSelectElement>(id);
        select.replaceChildren(...options.map((o) => element("option", {value: o.value}, o.label)));
        select.value = value;
    }

    private analyte(): string {
        const asked = titleOf(this.columns, "").replace(/,.*/, "");
        const all = [...new Set(this.columns.flatMap((c) => c.result.series.map((s) => s.analyte)))].filter((a) => a !== asked);
        const analyte = this.chosen.analyte && all.includes(this.chosen.analyte) ? this.chosen.analyte : "";
        this.choose("show-analyte", [{value: "", label: asked}, ...all.map((a) => ({value: a, label: a}))], analyte);
        return analyte;
    }

    private draw(): void {
        const asked = this.asked!;
        const analyte = this.analyte();
        const last = Math.max(...this.columns.map((c) => c.result.time[c.result.time.length - 1]));
        const doses = this.columns.flatMap((c) => c.result.doses);
        const sessions = [...new Map(this.columns[0].result.doses.map((d) => [d.session, d.time] as const).reverse()).values()].reverse();
        const {all, usual} = spansOf(last, Math.max(...asked.minutes) / 60, sessions);
        const span = all.find((s) => s.value === this.chosen.span) ?? all.find((s) => s.value === usual)!;
        this.choose("show-span", all, span.value);
        this.span = span;
        this.time = Math.min(Math.max(this.time, span.from), span.to);
        const questions = asked.drafts.flatMap((d, i) =>
            analyte === "" || d.analyte === analyte ? [{level: Number(splitQuantity(d.threshold).number), time: asked.minutes[i] / 60}] : []);
        const marks = this.columns[0].result.marks;
        this.plot.show({
            curves: this.columns.flatMap((c) => {
                const series = seriesOf(c, analyte);
                const q = series?.quantiles;
                return q ? [{look: c.look, name: c.name, time: c.result.time, quantiles: [q["0.05"], q["0.25"], q["0.5"], q["0.75"], q["0.95"]]}] : [];
            }),
            title: titleOf(this.columns, analyte),
            unit: unitOf(this.columns, analyte),
            start: asked.start,
            from: span.from,
            to: span.to,
            log: byId<HTMLSelectElement>("show-scale").value === "log",
            questions,
            doses: [...new Set(doses.map((d) => d.time))],
            marks,
        });
        showLevels(asked, this.columns, analyte, span.from, span.to);
        this.point(this.time);
    }

    /* Shows the values at a time, on the curve, in the table, and to those who listen. */
    private point(time: number): void {
        const {columns, asked, span} = this;
        if (!asked || !span || !columns.length) {
            return;
        }
        const times = columns[0].result.time;
        this.time = times[nearest(times, time)];
        const text = showReadout(asked, columns, byId<HTMLSelectElement>("show-analyte").value, this.time);
        const slider = byId("plot");
        slider.setAttribute("aria-valuemin", String(span.from));
        slider.setAttribute("aria-valuemax", String(span.to));
        slider.setAttribute("aria-valuenow", String(this.time));
        slider.setAttribute("aria-valuetext", text);
        this.plot.point(this.time);
    }
}
