/* The page in a real browser, as a person uses it, against the program itself. */
import assert from "node:assert/strict";
import {mkdirSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import type {Browser, Page} from "playwright-core";
import {Program, Visit, launch, runStudy, settled, visit} from "./program";
import {digits} from "../src/quantity";

const pictures = process.env.PICTURES as string; // a folder for screenshots
let program: Program;
let browser: Browser;

before(async () => {
    mkdirSync(pictures, {recursive: true});
    program = await Program.start();
    browser = await launch();
});

after(async () => {
    await browser?.close();
    await program?.stop();
});

/* A test that opens the page, and after which nothing may have gone wrong on it. */
function onPage(title: string, check: (visit: Visit) => Promise<void>, fragment = "", options = {}): void {
    test(title, async () => {
        const opened = await visit(browser, program.url + fragment, options);
        try {
            await check(opened);
            assert.deepEqual(opened.complaints, []);
        } finally {
            await opened.context.close();
        }
    });
}

const text = async (page: Page, selector: string) => (await page.locator(selector).innerText()).replace(/\s+/g, " ").trim();
const curve = (page: Page) => page.locator("path.median").first().getAttribute("d");

async function cell(page: Page, kind: string, column = 1): Promise<string> {
    return text(page, `#answers tr[data-kind=${kind}] td:nth-of-type(${column})`);
}

/* Saves what a button downloads; gives back its path. */
async function saved(page: Page, button: string): Promise<string> {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click(button)]);
    const path = join(pictures, download.suggestedFilename());
    await download.saveAs(path);
    return path;
}

/* That the numbers shown are those of `ketsim run` on the study that the page gives out, to the digits shown. */
async function agrees(page: Page): Promise<void> {
    const {exposure, report} = runStudy(await saved(page, "#download-study"));
    const row = (metric: string) => exposure.find((r) => r.metric === metric && r.analyte === "esketamine")!;
    const [cmax, tmax] = [row("cmax"), row("tmax")];
    const number = (value: string | number) => digits(value as number);
    assert.equal(await cell(page, "cmax"), `${number(cmax.median)} ng/mL (${number(cmax.p05)} to ${number(cmax.p95)})`);
    const minutes = Math.round(60 * (tmax.median as number));
    assert.match(await cell(page, "tmax"), new RegExp(`^${String(9 + Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")} `));
    const told = /2 h after the start of the session ([\d.]+) % of the patients are at or above it/.exec(report.replace(/\n/g, " "))!;
    assert.match(await cell(page, "above_at"), new RegExp(`^${Number(told[1]).toFixed(1).replace(".", "\\.")} % \\(`));
    assert.match(await text(page, "#answer .sentence"), new RegExp(`about ${Math.round(Number(told[1]))} \\(`));
    // the report has four digits of the level at two hours, of which the page shows three
    const level = /2 h after the first dose it is ([\d.]+) ng\/mL \(5 to 95 %: ([\d.]+) to ([\d.]+)\)/.exec(report.replace(/\n/g, " "))!;
    const shown = /Perez-Ruixo 2021 ([\d.]+) [\d.]+ to [\d.]+ ([\d.]+) to ([\d.]+)/.exec(await text(page, "#readout"))!;
    for (let i = 1; i <= 3; i++) {
        const unit = 10 ** (Math.floor(Math.log10(Number(shown[i]))) - 2);
        assert.ok(Math.abs(Number(shown[i]) - Number(level[i])) <= 0.501 * unit, `${shown[i]} for ${level[i]}`);
    }
}

