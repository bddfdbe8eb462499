/* The kinds of form fields. Each fills its place in the page with a label, the control, a hint and room for a message. */
import {element} from "./dom";
import {joinQuantity, splitQuantity} from "./quantity";

export interface Option {
    value: string;
    label: string;
    title?: string; // more, where the label is short
}

/* A field by name: what is shown, what was entered. Its `onInput` is called at every change by a person. */
export interface Control {
    show(value: string): void;
    value(): string;
}

/* Where a field stands; null where the page has no such field. */
export function place(name: string): HTMLElement {
    return document.querySelector(`[data-field="${CSS.escape(name)}"]`) as HTMLElement;
}

function frame(name: string, label: string, control: HTMLElement[], group = false): void {
    const head = group
        ? element("span", {class: "label", id: `${name}-label`}, label)
        : element("label", {class: "label", for: name}, label);
    place(name).append(
        head,
        ...control,
        element("p", {class: "hint", id: `${name}-hint`, hidden: true}),
        element("p", {class: "other", id: `${name}-other`, hidden: true}),
        element("p", {class: "error", id: `${name}-error`, hidden: true}),
    );
}

const described = (name: string) => `${name}-error ${name}-hint ${name}-other`;

function setText(id: string, text: string): void {
    const p = document.getElementById(id);
    if (p) {
        p.textContent = text;
        p.hidden = !text;
    }
}

export const setHint = (name: string, text: string) => setText(`${name}-hint`, text);
export const setOther = (name: string, text: string) => setText(`${name}-other`, text);

/* Shows a message beside a field, or takes it away. */
export function setError(name: string, message: string): void {
    const field = place(name);
    setText(`${name}-error`, message);
    field.classList.toggle("wrong", message !== "");
    for (const input of field.querySelectorAll("input, select")) {
        message ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid");
    }
    for (let around = field.parentElement; message && around; around = around.parentElement) {
        if (around instanceof HTMLDetailsElement) {
            around.open = true;
        }
    }
}

export function textField(name: string, label: string, mode: string, onInput: () => void): Control {
    const input = element("input", {
        id: name, type: "text", inputmode: mode, autocomplete: "off", spellcheck: "false", "aria-describedby": described(name),
    });
    input.addEventListener("input", onInput);
    frame(name, label, [input]);
    return {
        show: (value) => {
            if (document.activeElement !== input || input.value.trim() !== value.trim()) {
                input.value = value;
            }
        },
        value: () => input.value,
    };
}

/* A number with its unit beside it, which a person can choose where there are several. */
export function quantityField(name: string, label: string, units: string[], onInput: () => void): Control {
    const input = element("input", {
        id: name, type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", "aria-describedby": described(name),
    });
    const select = element("select", {id: `${name}-unit`, "aria-label": `Unit of ${label.toLowerCase()}`});
    const only = element("span", {class: "unit"});
    const offer = (unit: string) => {
        if (![...select.options].some((o) => o.value === unit)) {
            select.append(element("option", {value: unit}, unit));
        }
        select.hidden = select.options.length === 1; // nothing to choose
        only.hidden = !select.hidden;
        only.textContent = unit;
    };
    units.forEach(offer);
    const show = (value: string) => {
        const parts = splitQuantity(value);
        if (parts.unit) {
            offer(parts.unit);
            select.value = parts.unit;
        }
        input.value = parts.number;
    };
    input.addEventListener("input", onInput);
    select.addEventListener("input", onInput);
    // A unit typed behind the number becomes the chosen one, once the person has left the field.
    input.addEventListener("change", () => {
        if (splitQuantity(input.value).unit) {
            show(input.value);
        }
    });
    frame(name, label, [element("div", {class: "quantity"}, input, select, only)]);
    return {
        show: (value) => {
            if (joinQuantity(input.value, select.value) !== value) {
                show(value);
            }
        },
        value: () => joinQuantity(input.value, select.value),
    };
}

