// What a person waits for, timed in the page itself: the first histogram over a slow line, and the histogram
// after an edit. Started by `cargo xtask bench page`; prints one JSON object.
//
// KETLAB_BIN (the server with the page inside), KETLAB_CHROMIUM. KETLAB_VISITS: fewer, for a quick look.

import { createServer, connect } from "node:net";

import { launch, Server } from "../e2e/harness.mjs";

// The line of a "slow 4G" profile: both directions share nothing, the server's side is unlimited.
const BITS_PER_SECOND = 9e6;
const ROUND_TRIP_MS = 170;
const CPU_SLOWDOWN = 4;
const VISITS = Number(process.env.KETLAB_VISITS ?? 5);
/** For how long a person stays at the first visit, once the lab is there. */
const STAY_MS = 3000;
const EDITS = 30;

/** A line between browser and server: delayed, and as narrow as `BITS_PER_SECOND` for all connections together. */
async function narrow(port) {
  const line = { bytes: 0, free: 0 };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    const end = () => { client.destroy(); server.destroy(); };
    client.on("error", end).on("close", end);
    server.on("error", end).on("close", () => setTimeout(() => client.end(), ROUND_TRIP_MS * 2));
    // The handshake of a connection takes a round trip before the first byte can leave.
    const open = wait(ROUND_TRIP_MS);
    client.on("data", async (chunk) => {
      await open;
      await wait(ROUND_TRIP_MS / 2);
      server.write(chunk);
    });
    let last = Promise.resolve();
    server.on("data", (chunk) => {
      last = last.then(async () => {
        // In pieces, so that connections take turns.
        for (let at = 0; at < chunk.length; at += 8192) {
          const piece = chunk.subarray(at, at + 8192);
          const now = performance.now();
          line.free = Math.max(line.free, now) + (piece.length * 8 / BITS_PER_SECOND) * 1e3;
          await wait(line.free - now);
          line.bytes += piece.length;
          const sent = line.bytes;
          setTimeout(() => { if (!client.destroyed) client.write(piece); line.arrived = sent; }, ROUND_TRIP_MS / 2);
        }
      });
    });
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${proxy.address().port}`, line, close: () => proxy.close() };
}

/** In the page, before anything: notes when the histogram is there first, whoever drew it, and when the lab is. */
function noteHistogram() {
  const look = () => {
    if (document.querySelector(".plot .bars .point")) window.ketlabHistogram ??= performance.now();
    if (document.querySelector(".board") && !document.getElementById("splash")) window.ketlabLab ??= performance.now();
    if (window.ketlabHistogram === undefined || window.ketlabLab === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function visits(server) {
  const cold = [];
  const warm = [];
  const paints = [];
  const paintBytes = [];
  const allBytes = [];
  const labs = [[], []];
  for (let i = 0; i < VISITS; i += 1) {
    const proxy = await narrow(new URL(server.url).port);
    const browser = await launch();
    try {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      for (const times of [cold, warm]) {
        const page = await context.newPage();
        await page.addInitScript(noteHistogram);
        const session = await context.newCDPSession(page);
        await session.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
        const before = proxy.line.bytes;
        let atPaint = null;
        await page.exposeFunction("ketlabPainted", () => { atPaint ??= proxy.line.bytes - before; });
        await page.addInitScript(() => {
          new PerformanceObserver((list) => {
            if (list.getEntriesByName("first-contentful-paint").length) window.ketlabPainted();
          }).observe({ type: "paint", buffered: true });
        });
        await page.goto(proxy.url, { waitUntil: "commit" });
        await page.waitForFunction(() => window.ketlabHistogram !== undefined, null, { timeout: 60_000 });
        times.push(await page.evaluate(() => window.ketlabHistogram) / 1e3);
        const bytes = proxy.line.bytes - before;
        await page.waitForFunction(() => window.ketlabLab !== undefined, null, { timeout: 60_000 });
        labs[times === cold ? 0 : 1].push(await page.evaluate(() => window.ketlabLab) / 1e3);
        if (times === cold) {
          paints.push(await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime) / 1e3);
          paintBytes.push(atPaint);
          allBytes.push(bytes);
          await new Promise((resolve) => setTimeout(resolve, STAY_MS));
        }
        await page.close();
      }
    } finally {
      await browser.close();
      proxy.close();
    }
  }
  return {
    cold: median(cold), warm: median(warm), paint: median(paints),
    lab_cold: median(labs[0]), lab_warm: median(labs[1]),
    paint_bytes: median(paintBytes), histogram_bytes: median(allBytes),
  };
}

/** A circuit with `n` qubits in a state that one more X changes, about 8 gates a qubit. */
function circuit(n) {
  const lines = ["OPENQASM 3.0;", 'include "stdgates.inc";', "", `qubit[${n}] q;`, ""];
  for (let layer = 0; layer < 4; layer += 1) {
    for (let q = 0; q < n; q += 1) lines.push(`ry(${(0.1 + 0.05 * q + layer).toFixed(2)}) q[${q}];`);
    for (let q = 0; q + 1 < n; q += 1) lines.push(`cx q[${q}], q[${q + 1}];`);
  }
  return lines.join("\n") + "\n";
}

/** Seconds from dropping a long file to its results. */
async function opening(server, gates) {
  const n = 10;
  const lines = ["OPENQASM 3.0;", 'include "stdgates.inc";', `qubit[${n}] q;`];
  for (let i = 0; i < gates; i += 1) {
    const q = i % n;
    lines.push(i % 3 === 0 ? `h q[${q}];` : i % 3 === 1 ? `cx q[${q}], q[${(q + 1) % n}];` : `rz(0.${(i % 97) + 1}) q[${q}];`);
  }
  const text = `${lines.join("\n")}\n`;
  const browser = await launch();
  try {
    const times = [];
    for (let i = 0; i < VISITS; i += 1) {
      const page = await browser.newPage();
      await page.addInitScript(noteHistogram);
      await page.goto(server.url);
      await page.locator(".facts").waitFor();
      times.push(await page.evaluate(([text, wanted]) => new Promise((resolve) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "long.qasm", { type: "text/plain" }));
        const begin = performance.now();
        const look = () => {
          if (document.querySelector(".status-line").textContent.includes(wanted)) resolve((performance.now() - begin) / 1e3);
          else requestAnimationFrame(look);
        };
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        look();
      }), [text, `${n} qubits`]));
      await page.close();
    }
    return median(times);
  } finally {
    await browser.close();
  }
}

/** Milliseconds from a key to the histogram that shows what it did. */
async function edits(server, n) {
  const browser = await launch();
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.addInitScript(noteHistogram);
    await page.goto(server.url);
    await page.locator(".facts").waitFor();
    // Dropped on the page, as a person would open it.
    const transfer = await page.evaluateHandle((text) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], "bench.qasm", { type: "text/plain" }));
      return transfer;
    }, circuit(n));
    await page.dispatchEvent("body", "dragover", { dataTransfer: transfer });
    await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
    await page.waitForFunction(() => document.title.startsWith("bench"));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await page.locator(".board").focus();
    await page.keyboard.press("End");
    const times = [];
    for (let i = 0; i < EDITS; i += 1) {
      await page.evaluate(() => {
        window.ketlabShown = new Promise((resolve) => {
          let pressed = null;
          addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { once: true, capture: true });
          const watch = new MutationObserver(() => {
            if (pressed === null) return;
            watch.disconnect();
            // The frame that shows it.
            requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => resolve(performance.now() - pressed); channel.port2.postMessage(0); });
          });
          watch.observe(document.querySelector(".plot"), { subtree: true, childList: true, attributes: true, characterData: true });
        });
      });
      await page.keyboard.press("x");
      times.push(await page.evaluate(() => window.ketlabShown));
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    // The first ones are run before the browser has compiled the code well.
    const counted = times.slice(5).sort((a, b) => a - b);
    return { median: median(counted), p95: counted[Math.floor(counted.length * 0.95)], least: counted[0] };
  } finally {
    await browser.close();
  }
}

const server = await Server.start();
try {
  const record = { browser: null, visits: await visits(server), opening: await opening(server, 100_000), edits: {} };
  for (const n of [12, 16, 18]) record.edits[n] = await edits(server, n);
  const browser = await launch();
  record.browser = `Chromium ${browser.version()}`;
  await browser.close();
  console.log(JSON.stringify(record));
} finally {
  await server.stop();
}