onPage("the question of the first page is answered without changing anything, with the numbers of ketsim run", async ({page}) => {
    assert.match(await text(page, "#answer .sentence"), /^Of 100 people like this patient, about \d+ \(\d+ to \d+\) are still above 50 ng\/mL of esketamine at 11:00\.$/);
    assert.match(await text(page, "#answer .outline"), /^84 mg nasal spray; first dose at 09:00; 45 years, 70 kg$/);
    assert.match(await text(page, "#readout caption"), /^11:00, 2 h after the first dose$/);
    assert.match(await text(page, ".disclaimer"), /not a medical device/i);
    assert.equal(await page.getAttribute("#answer", "aria-live"), "polite");
    assert.match(await text(page, "#models"), /Perez-Ruixo 2021.*Clin Pharmacokinet 2021/);
    await agrees(page);
});

onPage("another dose gives another curve, another answer, and again the numbers of ketsim run", async ({page}) => {
    const before = [await curve(page), await cell(page, "cmax"), await text(page, "#answer")];
    await page.fill("#dose", "56");
    await settled(page);
    const after = [await curve(page), await cell(page, "cmax"), await text(page, "#answer")];
    before.forEach((was, i) => assert.notEqual(after[i], was));
    assert.match(after[2] as string, /^56 mg nasal spray/);
    await agrees(page);
});

onPage("a bad value shows its message beside the field, and no number is left to be read", async ({page}) => {
    await page.fill("#dose", "abc");
    await page.locator("#dose-error:visible").waitFor();
    assert.match(await text(page, "#dose-error"), /abc/);
    assert.equal(await page.getAttribute("#dose", "aria-invalid"), "true");
    assert.match((await page.getAttribute("#dose", "aria-describedby")) as string, /dose-error/);
    const [field, message] = [await page.locator("#dose").boundingBox(), await page.locator("#dose-error").boundingBox()];
    assert.ok(message!.y > field!.y && message!.y - field!.y < 120, "the message is below its field");
    assert.match(await text(page, "#answer"), /^No answer\..*Dose: .*abc/);
    for (const gone of ["#answers", "#plot", "#readout", "#legend"]) {
        assert.equal(await page.locator(gone).isVisible(), false, gone);
    }
    await page.fill("#at", "08:00");
    await page.locator("#at-error:visible").waitFor();
    assert.match(await text(page, "#at-error"), /08:00 is before the first dose at 09:00/);
    await page.fill("#at", "11:00");
    await page.fill("#dose", "84");
    await page.locator("#answer .sentence").waitFor();
    assert.equal(await page.locator(".error:visible").count(), 0);
    assert.equal(await page.locator("#answers").isVisible(), true);
});

onPage("a child in a model of adults, and a dose that nobody studied, are not let pass in silence", async ({page}) => {
    await page.fill("#age", "8");
    await page.locator("#age-error:visible, #models-error:visible, #warnings .warning").first().waitFor();
    const told = `${await text(page, "[data-field=age]")} ${await text(page, "[data-field=models]")} ${await text(page, ".answer")}`;
    assert.match(told, /adult|18/);
    await page.fill("#age", "45");
    await page.fill("#dose", "140");
    await page.locator("#warnings .warning", {hasText: "112"}).waitFor();
    assert.match(await text(page, "#warnings"), /Read this first.*112/);
});

onPage("an answer to what was asked before is dropped", async ({page}) => {
    let first = true;
    await page.route("**/api/simulate", async (route) => {
        const slow = first;
        first = false;
        const response = await route.fetch();
        await new Promise((resolve) => setTimeout(resolve, slow ? 1500 : 0));
        await route.fulfill({response}).catch(() => undefined); // the page no longer waits for it
    });
    await Promise.all([page.waitForRequest("**/api/simulate"), page.click("text=28 mg")]);
    await page.click("text=56 mg");
    await settled(page);
    assert.match(await text(page, "#answer .outline"), /^56 mg/);
    const shown = await text(page, "#answers");
    await page.waitForTimeout(1800);
    assert.match(await text(page, "#answer .outline"), /^56 mg/);
    assert.equal(await text(page, "#answers"), shown);
});

