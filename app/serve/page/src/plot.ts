/* The curve: median and bands over time, as SVG. It draws what it is given and computes nothing but places on the screen. */
import {Tick, inDays, linearTicks, logTicks, timeTicks} from "./axis";
import {clockAt} from "./clock";
import {svgElement} from "./dom";

export interface Curve {
    look: number; // which color and dash, from 0
    name: string;
    time: number[]; // h
    quantiles: (number | null)[][]; // five of them, upwards: 5, 25, 50, 75, 95 of 100
}

export interface Picture {
    curves: Curve[];
    title: string; // of the level axis
    unit: string;
    start: number; // minutes of the day of the first dose
    from: number; // h
    to: number; // h
    log: boolean;
    questions: {level: number; time: number}[]; // above which level, when (h)
    doses: number[]; // h
    marks: {time: number; label: string}[];
}

const margin = {left: 58, right: 20, top: 56, bottom: 46};

/* Pieces of numbers between gaps, as path commands. */
function line(x: number[], y: (number | null)[]): string {
    let path = "";
    let down = false;
    for (let i = 0; i < x.length; i++) {
        const v = y[i];
        if (v === null) {
            down = false;
            continue;
        }
        path += `${down ? "L" : "M"}${x[i].toFixed(1)} ${v.toFixed(1)}`;
        down = true;
    }
    return path;
}

function band(x: number[], lower: (number | null)[], upper: (number | null)[]): string {
    const whole = x.map((_, i) => i).filter((i) => lower[i] !== null && upper[i] !== null);
    if (whole.length < 2) {
        return "";
    }
    const back = [...whole].reverse();
    return `${line(whole.map((i) => x[i]), whole.map((i) => upper[i]))}L${line(back.map((i) => x[i]), back.map((i) => lower[i])).slice(1)}Z`;
}

export class Plot {
    private picture: Picture | null = null;
    private width = 0;
    private height = 0;
    private bottom = 0; // of the level axis
    private top = 1;
    private readonly cursor = svgElement("g", {class: "cursor"});

    /* `onPoint`: a person points at a time, h. */
    constructor(private readonly root: HTMLElement, private readonly onPoint: (time: number) => void) {
        new ResizeObserver(() => this.draw()).observe(root);
        const point = (event: PointerEvent) => {
            if (this.picture) {
                const {from, to} = this.picture;
                const x = event.clientX - root.getBoundingClientRect().left;
                const time = from + ((x - margin.left) / (this.width - margin.left - margin.right)) * (to - from);
                onPoint(Math.min(Math.max(time, from), to));
            }
        };
        root.addEventListener("pointermove", point);
        root.addEventListener("pointerdown", point);
        root.addEventListener("keydown", (event) => this.key(event));
    }

    private time = 0;

    private key(event: KeyboardEvent): void {
        if (!this.picture) {
            return;
        }
        const {from, to} = this.picture;
        const step = Math.max(1 / 60, Math.round((to - from) * 60 / 120) / 60);
        const moves: Record<string, number> = {
            ArrowLeft: this.time - step, ArrowDown: this.time - step, ArrowRight: this.time + step, ArrowUp: this.time + step,
            PageDown: this.time - 10 * step, PageUp: this.time + 10 * step, Home: from, End: to,
        };
        if (event.key in moves) {
            event.preventDefault();
            this.onPoint(Math.min(Math.max(moves[event.key], from), to));
        }
    }

    show(picture: Picture): void {
        this.picture = picture;
        this.draw();
    }

    private x(time: number): number {
        const {from, to} = this.picture!;
        return margin.left + ((time - from) / (to - from)) * (this.width - margin.left - margin.right);
    }

    private y(level: number): number {
        const share = this.picture!.log
            ? Math.log(Math.max(level, this.bottom) / this.bottom) / Math.log(this.top / this.bottom)
            : level / this.top;
        return this.height - margin.bottom - share * (this.height - margin.top - margin.bottom);
    }

