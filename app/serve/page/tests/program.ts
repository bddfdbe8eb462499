/* The program and the browser under test. */
import {ChildProcess, execFileSync, spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {Browser, BrowserContext, BrowserContextOptions, Page, chromium} from "playwright-core";

const ketsim = process.env.KETSIM as string;

/* A server of its own, on a free port. */
export class Program {
    private constructor(private readonly process: ChildProcess, readonly url: string) {}

    static async start(): Promise<Program> {
        const server = spawn(ketsim, ["serve", "--port", "0"], {stdio: ["ignore", "pipe", "inherit"]});
        const url = await new Promise<string>((resolve, reject) => {
            server.stdout!.once("data", (bytes: Buffer) => resolve(bytes.toString().trim()));
            server.once("error", reject);
            server.once("exit", (code) => reject(new Error(`ketsim serve ended with ${code}`)));
        });
        return new Program(server, url);
    }

    async stop(): Promise<void> {
        if (this.process.exitCode === null) {
            const ended = new Promise((resolve) => this.process.once("exit", resolve));
            this.process.kill("SIGTERM");
            await ended;
        }
    }
}

/* What `ketsim run` and `ketsim summary` make of a study: the exposure table, and the report as text. */
export function runStudy(study: string): {exposure: Record<string, string | number>[]; report: string} {
    const folder = mkdtempSync(join(tmpdir(), "ketsim-page-"));
    try {
        const result = join(folder, "result.h5");
        execFileSync(ketsim, ["run", study, "-o", result, "--quiet"], {stdio: ["ignore", "ignore", "ignore"]});
        const summary = execFileSync(ketsim, ["summary", result, "--format", "json"], {encoding: "utf8"});
        execFileSync(ketsim, ["report", result, "--format", "text", "-o", join(folder, "report.txt"), "--quiet"]);
        return {exposure: JSON.parse(summary).exposure, report: readFileSync(join(folder, "report.txt"), "utf8")};
    } finally {
        rmSync(folder, {recursive: true});
    }
}

export function launch(): Promise<Browser> {
    return chromium.launch({
        executablePath: process.env.CHROMIUM,
        args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"],
    });
}

/* A page in a context of its own, and what went wrong on it. */
export interface Visit {
    page: Page;
    context: BrowserContext;
    complaints: string[]; // of the console, failed requests, and requests to elsewhere
}

/* Opens the page and waits for its answer. Refusals (422) are answers, though the console calls them errors. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
    const page = await context.newPage();
    const complaints: string[] = [];
    const home = new URL(url).host;
    page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type()) && !/status of 422/.test(message.text())) {
            complaints.push(`console: ${message.text()}`);
        }
    });
    context.on("request", (request) => {
        if (!request.url().startsWith("blob:") && new URL(request.url()).host !== home) {
            complaints.push(`a request to ${request.url()}`);
        }
    });
    page.setDefaultTimeout(60000);
    await page.goto(url);
    await settled(page);
    return {page, context, complaints};
}

/* Waits until what is shown belongs to what is entered: the page says that it is busy as soon as something is. */
export async function settled(page: Page): Promise<void> {
    await page.waitForSelector("#results[aria-busy=false]");
}
