// The last words of a thread. Imported by the worker and by each thread of its pool: a thread that dies
// leaves the others waiting for it, so it has to reach the page by itself.

/** Tells the page that this worker is dead, and why. */
export function crash(channel, kind, message) {
  const port = new BroadcastChannel(channel);
  port.postMessage({ type: "crash", kind, message });
  port.close();
}

/** Calls `work`. What it throws is a trap of the module `sim`: it is reported and thrown on. */
export function guarded(sim, channel, work) {
  try {
    return work();
  } catch (error) {
    // A panic has told its reason already, through the hook, and the first report counts. A failed
    // allocation aborts without one. This call allocates nothing.
    const bytes = sim.failedAllocation();
    if (bytes > 0) {
      crash(channel, "memory", `the simulator ran out of memory: ${bytes} more bytes were not to be had`);
    } else {
      crash(channel, "panic", `the simulator stopped: ${error?.message ?? error}`);
    }
    throw error;
  }
}
