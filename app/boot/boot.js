// What happens before the page's own program is there, which is large: the frame of the lab as it was left, the
// simulator on its way, and the histogram: the one that was seen last, or that of the first example, run here.
//
// In a built page `#boot` holds what the build knows (`xtask/src/page.rs`). Without it, as with Trunk's own
// server, the program does all of this by itself.

import { draw, purge } from "./plot.js";

/** The program starts at the latest after so long, whatever became of the simulator. */
const PATIENCE_MS = 6000;

function kept(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** Panels and displays as they were left. */
function arrange() {
  const prefs = kept("ketlab.prefs") ?? {};
  const lab = document.querySelector("#splash .lab");
  for (const panel of ["gates", "code", "results"]) lab.classList.toggle(`no-${panel}`, prefs[panel] === false);
  const within = (value, usual, least) => Math.min(Math.max(Number(value) || usual, least), 1200);
  lab.style.setProperty("--code-width", `${within(prefs.code_width, 348, 200)}px`);
  lab.style.setProperty("--results-height", `${within(prefs.results_height, 320, 140)}px`);
  const open = Array.isArray(prefs.open) && prefs.open.length > 0 ? prefs.open.slice(0, 3) : ["qubits", "state", "counts"];
  const displays = lab.querySelector(".displays");
  displays.dataset.count = open.length;
  const [counts, ...others] = displays.children;
  const shown = open.includes("counts");
  if (!shown) counts.remove();
  others.slice(open.length - Number(shown)).forEach((slot) => slot.remove());
  displays.querySelector(".latest")?.classList.remove("latest");
  const latest = shown && open.at(-1) !== "counts" ? displays.children[1] : displays.children[0];
  latest?.classList.add("latest");
}

/** Draws `figure` where the histogram is going to be. */
function present(figure) {
  ketlab.figure = figure;
  const element = document.querySelector("#splash .plot");
  if (element !== null) draw(element, figure);
}

/** Counts as the page draws them, exact probabilities over them. */
function figureOf({ counts, probabilities, shots }) {
  const german = (kept("ketlab.prefs")?.language ?? (navigator.language.startsWith("de") ? "german" : "")) === "german";
  const names = Object.keys({ ...counts, ...probabilities }).sort();
  const values = names.map((key) => counts[key] ?? 0);
  return {
    names,
    values,
    errors: values.map((n) => Math.sqrt(n * (1 - n / shots))),
    exact: probabilities ? names.map((key) => (probabilities[key] ?? 0) * shots) : null,
    words: { outcome: german ? "Ergebnis" : "outcome", height: german ? "Messungen" : "shots" },
  };
}

/** Whether this browser has relaxed SIMD: of a module that multiplies and adds in one step. */
const relaxed = () => WebAssembly.validate(Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0,
  65, 0, 253, 15, 65, 0, 253, 15, 253, 128, 2, 11));

/** Starts the simulator, and runs `request` if there is one. Calls `then` when the simulator is loaded or will not be. */
function simulate({ variants }, request, then) {
  const variant = variants.findIndex((v) => (!v.isolated || window.crossOriginIsolated) && (!v.relaxed || relaxed()));
  if (variant < 0) return then();
  const folder = `/sim/${variants[variant].worker.replace(/[^/]*$/, "")}`;
  // The worker would ask for these one after the other. It finds them in the browser's cache, or on their way.
  const bring = (name) => fetch(folder + name).then((answer) => answer.arrayBuffer()).catch(() => {});
  variants[variant].scripts.forEach(bring);
  bring("sim_bg.wasm").then(then);

  const name = `ketlab-sim-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
  const channel = new BroadcastChannel(name);
  const worker = new Worker(`/sim/${variants[variant].worker}`, { type: "module" });
  const early = { name, variant, worker, messages: [], last: [], failed: false };
  ketlab.worker = early;
  channel.onmessage = ({ data }) => early.last.push(data);
  worker.onerror = (event) => {
    event.preventDefault();
    early.failed = true;
    then();
  };
  worker.onmessage = ({ data }) => {
    const message = typeof data === "string" ? JSON.parse(data) : data;
    if (message.id !== 0) early.messages.push(data);
    else if (message.type === "done") present(figureOf(message.result));
  };
  early.release = () => channel.close();
  worker.postMessage({ type: "start", channel: name, threads: 0 });
  if (request !== null) worker.postMessage(JSON.stringify({ type: "run", id: 0, request }));
}

const ketlab = { draw, purge, figure: null, worker: null, boot: null };
window.ketlab = ketlab;
arrange();
const description = document.getElementById("boot");
if (description !== null) {
  ketlab.boot = JSON.parse(description.textContent);
  const { sim, first, app } = ketlab.boot;
  let started = false;
  const start = async () => {
    if (started) return;
    started = true;
    const module_or_path = fetch(app.module);
    const program = await import(app.script);
    await program.default({ module_or_path });
  };
  const opened = location.hash.length > 1 || localStorage.getItem("ketlab.project") !== null;
  const figure = location.hash.length > 1 ? null : kept("ketlab.figure");
  if (figure?.version === 1) {
    // Nothing to wait for: the program as it was left has this histogram.
    present(figure.figure);
    requestAnimationFrame(() => setTimeout(start));
  }
  // The line carries the simulator first, and then the program.
  simulate(sim, opened ? null : first, start);
  setTimeout(start, PATIENCE_MS);
}
