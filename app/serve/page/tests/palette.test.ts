/* The colors of page.css: contrasts as WCAG 2 defines them, and whether curves can be told apart by people who see color differently. */
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {test} from "node:test";

const style = readFileSync("page.css", "utf8");
const colors = new Map([...style.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));

type Rgb = [number, number, number]; // linear, 0 to 1

function linear(hex: string): Rgb {
    return [1, 3, 5].map((i) => {
        const c = parseInt(hex.slice(i, i + 2), 16) / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as Rgb;
}

function color(name: string): Rgb {
    const hex = colors.get(name) ?? (name.startsWith("#") ? name : undefined);
    assert.ok(hex, `no color --${name}`);
    return linear(hex);
}

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

function contrast(a: string, b: string): number {
    const [low, high] = [luminance(color(a)), luminance(color(b))].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
}

test("black on white is 21, as the definition has it", () => {
    assert.ok(Math.abs(contrast("#000000", "#ffffff") - 21) < 1e-9);
});

test("text has a contrast of at least 4.5 on what it stands on", () => {
    const pairs = [
        ["ink", "surface"], ["ink", "ground"], ["ink-soft", "surface"], ["ink-soft", "ground"], ["ink", "accent-ground"], ["ink-soft", "accent-ground"],
        ["accent", "surface"], ["accent", "accent-ground"], ["#ffffff", "accent"], ["#ffffff", "ink"], ["error", "surface"], ["ink", "error-ground"],
        ["warning", "warning-ground"], ["#ffffff", "badge-a"], ["#ffffff", "badge-b"], ["badge-a", "surface"], ["badge-b", "surface"],
    ];
    for (const [text, ground] of pairs) {
        const ratio = contrast(text, ground);
        assert.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
    }
});

test("edges of controls, the focus and the curves have a contrast of at least 3", () => {
    for (const name of ["edge", "focus", "error", "warning-edge", "accent", ...[0, 1, 2, 3, 4].map((i) => `curve-${i}`)]) {
        const ratio = contrast(name, "surface");
        assert.ok(ratio >= 3, `${name}: ${ratio.toFixed(2)}`);
    }
    assert.ok(contrast("focus", "ground") >= 3);
});

test("a color that the style sheet names is one of those checked here", () => {
    const used = new Set([...style.matchAll(/#[0-9a-f]{3,6}\b/g)].map((m) => m[0]));
    const known = new Set([...colors.values(), "#ffffff", "#084769"]); // the last: hover of the accent, darker than it
    assert.deepEqual([...used].filter((c) => !known.has(c)), []);
    assert.ok(luminance(linear("#084769")) < luminance(color("accent")));
});

/* What people without one kind of cone see: Vienot, Brettel and Mollon 1999, linear RGB. */
const deficiencies: Record<string, number[][]> = {
    none: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    protanopia: [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    deuteranopia: [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
};

function lab(rgb: Rgb): Rgb {
    const [r, g, b] = rgb.map((c) => Math.min(Math.max(c, 0), 1));
    const f = (t: number) => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 * t + 16) / 116);
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test("the colors of A and B are far apart for everybody; all curves differ in color or dash", () => {
    for (const [kind, matrix] of Object.entries(deficiencies)) {
        const see = (name: string) => {
            const seen = color(name);
            return lab(matrix.map((row) => row.reduce((sum, m, i) => sum + m * seen[i], 0)) as Rgb);
        };
        const distance = (a: string, b: string) => Math.hypot(...see(a).map((v, i) => v - see(b)[i]));
        assert.ok(distance("curve-0", "curve-1") > 40, `${kind}: ${distance("curve-0", "curve-1").toFixed(1)}`);
    }
    const looks = [...style.matchAll(/\.look-\d \{ --look: var\(--(curve-\d)\);(?: stroke-dasharray: ([\d ]+);)?/g)].map((m) => `${m[1]} ${m[2] ?? "solid"}`);
    assert.equal(looks.length, 8);
    assert.equal(new Set(looks).size, 8);
});
