/* Starts the page and keeps its parts together: what is entered, what is asked, what is shown. */
import type {Choices, Result} from "./contract";
import {showAnswer, showRefusal} from "./answer";
import {Refusal, download, fetchChoices, simulate} from "./api";
import {Asked, columnsOf} from "./asked";
import {readClock} from "./clock";
import {byId} from "./dom";
import {Form} from "./form";
import {decodeLink, encodeLink} from "./link";
import {PictureView} from "./picture";
import {State, askedMinutes, draftOf, fallbackStart, scenarioOf} from "./scenario";
import {showAnswers, showSources} from "./tables";

const patience = 120; // ms without a change before the program is asked

class Page {
    private readonly state: State;
    private readonly form: Form;
    private readonly picture = new PictureView();
    private timer = 0;
    private running: AbortController | null = null;

    constructor(private readonly choices: Choices) {
        this.state = {start: fallbackStart, drafts: [], editing: 0};
        this.restore();
        this.form = new Form(choices, this.state, () => this.changed());
        byId("compare").addEventListener("click", () => this.compare());
        byId("copy-link").addEventListener("click", () => void this.copyLink());
        byId("download-study").addEventListener("click", () => void this.save("/api/study", "scenario.yaml"));
        byId("download-plot").addEventListener("click", () => void this.save("/api/plot?format=svg", "scenario.svg"));
        for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=editing]")) {
            radio.addEventListener("input", () => this.edit(Number(radio.value)));
        }
        byId("scenario").addEventListener("submit", (event) => event.preventDefault());
        window.addEventListener("hashchange", () => {
            this.restore();
            this.showForm();
            this.ask();
        });
        byId("disclaimer").textContent = choices.disclaimer;
        this.showForm();
        this.ask();
    }

    /* Takes the scenarios from the link, or the usual one. */
    private restore(): void {
        const linked = location.hash.length > 1 ? decodeLink(location.hash) : null;
        if (location.hash.length > 1 && !linked) {
            notice("This link holds no scenario that can be read; the usual one is shown.");
        }
        this.state.start = linked?.start ?? fallbackStart;
        this.state.drafts = (linked?.scenarios ?? [{}]).map((s) => draftOf(s, this.choices, this.state.start));
        this.state.editing = 0;
    }

    private link(): string {
        const scenarios = this.state.drafts.map((d) => {
            const minutes = askedMinutes(d, this.state.start);
            return scenarioOf(d, typeof minutes === "number" ? minutes : 120, this.choices);
        });
        return `#${encodeLink({start: this.state.start, scenarios})}`;
    }

    private changed(): void {
        history.replaceState(null, "", this.link());
        notice("");
        this.showActions();
        setBusy(true);
        this.running?.abort(); // its answer is to what was entered before
        clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.ask(), patience);
    }

    private showForm(): void {
        this.form.show();
        this.showActions();
    }

    private showActions(): void {
        const comparing = this.state.drafts.length === 2;
        const of = comparing ? ` of ${"AB"[this.state.editing]}` : "";
        byId("compare").textContent = comparing ? "Stop comparing, keep A" : "Compare two scenarios";
        byId("compare").setAttribute("aria-pressed", String(comparing));
        byId("download-study").textContent = `Study file${of}`;
        byId("download-plot").textContent = `Picture${of}`;
    }

    private edit(editing: number): void {
        this.state.editing = editing;
        this.showForm();
        this.ask(); // its mistakes belong beside its fields
    }

    private compare(): void {
        if (this.state.drafts.length === 1) {
            this.state.drafts.push(structuredClone(this.state.drafts[0]));
            this.state.editing = 1;
        } else {
            this.state.drafts.pop();
            this.state.editing = 0;
        }
        this.form.show();
        this.changed();
        if (this.state.editing === 1) {
            notice("Scenario B begins as a copy of A. What you change now is B.");
        }
    }

    /* Asks for the results of what is entered now. An answer to anything older is dropped. */
    private ask(): void {
        setBusy(true);
        clearTimeout(this.timer);
        this.running?.abort();
        this.running = new AbortController();
        this.form.clearErrors();
        const mistakes = this.state.drafts.flatMap((draft, scenario) => {
            const minutes = askedMinutes(draft, this.state.start);
            return typeof minutes === "number" ? [] : [{scenario, ...minutes}];
        });
        if (mistakes.length) {
            this.refuse(new Refusal("Some values need to be corrected.", mistakes));
            return;
        }
        const drafts = structuredClone(this.state.drafts);
        const startText = this.state.start;
        const minutes = drafts.map((d) => askedMinutes(d, startText) as number);
        const asked: Asked = {choices: this.choices, start: readClock(startText) as number, startText, drafts, minutes};
        const signal = this.running.signal;
        simulate(drafts.map((d, i) => scenarioOf(d, minutes[i], this.choices)), signal).then(
            (results) => signal.aborted || this.show(asked, results),
            (error: Error) => signal.aborted || this.refuse(error),
        );
    }

    private show(asked: Asked, results: Result[]): void {
        const columns = columnsOf(asked, results);
        setBusy(false);
        byId("results").classList.remove("refused");
        showAnswer(asked, results);
        for (const id of ["picture", "numbers", "sources"]) {
            byId(id).hidden = false;
        }
        showAnswers(asked, columns);
        showSources(asked, columns.map((c) => c.model));
        this.picture.show(asked, columns);
    }

    private refuse(error: Error): void {
        const mistakes = error instanceof Refusal ? error.mistakes : [];
        setBusy(false);
        byId("results").classList.add("refused");
        this.form.showErrors(mistakes);
        showRefusal(error.message, mistakes, this.state.drafts.length > 1);
    }

    private async copyLink(): Promise<void> {
        const link = location.href.replace(/#.*$/, "") + this.link();
        history.replaceState(null, "", this.link());
        try {
            await navigator.clipboard.writeText(link);
            notice("Link copied. It opens this scenario wherever the program runs at this address.");
        } catch {
            notice("The link is now in the address bar; copy it from there.");
        }
    }

    private async save(path: string, name: string): Promise<void> {
        const draft = this.state.drafts[this.state.editing];
        const minutes = askedMinutes(draft, this.state.start);
        if (typeof minutes !== "number") {
            notice(minutes.message);
            return;
        }
        try {
            notice(`Saved as ${await download(path, scenarioOf(draft, minutes, this.choices), name)}.`);
        } catch (error) {
            const told = error instanceof Refusal && error.mistakes.length ? error.mistakes.map((m) => m.message).join(" ") : (error as Error).message;
            notice(`Nothing was saved. ${told}`);
        }
    }
}

/* Whether what is shown waits for what is entered. */
function setBusy(busy: boolean): void {
    byId("results").setAttribute("aria-busy", String(busy));
}

function notice(text: string): void {
    byId("notice").textContent = text;
}

fetchChoices().then(
    (choices) => new Page(choices),
    (error: Error) => {
        setBusy(false);
        showRefusal(error.message, [], false);
    },
);
