// Noise beside the ideal circuit: the panel, the histogram with both, fidelity.

import assert from "node:assert/strict";

import { journey, screenshot, until } from "./harness.mjs";

const PROGRAM = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n\nqubit[3] q;\n\nh q[0];\ncx q[0], q[1];\ncx q[1], q[2];\n';

async function drop(page, url, program = PROGRAM) {
  await page.goto(url);
  await page.locator(".board").waitFor();
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], "noisy.qasm"));
    return data;
  }, program);
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await page.waitForFunction(() => document.title.startsWith("noisy"));
}

const shown = (page) => page.locator(".counts-list li").allTextContents();

/** Value of a fact of the panel, by its name. */
async function fact(page, name) {
  const texts = await page.locator(".display.noise dl > div").allTextContents();
  const found = texts.find((text) => text.startsWith(name));
  return found?.slice(name.length).trim();
}

journey("noise: own numbers, a device, both in the histogram, and off again", async ({ page, server }) => {
  await drop(page, server.url);
  await until("ideal outcomes", async () => (await shown(page)).length === 2);
  await page.locator(".display-tab", { hasText: /^Noise$/ }).click();
  const panel = page.locator(".display.noise");
  await panel.getByText("Choose noise").waitFor();
  const source = panel.getByRole("combobox");
  await source.selectOption("custom");
  await until("noisy counts", async () => (await shown(page)).some((line) => line.includes("with noise")));
  await until("a fidelity", async () => /^9\d(\.\d+)? %$/.test((await fact(page, "Fidelity of the counts")) ?? ""));
  const before = Number.parseFloat(await fact(page, "Distance from ideal"));
  await panel.getByLabel("Readout error").fill("0.2");
  await until("more noise, more distance", async () => Number.parseFloat((await fact(page, "Distance from ideal")) ?? "0") > before + 20);
  await until("errors are listed", async () => (await shown(page)).length > 4);
  await screenshot(page, "noise-custom");
  await source.selectOption("hanoi");
  await until("a device", async () => Number.parseFloat((await fact(page, "Distance from ideal")) ?? "100") < 15);
  await screenshot(page, "noise-device");
  // Kept on leaving, and the same counts again.
  const kept = await shown(page);
  await page.reload();
  await until("the same after a reload", async () => (await shown(page)).join() === kept.join());
  await page.locator(".display.noise").getByRole("combobox").selectOption("off");
  await until("ideal again", async () => (await shown(page)).length === 2 && !(await shown(page))[0].includes("noise"));
  assert.equal(await panel.locator("dl > div").count(), 0);
});

journey("a thousand qubits of Clifford gates run as they are edited", async ({ page, server }) => {
  const lines = ["OPENQASM 3.0;", 'include "stdgates.inc";', "qubit[1000] q;", "h q[0];"];
  for (let i = 0; i < 999; i += 1) lines.push(`cx q[${i}], q[${i + 1}];`);
  await drop(page, server.url, `${lines.join("\n")}\n`);
  const outcomes = async () => (await shown(page)).map((line) => line.split(":")[0].trim());
  await until("a GHZ state", async () => {
    const all = await outcomes();
    return all.length === 2 && all[0] === "0".repeat(1000) && all[1] === "1".repeat(1000);
  });
  await page.getByText("stabilizer").waitFor();
  await page.locator(".board").focus();
  await page.keyboard.press("Home");
  const begin = Date.now();
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+N");
  await page.keyboard.press("Control+z");
  await until("it goes on with it", async () => (await outcomes()).length === 2);
  assert.ok(Date.now() - begin < 5_000);
  await screenshot(page, "thousand-qubits");
});

journey("surface code: a larger distance loses less below the threshold", async ({ page, server }) => {
  await page.goto(server.url);
  await page.locator(".display-tab", { hasText: /^Surface code$/ }).click();
  const panel = page.locator(".display.codes");
  await panel.getByText("memory experiment").waitFor();
  await panel.getByRole("button", { name: "d = 7" }).click();
  await panel.getByRole("button", { name: "Run" }).click();
  await until("all points", async () => (await panel.locator("tbody tr").count()) === 16 && (await panel.getByRole("button", { name: "Run" }).count()) === 1, 60_000);
  const rows = await panel.locator("tbody tr").allTextContents();
  assert.ok(rows.every((row) => /%/.test(row)));
  const rate = async (distance, noise) => {
    const cells = await panel.locator("tbody tr").evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
    const row = cells.find((cell) => cell[0] === String(distance) && cell[1] === noise);
    return Number.parseFloat(row[4]);
  };
  assert.ok((await rate(5, "0.30 %")) < (await rate(3, "0.30 %")));
  assert.ok((await rate(5, "2 %")) > (await rate(3, "2 %")));
  await screenshot(page, "surface-code");
});
