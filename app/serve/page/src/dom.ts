/* Small helpers for elements. Text is always set as text, never as markup. */

export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
    return document.getElementById(id) as T;
}

type Child = Node | string;

/* An element with properties or attributes, and children. No `style`: the page's security policy forbids it. */
export function element<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Record<string, string | boolean> = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const made = document.createElement(tag);
    setAttributes(made, attributes);
    made.append(...children);
    return made;
}

export function svgElement(tag: string, attributes: Record<string, string | number> = {}, text = ""): SVGElement {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    setAttributes(made, attributes);
    if (text) {
        made.textContent = text;
    }
    return made;
}

function setAttributes(of: Element, attributes: Record<string, string | number | boolean>): void {
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== false) {
            of.setAttribute(name, value === true ? "" : String(value));
        }
    }
}
