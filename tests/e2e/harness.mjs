// What the journeys share: a server of their own, a real browser, and the rule that nothing may go
// wrong unnoticed (console errors, exceptions, violations of the security policy, failed requests).
//
// Variables, set by `cargo xtask test`: KETLAB_BIN (the server), KETLAB_CHROMIUM (the browser),
// KETLAB_TRUNK (for the test of trunk.toml). KETLAB_SCREENSHOTS names a folder for pictures; without it
// none are taken.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const START_LIMIT_MS = 20_000;

const BROWSER_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function variable(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: start the journeys with \`cargo xtask test\``);
  return value;
}

/** A port that nobody listens on. */
export async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Polls `condition` until it gives something truthy. Fails with `what` after `limit` milliseconds. */
export async function until(what, condition, limit = 10_000) {
  const end = Date.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) assert.fail(`${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts a program and keeps what it writes. */
export function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const state = { child, log: "", exited: null };
  const keep = (chunk) => { state.log += chunk; };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exit = new Promise((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
  exit.then((how) => { state.exited = how; });
  child.on("error", (error) => { state.log += error; state.exited ??= { code: null, signal: null }; });
  state.stop = async (signal = "SIGTERM") => {
    if (state.exited === null) child.kill(signal);
    const slow = setTimeout(() => child.kill("SIGKILL"), 10_000);
    const how = state.exited ?? (await exit);
    clearTimeout(slow);
    return how;
  };
  return state;
}

/** A server on a free port, with a data folder of its own that outlives restarts. */
export class Server {
  static async start(args = []) {
    const server = new Server();
    server.data = await mkdtemp(path.join(tmpdir(), "ketlab-"));
    server.args = args;
    await server.restart();
    return server;
  }

  async restart() {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    // Some are known only when the address is.
    const more = typeof this.args === "function" ? this.args(this.url) : this.args;
    const args = ["serve", "--listen", `127.0.0.1:${port}`, "--data", this.data, ...more];
    this.process = start(variable("KETLAB_BIN"), args);
    await until("the server answers", async () => {
      assert.equal(this.process.exited, null, `the server ended:\n${this.process.log}`);
      return fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false);
    }, START_LIMIT_MS);
  }

  get log() {
    return this.process.log;
  }

  /** As a power failure would. */
  kill() {
    return this.process.stop("SIGKILL");
  }

  /** Politely; says how it ended. */
  async stop() {
    const how = await this.process.stop();
    await rm(this.data, { recursive: true, force: true });
    return how;
  }
}

/** `BROWSER_FLAGS` and an empty profile. */
export function launch(flags = []) {
  return chromium.launch({ executablePath: variable("KETLAB_CHROMIUM"), args: [...BROWSER_FLAGS, ...flags] });
}

/** Notes everything that goes wrong in `page` from now on. */
async function watch(page) {
  const problems = [];
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`exception: ${error.stack ?? error}`));
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    // A page that closes, or a worker that is replaced, gives up its requests.
    const reason = request.failure()?.errorText ?? "";
    if (reason !== "net::ERR_ABORTED") problems.push(`${reason}: ${request.url()}`);
  });
  await page.exposeFunction("ketlabViolation", (text) => problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.ketlabViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return problems;
}

/**
 * One journey: a test with a server and a page of its own.
 *
 * `run` gets `{ page, server, browser, context, problems }`; the page has not been opened yet. The journey
 * fails if `problems` is not empty at its end: a journey that provokes some takes them out itself.
 * `options.server` are more arguments of the server, or makes them from its address.
 * `options.page` goes to Playwright's `newContext` (viewport, colorScheme, locale …), `options.flags` to
 * the browser.
 */
export function journey(name, options, run) {
  if (typeof options === "function") [options, run] = [{}, options];
  test(name, { timeout: options.timeout ?? 120_000 }, async () => {
    const server = await Server.start(options.server);
    let browser;
    try {
      browser = await launch(options.flags);
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options.page });
      const page = await context.newPage();
      const problems = await watch(page);
      await run({ page, server, browser, context, problems });
      assert.deepEqual(problems, [], "nothing goes wrong on the way");
    } catch (error) {
      error.message += `\n--- server ---\n${server.log.slice(-4000)}`;
      throw error;
    } finally {
      await browser?.close();
      await server.stop();
    }
  });
}

/** A picture into KETLAB_SCREENSHOTS, if that is set. */
export async function screenshot(page, name, options = {}) {
  const folder = process.env.KETLAB_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), ...options });
}

/** Another browser's first page, watched too: what goes wrong in it is added to `problems`. */
export async function another(browser, problems, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const own = await watch(page);
  own.push = (...found) => problems.push(...found);
  return page;
}

/** The text editor. It takes the place of a plain text area when it is loaded, after the first result. */
export async function editor(page) {
  const content = page.locator(".cm-content");
  await content.waitFor({ state: "attached", timeout: 20_000 });
  return content;
}

/** Puts a program in the place of the one that is there, as a paste into the text. */
export async function typeProgram(page, text) {
  await (await editor(page)).evaluate((content, text) => {
    const { editor } = content.getRootNode().host;
    editor.select(0, editor.text().length, true);
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    content.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** The program as the text editor has it: of a long one not all is in the page. */
export async function programText(page) {
  return (await editor(page)).evaluate((content) => content.getRootNode().host.editor.text());
}

/** Durations of tasks on the main thread over 50 ms while `action` runs, in milliseconds. */
export async function longTasks(page, action) {
  await page.evaluate(() => {
    window.longTasks = [];
    window.longTaskObserver?.disconnect();
    window.longTaskObserver = new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((e) => e.duration)));
    window.longTaskObserver.observe({ type: "longtask" });
  });
  await action();
  return page.evaluate(async () => {
    // An entry comes a moment after its task.
    await new Promise((resolve) => setTimeout(resolve, 100));
    window.longTaskObserver.disconnect();
    return window.longTasks;
  });
}

/** Drops a text onto the page, as a file. */
export async function dropFile(page, name, text) {
  const transfer = await page.evaluateHandle(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name));
    return data;
  }, [name, text]);
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}