onPage("everything can be done with the keyboard, and the focus can be seen", async ({page}) => {
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to the answer");
    assert.ok((await page.locator(".skip").boundingBox())!.x >= 0);
    const seen: string[] = [];
    for (let i = 0; i < 80; i++) {
        await page.keyboard.press("Tab");
        const now = await page.evaluate(() => {
            const at = document.activeElement as HTMLElement;
            const style = getComputedStyle(at);
            return {
                name: at.id || at.getAttribute("name") || at.textContent || at.tagName,
                visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                body: at === document.body,
            };
        });
        if (now.body) {
            break;
        }
        assert.ok(now.visible, `the focus on ${now.name} cannot be seen`);
        seen.push(now.name);
    }
    for (const name of ["compare", "copy-link", "download-study", "download-plot", "route", "dose", "devices_given", "start", "threshold", "analyte", "at",
        "age", "weight", "ancestry", "schedule", "models", "show-analyte", "show-span", "show-scale", "plot"]) {
        assert.ok(seen.includes(name), `${name} is not reached: ${seen.join(" ")}`);
    }
    await page.locator("#dose").focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("28");
    await settled(page);
    assert.match(await text(page, "#answer .outline"), /^28 mg/);
    await page.locator("#plot").focus();
    const before = await text(page, "#readout");
    await page.keyboard.press("ArrowRight");
    assert.notEqual(await text(page, "#readout"), before);
    assert.match((await page.getAttribute("#plot", "aria-valuetext")) as string, /after the first dose\. median [\d.]+ ng\/mL, middle 90 of 100: [\d.]+ to [\d.]+/);
    await page.keyboard.press("Home");
    assert.match(await text(page, "#readout caption"), /^09:00, 0 min/);
    await page.keyboard.press("End");
    assert.equal(await page.getAttribute("#plot", "aria-valuenow"), await page.getAttribute("#plot", "aria-valuemax"));
});

onPage("pointing at the curve shows the values there", async ({page}) => {
    const box = (await page.locator("#plot").boundingBox())!;
    await page.mouse.move(box.x + box.width / 3, box.y + box.height / 2);
    const there = await text(page, "#readout caption");
    assert.doesNotMatch(there, /^11:00/);
    await page.mouse.move(box.x + box.width - 5, box.y + box.height / 2);
    assert.match(await text(page, "#readout caption"), /^15:00, 6 h/);
    await page.selectOption("#show-scale", "log");
    await page.selectOption("#show-analyte", "noresketamine");
    assert.match(await text(page, "#readout thead"), /noresketamine, ng\/mL/);
    assert.equal(await page.locator("line.threshold").count(), 0); // the question is about another analyte
    await page.selectOption("#show-span", "all");
    assert.equal(await page.getAttribute("#plot", "aria-valuemax"), "24");
});

onPage("a link brings back the scenario, and one that holds none is told", async ({page, context}) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.click("text=56 mg");
    await page.fill("#threshold", "40");
    await page.fill("#start", "21:30");
    await page.fill("#at", "00:15");
    await page.fill("#day", "2");
    await page.selectOption("#ancestry", "japanese");
    await settled(page);
    const answer = await text(page, "#answer");
    assert.match(answer, /56 mg nasal spray; first dose at 21:30; 45 years, 70 kg, Japanese .* above 40 ng\/mL of esketamine at 00:15 \(next day\)/);
    await page.click("#copy-link");
    await page.locator("#notice", {hasText: "Link copied"}).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, page.url());
    const again = await visit(browser, link);
    assert.equal(await text(again.page, "#answer"), answer);
    assert.deepEqual(await Promise.all(["#dose", "#threshold", "#start", "#at", "#day", "#ancestry"].map((s) => again.page.inputValue(s))),
        ["56", "40", "21:30", "00:15", "2", "japanese"]);
    assert.deepEqual(again.complaints, []);
    await again.context.close();
    const wrong = await visit(browser, `${program.url}#nothing`);
    assert.match(await text(wrong.page, "#notice"), /holds no scenario/);
    assert.match(await text(wrong.page, "#answer .outline"), /^84 mg/);
    await wrong.context.close();
});

