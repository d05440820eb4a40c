// The worker's script: loads the module, starts the pool, hands requests to the module one by one.
// README.md describes the protocol. Nothing here knows what a run is.

import init, * as sim from "./sim.js";
import { crash, guarded } from "./guard.js";
import { memory as declared } from "./variant.js";

// How long the pool may take to start. Counted in ticks of this worker's event loop, so that the time
// for which a run blocks it is not held against the pool.
const POOL_TICKS = 100;
const POOL_TICK_MS = 100;
// What a request may take on one thread while the pool starts; a longer one begins anew with all of them.
const PATIENCE_MS = 150;

const PAGE_BYTES = 65536;
const LEAST_PAGES = 1024;

let channel = null;
let threads = 1;
let loaded = false;
let busy = false;
const requests = [];

// Resolves when the pool is up or given up.
let pool = Promise.resolve();
let poolSettled = true;

// Set before anything is awaited: a message that finds no listener is lost.
self.addEventListener("message", ({ data }) => {
  if (typeof data === "string") {
    requests.push(data);
    serve();
  } else if (data?.type === "start" && channel === null) {
    channel = String(data.channel);
    start(data.threads || navigator.hardwareConcurrency || 1);
  } else if (data?.type === "provoke" && loaded) {
    guarded(sim, channel, () => sim.provoke(data.kind));
  }
});

async function start(wanted) {
  try {
    if (declared === null) {
      await init();
      sim.start(channel, 2 ** 32);
    } else {
      const { memory, maximum } = grantedMemory();
      await init({ memory });
      sim.start(channel, maximum * PAGE_BYTES);
      postMessage({ type: "cancel_flag", memory, address: sim.cancelAddress() });
    }
  } catch (error) {
    crash(channel, "start", `the simulator could not be loaded: ${error?.message ?? error}`);
    return;
  }
  loaded = true;
  postMessage(sim.ready(threads));
  if (sim.initThreadPool !== undefined && wanted > 1) {
    poolSettled = false;
    pool = startPool(wanted).finally(() => { poolSettled = true; });
  }
  serve();
}

// The largest shared memory that this browser grants. Address space is reserved up to the maximum at
// once, which is what some browsers and small devices refuse.
function grantedMemory() {
  for (let maximum = declared.maximumPages; ; maximum /= 2) {
    try {
      const memory = new WebAssembly.Memory({ initial: declared.initialPages, maximum, shared: true });
      if (maximum < declared.maximumPages) {
        note("memory_limited", `this browser grants the simulator ${maximum / 16} MiB of memory`);
      }
      return { memory, maximum };
    } catch (error) {
      if (maximum / 2 < Math.max(LEAST_PAGES, declared.initialPages)) throw error;
    }
  }
}

async function startPool(wanted) {
  // A start that never settles must not hold requests back for good. If the pool comes up after all,
  // it is used from then on.
  const up = sim.initThreadPool(wanted).then(() => {
    threads = wanted;
    postMessage(sim.ready(threads));
  });
  try {
    await Promise.race([up, expiry()]);
  } catch (error) {
    note("pool_failed", `the other threads did not start (${error?.message ?? error}); runs use one thread`);
  }
}

async function expiry() {
  for (let tick = 0; tick < POOL_TICKS; tick += 1) await delay(POOL_TICK_MS);
  throw new Error("no answer in time");
}

const delay = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

async function serve() {
  if (busy || !loaded) return;
  busy = true;
  while (requests.length > 0) {
    const text = requests.shift();
    if (!poolSettled) {
      if (answer(text, PATIENCE_MS)) {
        // The pool's threads report through this event loop.
        await delay(0);
        continue;
      }
      await pool;
    }
    answer(text, 0);
  }
  busy = false;
}

// False if the request is left unanswered because it would take longer than `patience` milliseconds
// (0: as long as it takes). Throws, after telling the page, when the module has died.
function answer(text, patience) {
  return guarded(sim, channel, () => sim.answer(text, threads, patience, postMessage.bind(self)));
}

function note(code, message) {
  postMessage({ type: "note", code, message });
}
