/* Times of day, in minutes after midnight, and what passes between them. */

export const minutesOfDay = 24 * 60;

/* "9", "9:30", "0930", "9.30", "9 pm"; null for what is no time of day. */
export function readClock(text: string): number | null {
    const match = /^(\d{1,2})(?:[:.]?(\d{2}))?\s*([ap])?\.?(?:m\.?)?$/i.exec(text.trim());
    if (!match) {
        return null;
    }
    let hour = Number(match[1]);
    const minute = Number(match[2] ?? 0);
    const half = match[3]?.toLowerCase();
    if (half && (hour < 1 || hour > 12)) {
        return null;
    }
    if (half) {
        hour = (hour % 12) + (half === "p" ? 12 : 0);
    }
    return hour < 24 && minute < 60 ? 60 * hour + minute : null;
}

export function writeClock(minutes: number): string {
    const inDay = ((Math.round(minutes) % minutesOfDay) + minutesOfDay) % minutesOfDay;
    return `${String(Math.floor(inDay / 60)).padStart(2, "0")}:${String(inDay % 60).padStart(2, "0")}`;
}

/* The day, from 1, of a time (minutes after the midnight before the first dose). */
export function dayOf(minutes: number): number {
    return Math.floor(Math.round(minutes) / minutesOfDay) + 1;
}

/* "11:25"; "03:00 (next day)"; "03:00 on day 8". `start` in minutes of the day, `hours` from there. */
export function clockAt(start: number, hours: number): string {
    const minutes = start + 60 * hours;
    const day = dayOf(minutes);
    const clock = writeClock(minutes);
    return day === 1 ? clock : day === 2 ? `${clock} (next day)` : `${clock} on day ${day}`;
}

/* "40 min", "2 h", "2 h 25 min", "3 days 2 h" */
export function duration(hours: number): string {
    let minutes = Math.round(60 * Math.abs(hours));
    const days = minutes >= 2 * minutesOfDay ? Math.floor(minutes / minutesOfDay) : 0;
    minutes -= days * minutesOfDay;
    const parts = [
        days ? `${days} days` : "",
        minutes >= 60 ? `${Math.floor(minutes / 60)} h` : "",
        minutes % 60 ? `${minutes % 60} min` : "",
    ].filter(Boolean);
    return parts.join(" ") || "0 min";
}

/* A study's way to say minutes: "2 h", "125 min". */
export function minutesAsQuantity(minutes: number): string {
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
}
