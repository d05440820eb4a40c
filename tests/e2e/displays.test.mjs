// The displays: panels, exports, time travel, inline displays, sweeps; on a desktop and on a phone.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import axe from "axe-core";

import { dropFile, journey, screenshot, until } from "./harness.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const BELL = `OPENQASM 3.0;
include "stdgates.inc";

qubit[2] q;
bit[2] c;

h q[0];
cx q[0], q[1];
c = measure q;
`;

/** Measures in the middle and goes on. */
const TELEPORT = `OPENQASM 3.0;
include "stdgates.inc";

qubit[3] q;
bit a;
bit b;

ry(1.2) q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
a = measure q[0];
b = measure q[1];
if (b) x q[2];
if (a) z q[2];
@ketlab.display bloch
barrier q[2];
`;

const TURN = `OPENQASM 3.0;
include "stdgates.inc";

input float[64] theta;
input float[64] phi;
qubit[2] q;

ry(theta) q[0];
cx q[0], q[1];
rx(phi) q[1];
`;

async function open(page, url, text) {
  await page.goto(url);
  await page.locator(".facts").waitFor();
  await page.locator(".counts-list li").first().waitFor({ state: "attached" });
  if (text) await openText(page, text);
}

/** As a dropped file: that way there is on every page. */
async function openText(page, text) {
  await dropFile(page, "dropped.qasm", text);
  await page.waitForFunction(() => document.title.startsWith("dropped"));
}

/** Shows a display, whatever is shown so far. */
async function show(page, name) {
  const tab = page.locator(".display-tab", { hasText: new RegExp(`^${name}$`) });
  const classes = (await tab.getAttribute("class")) ?? "";
  const pressed = (await tab.getAttribute("aria-pressed")) === "true";
  const narrow = (page.viewportSize()?.width ?? 1440) < 860;
  if (!pressed || (narrow && !classes.includes("latest"))) await tab.click();
}

const kets = (page) => page.locator(".amplitude-table .ket").allTextContents();

journey("each display shows the state of a Bell pair", async ({ page, server }) => {
  await open(page, server.url, BELL);
  await until("the ket form", async () => (await page.locator(".ket-form").textContent()) === "(|00⟩ + |11⟩)/√2");
  assert.match(await page.locator(".counts .note").textContent(), /distance/);

  await show(page, "Density");
  await until("four entries", async () => (await page.locator(".density .phase-fill").count()) === 4);
  assert.match(await page.locator(".density .note").textContent(), /purity 1/);
  await page.locator(".density .display-field input").fill("0");
  await until("one qubit, mixed", async () => /purity 0\.5/.test(await page.locator(".density .note").textContent()));

  await show(page, "Entanglement");
  await page.locator(".entanglement .bond").waitFor({ state: "attached" });
  assert.match(await page.locator(".cuts title").first().textContent(), /: 1 bits/);
  assert.match(await page.locator(".bond title").textContent(), /2 bits/);

  await show(page, "Unitary");
  await until("eight entries", async () => (await page.locator(".unitary .phase-fill").count()) === 8);

  await show(page, "Statistics");
  await until("depth", async () => /Depth3/.test(await page.locator(".facts-grid").textContent()));

  await show(page, "Expectation");
  await page.locator(".observable-form input").fill("Z0 Z1");
  await page.locator(".observable-form button").click();
  await until("the value", async () => (await page.locator(".observables .value-cell").last().textContent()) === "1");
  await page.locator(".observable-form input").fill("Q");
  await page.locator(".observable-form button").click();
  await page.locator(".observables .refused").waitFor();
  await screenshot(page, "displays-bell");

  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(" ")}`), []);
});

journey("counts are filtered, summed up and written in other bases", async ({ page, server }) => {
  await open(page, server.url, BELL.replaceAll("[2]", "[4]").replace("h q[0];", "h q;"));
  const list = page.locator(".counts-list li");
  await until("16 outcomes", async () => (await list.count()) === 16);
  await page.locator(".counts-bar input[type=search]").fill("1??0");
  await until("4 outcomes", async () => (await list.count()) === 4);
  await page.locator(".counts-bar input[type=search]").fill("");
  await page.locator(".counts-bar input[type=text]").fill("0-1");
  await until("2 bits", async () => (await list.count()) === 4);
  assert.match(await list.first().textContent(), /^00: /);
  await page.locator(".counts-bar select").selectOption("hex");
  await until("hex", async () => /^0x0: /.test(await list.first().textContent()));
});