export function selectField(name: string, label: string, options: Option[], onInput: () => void): Control & {offer(options: Option[]): void} {
    const select = element("select", {id: name, "aria-describedby": described(name)});
    let offered = "";
    const offer = (list: Option[]) => {
        const signature = JSON.stringify(list);
        if (signature !== offered) {
            const before = select.value;
            offered = signature;
            select.replaceChildren(...list.map((o) => element("option", {value: o.value}, o.label)));
            select.value = before;
        }
    };
    offer(options);
    select.addEventListener("input", onInput);
    frame(name, label, [select]);
    return {
        offer,
        show: (value) => {
            select.value = value;
            if (select.value !== value) { // of a link: shown as it is, so that the server's message has its field
                select.append(element("option", {value}, value));
                select.value = value;
            }
        },
        value: () => select.value,
    };
}

export function segmentsField(name: string, label: string, options: Option[], onInput: () => void): Control {
    const group = element("div", {class: "segments", role: "radiogroup", "aria-labelledby": `${name}-label`, "aria-describedby": described(name)});
    const inputs = options.map((o) => {
        const input = element("input", {type: "radio", name, value: o.value});
        input.addEventListener("input", onInput);
        group.append(element("label", {}, input, o.label));
        return input;
    });
    frame(name, label, [group], true);
    return {
        show: (value) => inputs.forEach((i) => (i.checked = i.value === value)),
        value: () => inputs.find((i) => i.checked)?.value ?? "",
    };
}

/* Boxes to tick. They are made anew only when the list changes, so that the keyboard keeps its place. */
export class Boxes {
    private readonly group: HTMLElement;
    private shown = "";

    constructor(readonly name: string, label: string, private readonly onInput: () => void) {
        this.group = element("div", {class: "boxes", role: "group", "aria-labelledby": `${name}-label`, "aria-describedby": described(name)});
        frame(name, label, [this.group], true);
    }

    show(groups: {title: string; open: boolean; options: (Option & {detail?: string})[]}[], chosen: string[]): void {
        const signature = JSON.stringify(groups.map((g) => [g.title, g.options]));
        if (signature !== this.shown) {
            this.shown = signature;
            this.group.replaceChildren(...groups.map((g) => {
                const rows = g.options.map((o) => this.row(o));
                return g.title
                    ? element("details", {open: g.open}, element("summary", {}, g.title), ...rows)
                    : element("div", {}, ...rows);
            }));
        }
        for (const input of this.group.querySelectorAll("input")) {
            input.checked = chosen.includes(input.value);
        }
    }

    private row(option: Option & {detail?: string}): HTMLElement {
        const input = element("input", {type: "checkbox", name: this.name, value: option.value});
        input.addEventListener("input", this.onInput);
        const words = element("span", {}, option.label);
        if (option.detail) {
            words.append(element("small", {}, option.detail));
        }
        return element("label", {class: "box"}, input, words);
    }

    chosen(): string[] {
        return [...this.group.querySelectorAll<HTMLInputElement>("input:checked")].map((i) => i.value);
    }
}

/* Buttons below a field that set it to usual values. */
export class Presets {
    private readonly row = element("div", {class: "presets"});
    private shown = "";

    constructor(name: string, private readonly onChoose: (value: string) => void) {
        place(name).querySelector(".hint")!.before(this.row);
    }

    show(options: Option[], value: string): void {
        const signature = JSON.stringify(options);
        if (signature !== this.shown) {
            this.shown = signature;
            this.row.replaceChildren(...options.map((o) => {
                const button = element("button", {type: "button", value: o.value, title: o.title ?? false}, o.label);
                button.addEventListener("click", () => this.onChoose(o.value));
                return button;
            }));
        }
        for (const button of this.row.querySelectorAll("button")) {
            button.setAttribute("aria-pressed", String(button.value === value));
        }
        this.row.hidden = options.length === 0;
    }
}