onPage("two scenarios are compared: the third device skipped", async ({page}) => {
    await page.click("#compare");
    await settled(page);
    assert.match(await text(page, "#notice"), /B begins as a copy of A/);
    await page.locator("[data-field=devices_given] input").nth(2).uncheck();
    await settled(page);
    const outlines = await page.locator("#answer .outline").allInnerTexts();
    assert.equal(outlines.length, 2);
    assert.doesNotMatch(outlines[0], /not given/);
    assert.match(outlines[1], /^B 56 mg nasal spray, device 3 of 3 not given/);
    assert.equal(await page.locator("path.median").count(), 2);
    assert.match(await text(page, "#legend"), /A: Perez-Ruixo 2021 B: Perez-Ruixo 2021/);
    const peak = async (column: number) => parseFloat(await cell(page, "cmax", column));
    assert.ok((await peak(2)) < (await peak(1)));
    await page.fill("#age", "60");
    assert.match(await text(page, "#age-other"), /A: 45 years/);
    await page.check("input[name=editing][value='0']");
    assert.equal(await page.inputValue("#age"), "45");
    assert.match(await text(page, "#download-study"), /Study file of A/);
    await page.click("#compare");
    await settled(page);
    assert.equal(await page.locator("#answer .outline").count(), 1);
    assert.equal(await page.locator("path.median").count(), 1);
});

onPage("a course is told with the doses that it gives, not with the dose of the field alone", async ({page}) => {
    await page.selectOption("#schedule", "spravato");
    await settled(page);
    assert.match(await text(page, "#answer .outline"), /^56 mg once, then 84 mg \d+ times nasal spray; Esketamine nasal spray in treatment-resistant depression/);
    assert.ok((await page.locator("path.dose").count()) > 8);
    await page.selectOption("#show-span", "session 2");
    assert.match(await text(page, "#readout caption"), /^09:00 on day 4, 3 days after the first dose/);
});

onPage("an infusion by several models is answered by each", async ({page}) => {
    await page.check("input[name=route][value=iv]");
    await settled(page);
    assert.deepEqual([await page.inputValue("#dose"), await page.inputValue("#over")], ["0.5", "40"]);
    await page.check("input[value=otto-2021]");
    await settled(page);
    assert.match(await text(page, "#answer .outline"), /^0.5 mg\/kg ketamine over 40 min/);
    assert.equal(await page.locator("#answer .by-model li").count(), 2);
    assert.equal(await page.locator("#models .model").count(), 2);
    assert.match(await text(page, "#warnings"), /half/); // of the racemate, in models of esketamine
    await page.check("input[value=domino-1982]"); // of the racemate, and of nobody but the typical patient
    await settled(page);
    assert.match(await text(page, "#answer .by-model"), /Domino 1982 \(ketamine\): the typical patient is( not)?; .*Otto 2021 \(esketamine\): /);
    assert.match(await text(page, "#answers tr[data-kind=above_at]"), /the typical patient is (above|below)/);
});

onPage("a level that has a source is told with it, and one that is never reached as such", async ({page}) => {
    assert.match(await text(page, "#answer .later"), /^Half of them are below it from 11:\d\d \(after 2 h \d+ min\)\. 95 of 100 are below it from 12:\d\d/);
    assert.match(await text(page, "#plot"), /blood pressure check/);
    await page.click("[data-field=threshold] .presets button:has-text('71')");
    await settled(page);
    assert.match(await text(page, "#answer .sentence"), /above 71 ng\/mL/);
    assert.match(await text(page, "#threshold-hint"), /drug high/);
    assert.match(await text(page, "#models"), /The level 71 ng\/mL: .*Simons.*A fixed level does not tell/);
    await page.fill("#threshold", "900");
    await settled(page);
    assert.match(await text(page, "#answer .later"), /^Half of them never reach it\. 95 of 100 never reach it\.$/);
    assert.equal(await cell(page, "below_95"), "never reached");
});

