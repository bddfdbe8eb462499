/* Quantities as a study writes them: a number, a space, a unit. What they mean is the server's to judge. */

export interface Parts {
    number: string;
    unit: string;
}

/* "0.5 mg/kg" into "0.5" and "mg/kg". */
export function splitQuantity(text: string): Parts {
    const match = /^\s*([-+]?[\d.]+(?:e[-+]?\d+)?)\s*((?:\p{L}.*?)?)\s*$/iu.exec(text);
    return match ? {number: match[1], unit: match[2]} : {number: text.trim(), unit: ""};
}

/* What was typed, with the unit beside it unless one was typed, too; nothing where nothing was. */
export function joinQuantity(typed: string, unit: string): string {
    if (!typed.trim()) {
        return "";
    }
    const {number, unit: typedUnit} = splitQuantity(typed);
    return `${number} ${typedUnit || unit}`.trim();
}

/* In hours, for the units that the page itself writes or offers; null for others. */
export function hoursOf(text: string): number | null {
    const {number, unit} = splitQuantity(text);
    const hours = {min: 1 / 60, minutes: 1 / 60, h: 1, hour: 1, hours: 1, day: 24, days: 24, d: 24}[unit];
    const value = Number(number);
    return hours === undefined || number === "" || !Number.isFinite(value) ? null : value * hours;
}

/* The number of a quantity in mg; null where it is none. */
export function milligrams(text: string | undefined): number | null {
    const {number, unit} = splitQuantity(text ?? "");
    const value = Number(number);
    return unit === "mg" && number !== "" && Number.isFinite(value) ? value : null;
}

/* Three significant digits, as people write them: 84.2, 99.0, 1210, 0.0512. */
export function digits(value: number): string {
    const text = value.toPrecision(3);
    return value === 0 ? "0" : text.includes("e") ? String(Number(text)) : text;
}
