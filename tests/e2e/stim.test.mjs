// Circuits of Stim in the page: by a dropped file and by a paste, drawn where OpenQASM can say them, else by their rates.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { dropFile, journey, programText, screenshot, until, variable } from "./harness.mjs";

journey("a Stim file with detectors shows its rates and its logical error rate", async ({ page, server }) => {
  const made = await promisify(execFile)(variable("KETLAB_BIN"), ["sample-detectors", "--surface-code", "3", "--noise", "0.005", "--print"]);
  await page.goto(server.url);
  await page.locator(".counts-list li").first().waitFor({ state: "attached" });
  const before = await page.title();
  await dropFile(page, "memory.stim", made.stdout);
  const panel = page.locator(".display.codes");
  await panel.getByRole("button", { name: "Sample memory.stim" }).waitFor();
  await page.getByText("memory.stim: a Stim circuit. It has no picture: it has 24 detectors and 1 observables").waitFor();
  assert.equal(await page.title(), before, "the program in the lab stays");
  const fact = async (name) => {
    const texts = await panel.locator("dl > div").allTextContents();
    return texts.find((text) => text.startsWith(name))?.slice(name.length).trim();
  };
  await until("all shots", async () => (await fact("Shots"))?.replace(/\D/g, "") === "10000", 30_000);
  assert.equal(await fact("Detectors"), "24");
  const percent = async (name) => Number.parseFloat(await fact(name));
  assert.ok((await percent("Observables flipped")) > 3 * (await percent("logical error rate")), "decoding helps");
  assert.ok((await percent("logical error rate")) > 0);
  assert.equal(await panel.locator("svg rect").count(), 24);
  await screenshot(page, "stim-rates");

  await dropFile(page, "broken.stim", "H 0\nCX 0 banana\n");
  await panel.getByText("line 2, column 6").waitFor();
  await screenshot(page, "stim-errors");

  // What no matching decoder can take is sampled all the same.
  const color = "X_ERROR(0.1) 0\nM 0\nDETECTOR rec[-1]\nDETECTOR rec[-1]\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]\n";
  await dropFile(page, "color.stim", color);
  await panel.getByText("Not decoded:").waitFor();
  await until("its rate", async () => /^(9|10)/.test((await fact("Detection rate")) ?? ""));
});

journey("a Stim circuit that OpenQASM can say is drawn, from a file and from a paste", async ({ page, server }) => {
  await page.goto(server.url);
  await page.locator(".counts-list li").first().waitFor({ state: "attached" });
  await dropFile(page, "pairs.stim", "# a pair\nR 0 1\nH 0\nCX 0 1\nTICK\nM 0 1\nCX rec[-1] 0\nM 0\n");
  await page.waitForFunction(() => document.title.startsWith("pairs"));
  await page.getByText(/pairs\.stim, from Stim: OpenQASM 3/).waitFor();
  await until("its counts", async () => (await page.locator(".counts-list li").allTextContents()).map((line) => line.split(":")[0].trim()).join() === "000,011");
  assert.match(await programText(page), /if \(rec\[1\]\) x q\[0\];/);
  await screenshot(page, "stim-drawn");
  await page.evaluate(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "X 0\nM 0\n");
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  });
  await until("one outcome", async () => (await page.locator(".counts-list li").allTextContents()).map((line) => line.split(":")[0].trim()).join() === "1");
});