    /* Chooses the level axis for what is in view. */
    private levelTicks(): Tick[] {
        const picture = this.picture!;
        const asked = picture.questions.map((q) => q.level).filter((level) => level > 0);
        let highest = Math.max(0, ...asked);
        for (const curve of picture.curves) {
            curve.time.forEach((t, i) => {
                if (t >= picture.from && t <= picture.to) {
                    highest = Math.max(highest, curve.quantiles[4][i] ?? 0);
                }
            });
        }
        highest = highest || 1;
        const ticks = picture.log ? logTicks(Math.min(highest / 300, ...asked), highest) : linearTicks(highest, 6);
        this.bottom = picture.log ? ticks[0].value : 0;
        this.top = ticks[ticks.length - 1].value;
        return ticks;
    }

    private draw(): void {
        const picture = this.picture;
        this.width = this.root.clientWidth;
        this.height = this.root.clientHeight;
        if (!picture || this.width < 100) {
            return;
        }
        const svg = svgElement("svg", {width: this.width, height: this.height, viewBox: `0 0 ${this.width} ${this.height}`, "aria-hidden": "true"});
        const levels = this.levelTicks();
        const clip = svgElement("clipPath", {id: "inside"});
        clip.append(svgElement("rect", {
            x: margin.left, y: margin.top, width: this.width - margin.left - margin.right, height: this.height - margin.top - margin.bottom,
        }));
        svg.append(clip);
        this.drawAxes(svg, levels);
        const inside = svgElement("g", {"clip-path": "url(#inside)"});
        this.drawCurves(inside);
        svg.append(inside);
        this.drawQuestions(svg);
        this.drawEvents(svg);
        svg.append(this.cursor);
        this.root.replaceChildren(svg);
        this.point(this.time);
    }

    private drawAxes(svg: SVGElement, levels: Tick[]): void {
        const {from, to, start, title} = this.picture!;
        const [left, right, base] = [margin.left, this.width - margin.right, this.height - margin.bottom];
        for (const tick of levels) {
            const y = this.y(tick.value);
            svg.append(svgElement("line", {class: "grid", x1: left, x2: right, y1: y, y2: y}));
            svg.append(svgElement("text", {class: "tick", x: left - 8, y: y + 4, "text-anchor": "end"}, tick.label));
        }
        const times = timeTicks(from, to, start, Math.max(3, Math.floor((right - left) / 58)));
        for (const tick of times) {
            const x = this.x(tick.value);
            svg.append(svgElement("line", {class: "axis", x1: x, x2: x, y1: base, y2: base + 5}));
            svg.append(svgElement("text", {class: "tick", x, y: base + 19, "text-anchor": "middle"}, tick.label));
        }
        svg.append(svgElement("line", {class: "axis", x1: left, x2: right, y1: base, y2: base}));
        svg.append(svgElement("text", {class: "title", x: left - 50, y: 14}, title));
        svg.append(svgElement("text", {class: "title", x: right, y: base + 38, "text-anchor": "end"}, inDays(times) ? "day" : "time of day"));
    }

    private drawCurves(into: SVGElement): void {
        const {curves, from, to} = this.picture!;
        const drawn = curves.map((curve) => {
            const near = curve.time.map((_, i) => i).filter((i) =>
                (curve.time[Math.min(i + 1, curve.time.length - 1)] >= from && curve.time[Math.max(i - 1, 0)] <= to));
            const x = near.map((i) => this.x(curve.time[i]));
            const y = curve.quantiles.map((q) => near.map((i) => (q[i] === null ? null : this.y(q[i]))));
            return {look: curve.look, x, y};
        });
        for (const {look, x, y} of drawn) {
            into.append(svgElement("path", {class: `band outer look-${look}`, d: band(x, y[0], y[4])}));
            if (curves.length <= 2) {
                into.append(svgElement("path", {class: `band inner look-${look}`, d: band(x, y[1], y[3])}));
            }
        }
        for (const {look, x, y} of drawn) {
            into.append(svgElement("path", {class: `median look-${look}`, d: line(x, y[2])}));
        }
    }

