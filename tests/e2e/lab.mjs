// One worker by its protocol (sim-wasm/README.md), without the page's own code.

/** A document of the server's origin without the page's scripts, and `Lab` in it: one worker and its messages. */
export async function open({ page, server }) {
  // The manifest is plain JSON, but comes with the headers that isolate a document.
  await page.goto(`${server.url}/sim/manifest.json`);
  await page.evaluate(async () => {
    const { variants } = await (await fetch("/sim/manifest.json")).json();
    window.Lab = class {
      constructor(name, threads = 0) {
        const variant = variants.find((variant) => variant.name === name);
        this.messages = [];
        const channel = `test-${crypto.randomUUID()}`;
        this.channel = new BroadcastChannel(channel);
        this.channel.onmessage = ({ data }) => this.#keep(data);
        this.worker = new Worker(`/sim/${variant.worker}`, { type: "module" });
        this.worker.onmessage = ({ data }) => this.#keep(typeof data === "string" ? JSON.parse(data) : data);
        // A trap is thrown on after it was told.
        this.worker.onerror = (event) => event.preventDefault();
        this.worker.postMessage({ type: "start", channel, threads });
      }
      #keep(message) {
        this.messages.push({ ...message, at: performance.now() });
        for (const waiting of this.waiting ?? []) waiting();
      }
      /** The first message, from `since` on, that fits. */
      async wait(fits, since = 0) {
        for (;;) {
          const found = this.messages.slice(since).find(fits);
          if (found) return found;
          await new Promise((resolve) => { (this.waiting ??= new Set()).add(resolve); });
        }
      }
      run(id, text, more = {}) {
        const request = { program: { language: "openqasm", text }, shots: 1000, seed: 7, ...more };
        this.worker.postMessage(JSON.stringify({ type: "run", id, request }));
        return this.wait((message) => message.id === id && (message.type === "done" || message.type === "failed"));
      }
      cancel(value) {
        const { memory, address } = this.messages.find((message) => message.type === "cancel_flag");
        Atomics.store(new Int32Array(memory.buffer), address / 4, value);
        return performance.now();
      }
    };
    window.ghz = (n) =>
      `OPENQASM 2.0; include "qelib1.inc"; qreg q[${n}]; creg c[${n}]; h q[0];` +
      Array.from({ length: n - 1 }, (_, i) => `cx q[${i}],q[${i + 1}];`).join("") + "measure q -> c;";
    window.layers = (n, depth) =>
      `OPENQASM 2.0; include "qelib1.inc"; qreg q[${n}]; creg c[${n}];` +
      Array.from({ length: depth }, (_, d) =>
        Array.from({ length: n }, (_, i) => `u3(0.${d + 1},0.${i + 1},0.3) q[${i}];`).join("") +
        Array.from({ length: n - 1 }, (_, i) => `cx q[${i}],q[${i + 1}];`).join("")).join("") + "measure q -> c;";
  });
}
