/* Where the ticks of an axis stand and what they say. */
import {dayOf, minutesOfDay, writeClock} from "./clock";

export interface Tick {
    value: number;
    label: string;
}

/* Ticks from 0 to just above `top`, in steps of 1, 2 or 5 times a power of ten, at most `most` of them. */
export function linearTicks(top: number, most: number): Tick[] {
    const rough = top / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 5].find((f) => f * power >= rough) ?? 10);
    const count = Math.ceil(top / step - 1e-9);
    return Array.from({length: count + 1}, (_, i) => plain(i * step));
}

/* Powers of ten, with 2 and 5 times each where there are few of them. `bottom` and `top` become ticks' decades. */
export function logTicks(bottom: number, top: number): Tick[] {
    const first = Math.floor(Math.log10(bottom) + 1e-9);
    const last = Math.ceil(Math.log10(top) - 1e-9);
    const ticks: Tick[] = [];
    for (let power = first; power <= last; power++) {
        for (const factor of last - first <= 3 && power < last ? [1, 2, 5] : [1]) {
            ticks.push(plain(factor * 10 ** power));
        }
    }
    return ticks;
}

function plain(value: number): Tick {
    const rounded = Number(value.toPrecision(12));
    return {value: rounded, label: String(rounded)};
}

const steps = [5, 10, 15, 30, 60, 120, 180, 360, 720].concat([1, 2, 3, 7, 14, 28, 56].map((d) => d * minutesOfDay)); // minutes

/* Whether the ticks of timeTicks are days. */
export function inDays(ticks: Tick[]): boolean {
    return ticks.length > 0 && ticks[0].label.startsWith("day");
}

/* Ticks of a time axis, hours from the first dose, which is `start` minutes after midnight: round clock times, or days. */
export function timeTicks(from: number, to: number, start: number, most: number): Tick[] {
    const span = 60 * (to - from);
    const step = steps.find((s) => span / s <= most) ?? steps[steps.length - 1] * Math.ceil(span / most / steps[steps.length - 1]);
    const ticks: Tick[] = [];
    if (step >= minutesOfDay) {
        for (let day = Math.ceil((60 * from) / step - 1e-9) * step; day <= 60 * to + 1e-6; day += step) {
            ticks.push({value: day / 60, label: `day ${day / minutesOfDay + 1}`});
        }
        return ticks;
    }
    let shownDay = dayOf(start + 60 * from);
    const first = Math.ceil((start + 60 * from) / step - 1e-9) * step;
    for (let minutes = first; minutes <= start + 60 * to + 1e-6; minutes += step) {
        const day = dayOf(minutes);
        ticks.push({value: (minutes - start) / 60, label: writeClock(minutes) + (day === shownDay ? "" : ` day ${day}`)});
        shownDay = day;
    }
    return ticks;
}
