// The worker in Chromium, timed on request: the browser's side of `cargo xtask bench --browser`.
//
//     node browser.mjs THREADS        KETLAB_CHROMIUM names the browser
//
// Answers each line of standard input, a JSON object, with one JSON object a line. Requests, by `task`:
//
//     circuit  path, precision, fast, budget, most, check   seconds: RunResult.seconds of each run
//     screen   path                    round_trips: seconds from message to answer, all qubits' states asked for
//     shots    path, shots             seconds beyond the state, with the 1024 most frequent outcomes
//     pauli    path, sum               seconds beyond the state, value

import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";

import { launch } from "../e2e/harness.mjs";
import { serve } from "./serve.mjs";

/** In the page: starts the worker; `window.timed(request)` answers a request. */
async function prepare([threads, warmUp]) {
  const { variants } = await (await fetch("/sim/manifest.json")).json();
  const channel = `bench-${crypto.randomUUID()}`;
  const { worker: script } = variants.find((variant) => variant.name === "relaxed");
  const waiting = new Map();
  let ready;
  const isReady = new Promise((resolve) => { ready = resolve; });
  let die;
  const death = new Promise((_, reject) => { die = reject; });
  death.catch(() => {});
  new BroadcastChannel(channel).onmessage = ({ data }) => die(new Error(`${data.kind}: ${data.message}`));
  const worker = new Worker(`/sim/${script}`, { type: "module" });
  worker.onmessage = ({ data }) => {
    if (typeof data !== "string") return;
    const message = JSON.parse(data);
    if (message.type === "ready" && message.threads === threads) ready();
    if (message.type === "done" || message.type === "failed") waiting.get(message.id)?.(message);
  };
  worker.postMessage({ type: "start", channel, threads });
  await Promise.race([isReady, death]);

  let id = 0;
  /** One run: its result, and the seconds until it is here. */
  async function run(text, request, more = {}) {
    id += 1;
    const answer = new Promise((resolve) => { waiting.set(id, resolve); });
    const message = JSON.stringify({
      type: "run",
      id,
      request: {
        program: { language: "openqasm", text },
        precision: request.precision ?? "f64",
        fast: request.fast ?? false,
        shots: 0,
        seed: 1,
        limits: { memory_bytes: 2 ** 40 },
        ...more,
      },
    });
    const start = performance.now();
    worker.postMessage(message);
    const got = await Promise.race([answer, death]);
    const roundTrip = (performance.now() - start) / 1e3;
    waiting.delete(id);
    if (got.type === "failed") throw new Error(got.error.diagnostics[0]?.message ?? got.error.kind);
    if (got.result.threads !== threads) throw new Error(`${got.result.threads} threads`);
    return { result: got.result, roundTrip };
  }

  // The worker keeps the state of its last run, and goes on from it where a program begins the same way. What is
  // timed is a whole run: each begins with another turn about the axis of |0⟩, which changes nothing that is read.
  let turn = 0;
  const fresh = (text) => {
    turn += 1;
    const found = text.match(/^qreg (\w+)\[\d+\];|^qubit\[\d+\] (\w+);/m);
    if (found === null) throw new Error("no register in the program");
    const end = found.index + found[0].length;
    return `${text.slice(0, end)}\nrz(${turn}e-6) ${found[1] ?? found[2]}[0];${text.slice(end)}`;
  };

  const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

  /** Runs until the budget is spent; a short first one is not counted. */
  async function repeat(text, request, more) {
    const budget = request.budget ?? 0.2;
    const most = request.most ?? 100;
    const runs = [];
    const begun = performance.now();
    for (let first = true; runs.length === 0 || (runs.length < most && performance.now() - begun < budget * 1e3); first = false) {
      const one = await run(fresh(text), request, more);
      if (!first || one.roundTrip >= budget / 4) runs.push(one);
    }
    return runs;
  }

  // The browser compiles code again, better, once it has run for a while.
  for (const request of [{ precision: "f64" }, { precision: "f32", fast: true }]) {
    await repeat(warmUp, { ...request, budget: 0.4, most: 1000 });
  }

  const secondsOf = (runs) => runs.map(({ result }) => result.seconds);

  async function beyond(text, request, more) {
    const without = median(secondsOf(await repeat(text, request)));
    const runs = await repeat(text, request, more);
    return { seconds: secondsOf(runs).map((seconds) => seconds - without), result: runs[0].result };
  }

  window.timed = async (text, request) => {
    switch (request.task) {
      case "circuit": {
        const runs = await repeat(text, request);
        const answer = { seconds: secondsOf(runs), round_trips: runs.map((one) => one.roundTrip) };
        if (request.check) {
          const { result } = await run(text, request, { want: { qubits: true, statevector: true } });
          answer.ones = result.qubits.map((qubit) => qubit.probability_one);
          answer.ipr = result.statevector.reduce((sum, [re, im]) => sum + (re * re + im * im) ** 2, 0);
        }
        return answer;
      }
      case "screen": {
        const runs = await repeat(text, request, { want: { qubits: true } });
        return { round_trips: runs.map((one) => one.roundTrip), seconds: secondsOf(runs) };
      }
      case "shots": {
        const { seconds } = await beyond(text, request, { shots: request.shots, want: { top_counts: 1024 } });
        return { seconds };
      }
      case "pauli": {
        const { seconds, result } = await beyond(text, request, { want: { expectations: [request.sum] } });
        return { seconds, value: result.expectations[0].value };
      }
      default:
        throw new Error("no such task");
    }
  };
}

// A little of every kind of gate, on enough qubits for several threads.
const WARM_UP = (() => {
  const n = 15;
  const lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', `qreg q[${n}];`];
  for (let layer = 0; layer < 6; layer += 1) {
    for (let i = 0; i < n; i += 1) {
      const [a, b, c] = [i, (i + 1 + layer) % n, (i + 9 + layer) % n];
      lines.push(`u3(0.${i + 1},0.2,0.3) q[${a}];`, `cx q[${a}],q[${b}];`, `cp(0.${i + 1}) q[${a}],q[${b}];`);
      lines.push(`rzz(0.4) q[${a}],q[${b}];`, `ccx q[${a}],q[${b}],q[${c}];`, `rx(0.7) q[${c}];`, `h q[${b}];`);
    }
  }
  return lines.join("\n");
})();

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const threads = Number(process.argv[2] ?? 1);
const server = await serve();
const browser = await launch();
const url = `http://127.0.0.1:${server.address().port}/`;
let page = null;

/** A page with a fresh worker. */
async function open() {
  await page?.close();
  page = await browser.newPage();
  await page.goto(url);
  await page.evaluate(prepare, [threads, WARM_UP]);
}

await open();
say({ ready: true, version: `Chromium ${browser.version()}` });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    const text = await readFile(request.path, "utf8");
    // Memory of a worker grows and does not shrink: the largest states get one of their own.
    if (request.fresh) await open();
    say(await page.evaluate(([text, request]) => window.timed(text, request), [text, request]));
  } catch (error) {
    say({ error: String(error.message ?? error).slice(0, 300) });
    await open();
  }
}
await browser.close();
server.close();
