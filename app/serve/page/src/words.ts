/* Answers as sentences. */
import type {Answer} from "./contract";
import {clockAt, duration} from "./clock";
import {digits} from "./quantity";

/* A share as people of 100: "63", and honest at the ends. */
export function ofHundred(share: number): string {
    const people = Math.round(100 * share);
    if (share <= 0) {
        return "none";
    }
    if (share >= 1) {
        return "all";
    }
    return people === 0 ? "fewer than 1" : people === 100 ? "more than 99" : `about ${people}`;
}

/* "60 to 66"; nothing where there is no interval. */
export function rangeOfHundred(answer: Answer): string {
    if (answer.lower === null || answer.upper === null) {
        return "";
    }
    const [lower, upper] = [Math.round(100 * answer.lower), Math.round(100 * answer.upper)];
    return lower === upper ? "" : `${lower} to ${upper}`;
}

/* Of a time: when, and after how long. */
export function whenText(hours: number, start: number): string {
    return `${clockAt(start, hours)} (after ${duration(hours)})`;
}

export function intervalText(answer: Answer, start: number): string {
    if (answer.lower === null || answer.lower === answer.upper) {
        return "";
    }
    if (answer.upper === null) { // of a time: beyond what is simulated
        return `${clockAt(start, answer.lower)} or later`;
    }
    return answer.unit === "h"
        ? `${clockAt(start, answer.lower)} to ${clockAt(start, answer.upper)}`
        : `${digits(answer.lower)} to ${digits(answer.upper)}`;
}