    /* The level and the time asked for, and where they meet. */
    private drawQuestions(svg: SVGElement): void {
        const {questions, unit, from, to} = this.picture!;
        const right = this.width - margin.right;
        for (const level of new Set(questions.map((q) => q.level))) {
            const y = this.y(level);
            svg.append(svgElement("line", {class: "threshold", x1: margin.left, x2: right, y1: y, y2: y}));
            svg.append(svgElement("text", {class: "threshold-label", x: right - 4, y: y - 6, "text-anchor": "end"}, `${level} ${unit}`));
        }
        for (const {level, time} of questions.filter((q) => q.time >= from && q.time <= to)) {
            const [x, y] = [this.x(time), this.y(level)];
            svg.append(svgElement("line", {class: "asked", x1: x, x2: x, y1: margin.top, y2: this.height - margin.bottom}));
            svg.append(svgElement("circle", {class: "asked-point", cx: x, cy: y, r: 5}));
        }
    }

    /* Doses as triangles below the axis' line, marks as short lines above the curves, with words where there is room. */
    private drawEvents(svg: SVGElement): void {
        const {doses, marks, questions, start, from, to} = this.picture!;
        const base = this.height - margin.bottom;
        const inView = (t: number) => t >= from - 1e-9 && t <= to + 1e-9;
        for (const time of doses.filter(inView)) {
            const x = this.x(time);
            svg.append(svgElement("path", {class: "dose", d: `M${x} ${base - 1}l-5 -9h10z`}));
        }
        for (const mark of marks.filter((m) => inView(m.time))) {
            svg.append(svgElement("line", {class: "mark", x1: this.x(mark.time), x2: this.x(mark.time), y1: margin.top - 4, y2: base}));
        }
        // The time asked for first: of what has no room, only the line is drawn.
        const asked = [...new Set(questions.map((q) => q.time))].map((time) => ({time, label: clockAt(start, time), kind: "asked-label"}));
        const words = [...asked, ...marks.map((m) => ({...m, kind: "mark-label"}))].filter((w) => inView(w.time));
        const taken: {row: number; left: number; right: number}[] = [];
        for (const word of words.length <= 6 ? words : asked.filter((w) => inView(w.time))) {
            const width = 6.8 * word.label.length;
            const x = this.x(word.time);
            const fits = [{row: 0, left: x}, {row: 1, left: x}, {row: 0, left: x - width}, {row: 1, left: x - width}].find(({row, left}) =>
                left >= margin.left - 8 && left + width <= this.width &&
                taken.every((t) => t.row !== row || left > t.right + 6 || left + width < t.left - 6));
            if (fits) {
                taken.push({...fits, right: fits.left + width});
                const end = fits.left < x;
                svg.append(svgElement("text", {
                    class: word.kind, x: end ? x - 3 : x, y: margin.top - 8 - 14 * fits.row, "text-anchor": end ? "end" : "start",
                }, word.label));
            }
        }
    }

    /* Marks a time on the curves. */
    point(time: number): void {
        this.time = time;
        const picture = this.picture;
        if (!picture || time < picture.from || time > picture.to) {
            this.cursor.replaceChildren();
            return;
        }
        const x = this.x(time);
        this.cursor.replaceChildren(svgElement("line", {class: "cursor-line", x1: x, x2: x, y1: margin.top, y2: this.height - margin.bottom}));
        for (const curve of picture.curves) {
            const level = curve.quantiles[2][nearest(curve.time, time)];
            if (level !== null && level !== undefined) {
                this.cursor.append(svgElement("circle", {class: `cursor-point look-${curve.look}`, cx: x, cy: this.y(level), r: 4.5}));
            }
        }
    }
}

/* The index of the time nearest to `time`. */
export function nearest(times: number[], time: number): number {
    let low = 0;
    let high = times.length - 1;
    while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (times[middle] <= time) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return time - times[low] <= times[high] - time ? low : high;
}
