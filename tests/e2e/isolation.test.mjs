// First of all: the page is cross-origin isolated, so that the simulator may have threads.

import assert from "node:assert/strict";

import { journey, screenshot } from "./harness.mjs";

journey("the page is cross-origin isolated and may share memory", async ({ page, server }) => {
  await page.goto(server.url);
  assert.equal(await page.evaluate(() => self.crossOriginIsolated), true);
  assert.equal(await page.evaluate(() => new SharedArrayBuffer(8).byteLength), 8);
  await screenshot(page, "isolation");
});