onPage("the study file and the picture are saved", async ({page}) => {
    assert.match(readFileSync(await saved(page, "#download-study"), "utf8"), /model: perez-ruixo-2021[\s\S]*dose: 84 mg/);
    if (process.env.GNUPLOT) {
        assert.match(readFileSync(await saved(page, "#download-plot"), "utf8"), /<svg[\s\S]*<\/svg>/);
    } else {
        await page.click("#download-plot");
        await page.locator("#notice", {hasText: "gnuplot"}).waitFor();
    }
});

test("a program that has ended is told of, and no number is left", async () => {
    const other = await Program.start();
    const opened = await visit(browser, other.url);
    await other.stop();
    await opened.page.fill("#dose", "56");
    await opened.page.locator("#answer .refusal", {hasText: "does not answer"}).waitFor();
    assert.equal(await opened.page.locator("#answers").isVisible(), false);
    await opened.context.close();
});

onPage("every control has a name, and every message a place", async ({page}) => {
    const nameless = await page.evaluate(() => [...document.querySelectorAll<HTMLInputElement>("input, select, button, [role=slider], [role=radiogroup], [role=group]")]
        .filter((e) => {
            const by = e.getAttribute("aria-labelledby");
            return !(e.labels?.length || e.getAttribute("aria-label") || (by && document.getElementById(by)?.textContent) || e.textContent?.trim());
        }).map((e) => e.outerHTML));
    assert.deepEqual(nameless, []);
    const twice = await page.evaluate(() => {
        const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
        return ids.filter((id, i) => ids.indexOf(id) !== i);
    });
    assert.deepEqual(twice, []);
    const dangling = await page.evaluate(() => [...document.querySelectorAll("[aria-describedby]")]
        .flatMap((e) => e.getAttribute("aria-describedby")!.split(" ")).filter((id) => !document.getElementById(id)));
    assert.deepEqual(dangling, []);
});

onPage("who wants no motion gets none", async ({page}) => {
    assert.equal(await page.evaluate(() => getComputedStyle(document.getElementById("answer")!).transitionDuration), "0s");
}, "", {reducedMotion: "reduce"});

const sizes = {desktop: [1280, 800], "tablet-portrait": [820, 1180], "tablet-landscape": [1180, 820]};
for (const [name, [width, height]] of Object.entries(sizes)) {
    onPage(`nothing is cut off or out of reach: ${name}`, async ({page}) => {
        const shot = (what: string, fullPage = false) => page.screenshot({path: join(pictures, `${name}-${what}.png`), fullPage});
        const fits = async (what: string) => {
            assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${what}: wider than the screen`);
            const small = await page.evaluate(() => [...document.querySelectorAll<HTMLElement>("button, select, input[type=text]")]
                .filter((e) => e.offsetParent && (e.offsetHeight < 32 || e.scrollWidth > e.clientWidth + 2)).map((e) => e.id || e.textContent));
            assert.deepEqual(small, [], what);
            const [plot, footer] = [await page.locator("#plot svg").boundingBox(), await page.locator(".disclaimer").boundingBox()];
            assert.ok(plot!.width > 300 && plot!.height > 200);
            assert.ok(Math.abs(footer!.y + footer!.height - height) < 1, "the disclaimer is in view");
        };
        await fits("first");
        await shot("first");
        await page.click("#compare");
        await page.click("text=56 mg");
        await settled(page);
        await fits("compared");
        await page.waitForTimeout(500); // for what fades
        await shot("compared");
        await shot("compared-all", true);
        await page.fill("#dose", "abc");
        await page.locator("#dose-error:visible").waitFor();
        await shot("refused");
        await page.fill("#dose", "140");
        await page.locator("#warnings .warning").waitFor();
        await page.waitForTimeout(500);
        await shot("warned");
    }, "", {viewport: {width, height}, hasTouch: name !== "desktop"});
}
