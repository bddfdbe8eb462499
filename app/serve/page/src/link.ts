/* A link holds what is asked, in its fragment: it reaches no server and no log. base64url of JSON. */
import type {Scenario} from "./contract";

export interface Shared {
    start: string; // clock time of the first dose
    scenarios: Partial<Scenario>[]; // one or two
}

export function encodeLink(shared: Shared): string {
    const bytes = new TextEncoder().encode(JSON.stringify(shared));
    let text = "";
    for (const byte of bytes) {
        text += String.fromCharCode(byte);
    }
    return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/* null: not a link of this page. */
export function decodeLink(fragment: string): Shared | null {
    try {
        const text = atob(fragment.replace(/^#/, "").replace(/-/g, "+").replace(/_/g, "/"));
        const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
        const shared = JSON.parse(new TextDecoder("utf-8", {fatal: true}).decode(bytes)) as Shared;
        const plain = (x: unknown) => typeof x === "object" && x !== null && !Array.isArray(x);
        const whole =
            plain(shared) &&
            typeof shared.start === "string" &&
            Array.isArray(shared.scenarios) &&
            (shared.scenarios.length === 1 || shared.scenarios.length === 2) &&
            shared.scenarios.every(plain);
        return whole ? shared : null;
    } catch {
        return null;
    }
}