journey("displays are saved as SVG, PNG, CSV and JSON", async ({ page, server }) => {
  await open(page, server.url, BELL);
  await page.locator(".plot .bars .point").first().waitFor();
  const save = async (display, format) => {
    await page.locator(`.${display} [aria-haspopup="menu"]`).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: format }).click(),
    ]);
    return { name: download.suggestedFilename(), data: await readFile(await download.path()) };
  };
  const csv = await save("counts", "CSV");
  assert.equal(csv.name, "dropped-counts.csv");
  assert.match(csv.data.toString(), /^outcome,count,probability\r\n00,\d+,0\.(5|49999)\d*\r\n11,/);
  const json = JSON.parse((await save("counts", "JSON")).data);
  assert.equal(json.counts["00"] + json.counts["11"], json.shots);
  const svg = (await save("counts", "SVG")).data.toString();
  assert.match(svg, /^<svg xmlns/);
  assert.ok(!svg.includes("style=") && !svg.includes("oklch"), "styles are written out");
  const png = (await save("qubits", "PNG")).data;
  assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from("PNG")]);
  assert.ok(png.readUInt32BE(16) > 200, "twice as wide as on screen");
  const table = (await save("amplitudes", "CSV")).data.toString();
  assert.match(table, /^state,re,im,probability\r\n00,0\.70/);
});

journey("time travel: steps, differences, frozen outcomes, branches by hand", async ({ page, server }) => {
  await open(page, server.url, TELEPORT);
  const position = page.locator(".scrub-position");
  assert.equal(await position.textContent(), "whole circuit");
  await page.locator(".board").focus();
  await page.keyboard.press("]");
  await until("the start", async () => /^0 \//.test(await position.textContent()));
  await until("|000⟩", async () => (await kets(page)).join() === "|000⟩");
  await page.keyboard.press("]");
  await until("a change", async () => (await page.locator(".amplitude-table .change").count()) > 0);
  assert.match(await page.locator(".amplitudes .note").textContent(), /overlap/);

  const slider = page.locator(".scrub-slider");
  const last = Number(await slider.getAttribute("max"));
  await slider.fill(String(last));
  const chips = page.locator(".outcome-chip");
  await until("two measurements", async () => (await chips.count()) === 2);
  const bits = () => page.locator(".outcome-chip b").allTextContents();
  const before = await bits();
  await slider.fill("2");
  await until("none yet", async () => (await chips.count()) === 0);
  await slider.fill(String(last));
  await until("the same outcomes", async () => (await bits()).join() === before.join());

  // Whatever is measured, the last qubit has the message.
  const z = () => page.locator("[data-display=bloch] title").textContent();
  await page.locator("[data-display=bloch] title").waitFor({ state: "attached" });
  const message = await z();
  assert.equal(message, "(0.932, 0, 0.362)");
  await chips.first().click();
  await until("the other outcome", async () => (await bits())[0] !== before[0]);
  assert.ok((await chips.first().getAttribute("class")).includes("chosen"));
  assert.equal(await z(), message);

  // Editing goes on meanwhile.
  await page.keyboard.press("Escape");
  await until("the whole", async () => (await position.textContent()) === "whole circuit");
  await screenshot(page, "displays-travel");
});

journey("inline displays are placed, follow edits and stay in the text", async ({ page, server }) => {
  await open(page, server.url, BELL);
  await page.locator(".palette-search").fill("chance");
  await page.getByRole("button", { name: /^Chance/ }).focus();
  await page.keyboard.press("Enter");
  const shown = page.locator("[data-display=chance] title").first();
  await shown.waitFor({ state: "attached" });
  assert.match(await shown.textContent(), /P\(1\) = 0 %/);
  await page.waitForFunction(() => localStorage.getItem("ketlab.project")?.includes("@ketlab.display chance"));
});

journey("a sweep draws a curve and a map, and stops", async ({ page, server }) => {
  await open(page, server.url, TURN);
  await show(page, "Sweep");
  await page.locator(".sweep-form button[type=submit]").click();
  await until("61 points", async () => (await page.locator(".sweep-plot .point").count()) === 61);
  const at = (i) => page.locator(".sweep-plot .point title").nth(i).textContent();
  assert.match(await at(0), /theta = 0: 1$/);
  assert.match(await at(30), /theta = π: −1$/);
  await page.locator(".sweep-form select").nth(1).selectOption("phi");
  await page.locator(".sweep-form button[type=submit]").click();
  await until("a map", async () => (await page.locator(".sweep-plot rect[fill^=oklch]").count()) === 61 * 31);
  await screenshot(page, "displays-sweep");
});

journey("on a phone every display is one tap away", { page: PHONE }, async ({ page, server }) => {
  await open(page, server.url, BELL);
  for (const [name, what] of [
    ["Density", ".density .phase-fill"],
    ["Entanglement", ".entanglement .bond"],
    ["Unitary", ".unitary .phase-fill"],
    ["Statistics", ".facts-grid dd"],
    ["State", ".amplitude-table .ket"],
    ["Bloch", ".sphere"],
  ]) {
    await show(page, name);
    // A line straight up has no width, which counts as hidden.
    await page.locator(what).first().waitFor({ state: "attached" });
    await screenshot(page, `displays-phone-${name.toLowerCase()}`);
  }
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  await page.getByRole("button", { name: "Step on (])" }).tap();
  await until("the start", async () => /^0 \//.test(await page.locator(".scrub-position").textContent()));
});
