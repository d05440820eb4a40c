// The worker in Chromium on noise, gradients and Clifford circuits: the browser's side of `cargo xtask bench methods`.
//
//     node methods.mjs FOLDER THREADS        KETLAB_CHROMIUM names the browser
//
// FOLDER holds the cases as the native programs write them. One line for each case, `{"case", "seconds", "check"}`: the
// least `seconds` of some answers, as the page shows it.

import { readFile } from "node:fs/promises";
import path from "node:path";

import { launch } from "../e2e/harness.mjs";
import { serve } from "./serve.mjs";

const [folder, threads] = [process.argv[2], Number(process.argv[3] ?? 1)];
const read = (name) => readFile(path.join(folder, name), "utf8");

/** Name, message, how often it is asked. */
async function cases() {
  const all = [];
  for (const [name, times] of [["density_8", 20], ["density_10", 8], ["density_12", 3], ["trajectories_f32", 4], ["gradient", 30]]) {
    const { request } = JSON.parse(await read(`${name}.json`));
    all.push([name, { type: "run", request }, times]);
  }
  const stim = async (name) => ({ language: "stim", text: await read(`${name}.stim`) });
  const run = async (name, shots) => ({ type: "run", request: { program: await stim(name), shots, seed: 1, want: { top_counts: 16 } } });
  all.push(["clifford_100_one", await run("clifford_100", 1), 20]);
  all.push(["clifford_1000_one", await run("clifford_1000", 1), 8]);
  all.push(["clifford_100_million", await run("clifford_100", 1_000_000), 3]);
  const sample = { circuit: { program: await stim("surface_11") }, shots: 100_000, seed: 1 };
  all.push(["surface_11_detectors", { type: "sample", request: sample }, 4]);
  return all;
}

/** In the page: starts the worker with all methods; `window.ask(message)` gives the result of one. */
async function prepare(threads) {
  const { variants } = await (await fetch("/sim/manifest.json")).json();
  const { worker: script } = variants.find((variant) => variant.name === "threads");
  const channel = `bench-${crypto.randomUUID()}`;
  const worker = new Worker(`/sim/${script}`, { type: "module" });
  let [id, answered, ready] = [0, null, null];
  const up = new Promise((resolve) => { ready = resolve; });
  const death = new Promise((_, reject) => {
    new BroadcastChannel(channel).onmessage = ({ data }) => reject(new Error(`${data.kind}: ${data.message}`));
  });
  death.catch(() => {});
  worker.onmessage = ({ data }) => {
    if (typeof data !== "string") return;
    const message = JSON.parse(data);
    if (message.type === "ready" && message.threads === threads) ready();
    if (message.id === id && message.type !== "progress") answered(message);
  };
  worker.postMessage({ type: "start", channel, threads });
  await Promise.race([up, death]);
  window.ask = async (message) => {
    id += 1;
    const answer = new Promise((resolve) => { answered = resolve; });
    worker.postMessage(JSON.stringify({ ...message, id }));
    const got = await Promise.race([answer, death]);
    if (got.type === "failed") throw new Error(got.error.diagnostics[0]?.message ?? got.error.kind);
    return got.result;
  };
}

// The worker goes on from states that it keeps: another program goes before each run.
const FORGET = { type: "run", request: { program: { language: "openqasm", text: "qubit q;" }, shots: 0, seed: 1 } };

const server = await serve();
const browser = await launch();
const page = await browser.newPage();
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.evaluate(prepare, threads);
for (const [name, message, times] of await cases()) {
  let seconds = Infinity;
  let check = null;
  for (let i = 0; i < times; i += 1) {
    await page.evaluate((message) => window.ask(message), FORGET);
    const result = await page.evaluate((message) => window.ask(message), message);
    seconds = Math.min(seconds, result.seconds);
    const squares = result.probabilities && Object.values(result.probabilities).reduce((sum, p) => sum + p * p, 0);
    check = squares ?? result.gradient?.derivatives.reduce((sum, { value }) => sum + Math.abs(value), 0) ?? null;
  }
  process.stdout.write(`${JSON.stringify({ case: name, seconds, check, version: `Chromium ${browser.version()}` })}\n`);
}
await browser.close();
server.close();
