/* Talks to the server that the page comes from, and to nobody else. */
import type {Choices, Mistake, Result, Scenario} from "./contract";

/* What the server refused: mistakes of fields, or one text. */
export class Refusal extends Error {
    constructor(message: string, readonly mistakes: Mistake[] = []) {
        super(message);
    }
}

async function post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(path, {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify(body),
        signal,
    }).catch((error: Error) => {
        if (error.name === "AbortError") {
            throw error;
        }
        throw new Refusal("The program does not answer. Is `ketsim serve` still running?");
    });
    if (response.ok) {
        return response;
    }
    const told = (await response.json().catch(() => ({}))) as {error?: string; errors?: Mistake[]};
    if (told.errors?.length) {
        throw new Refusal("Some values need to be corrected.", told.errors);
    }
    throw new Refusal(told.error ?? `The program answered with status ${response.status}.`);
}

export async function fetchChoices(): Promise<Choices> {
    const response = await fetch("/api/choices");
    if (!response.ok) {
        throw new Refusal(`The program answered with status ${response.status}.`);
    }
    return (await response.json()) as Choices;
}

export async function simulate(scenarios: Scenario[], signal: AbortSignal): Promise<Result[]> {
    const response = await post("/api/simulate", {scenarios}, signal);
    return ((await response.json()) as {results: Result[]}).results;
}

/* Downloads what `path` makes of a scenario under the server's name for it, or under `name`. */
export async function download(path: string, scenario: Scenario, name: string): Promise<string> {
    const response = await post(path, scenario);
    const given = /filename="([^"/\\]+)"/.exec(response.headers.get("Content-Disposition") ?? "");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = given ? given[1] : name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    return link.download;
}
