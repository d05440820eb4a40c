// What a person sees before the program is there, and who draws the histogram when.

import assert from "node:assert/strict";

import { journey, screenshot, typeProgram as type, until } from "./harness.mjs";

const FRAME = [".top-bar", ".gates-pane", ".circuit-area", ".scrub", ".code-pane", ".results-pane", ".displays", ".plot", ".status-line"];

/** Where the parts of the lab lie. */
const places = (page) => page.evaluate((parts) => Object.fromEntries(parts.map((part) => {
  const { x, y, width, height } = document.querySelector(part).getBoundingClientRect();
  return [part, [x, y, width, height].map(Math.round).join()];
})), FRAME);

/** Bars of the histogram as it is shown, whoever drew it: left edge, width and height. */
const bars = (page) => page.locator(".plot .bars .point").evaluateAll((points) => points.map((point) => {
  const { x, width, height } = point.getBoundingClientRect();
  return [x, width, height];
}));

/** Holds back the program until it is released. */
async function hold(page, what) {
  let release;
  const released = new Promise((resolve) => { release = resolve; });
  await page.route(what, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

const ready = (page) => page.locator(".facts").waitFor();

for (const [name, options] of [
  ["laptop", { colorScheme: "dark" }],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
]) {
  journey(`the frame and the first histogram come before the program, ${name}`, { page: options }, async ({ page, server }) => {
    const release = await hold(page, /app-[0-9a-f]+_bg\.wasm/);
    await page.goto(server.url);
    await page.locator("#splash .plot .bars .point").nth(1).waitFor({ state: "attached" });
    assert.equal(await page.locator(".board").count(), 0, "the program is not there");
    const before = [await places(page), await bars(page)];
    await screenshot(page, `start-${name}`);
    release();
    await ready(page);
    assert.equal(await page.locator("#splash").count(), 0);
    assert.deepEqual(await places(page), before[0], "nothing moves");
    assert.deepEqual(await bars(page), before[1], "the same counts, in the same place");
  });
}

journey("the next visit shows the last histogram, panels and theme at once", async ({ page, server }) => {
  await page.goto(server.url);
  await ready(page);
  await page.keyboard.press("Control+2");
  await page.getByRole("button", { name: "View" }).first().click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+2");
  await type(page, "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q;\n");
  await until("four bars", async () => (await bars(page)).length === 4);
  await page.keyboard.press("Control+2");
  const last = await bars(page);
  await page.waitForFunction(() => {
    const figure = JSON.parse(localStorage.getItem("ketlab.figure"))?.figure;
    return figure?.names.length === 4 && localStorage.getItem("ketlab.project")?.includes("h q;");
  });
  await hold(page, /app-[0-9a-f]+_bg\.wasm|sim_bg\.wasm/);
  await page.reload();
  await page.locator("#splash .plot .bars .point").nth(3).waitFor();
  assert.deepEqual(await bars(page), last);
  assert.ok(!(await page.locator(".code-pane").isVisible()));
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
});

journey("who points at the histogram gets plotly's in its place, and every edit shows at once", async ({ page, server }) => {
  await page.goto(server.url);
  await ready(page);
  const drawn = await bars(page);
  assert.equal(drawn.length, 2);
  assert.equal(await page.evaluate(() => typeof Plotly), "undefined", "nobody pointed at it yet");

  await page.locator(".plot").hover({ position: { x: 175, y: 120 } });
  await page.locator(".plot.live .barlayer .point").nth(1).waitFor();
  const live = await bars(page);
  assert.equal(live.length, drawn.length, "one histogram, not two");
  live.flat().forEach((edge, i) => assert.ok(Math.abs(edge - drawn.flat()[i]) < 1, `${live} for ${drawn}`));
  await page.mouse.move(...(await page.locator(".plot").evaluate((plot) => {
    const { x, y } = plot.getBoundingClientRect();
    return [x + 185, y + 130];
  })));
  await page.locator(".hoverlayer .hovertext", { hasText: "|000⟩" }).waitFor();

  // An edit: the small drawing at once, then plotly's again under the pointer.
  const shows = page.evaluate(() => new Promise((resolve) => {
    const plot = document.querySelector(".plot");
    new MutationObserver((_, observer) => {
      if (plot.querySelectorAll(".quick .point").length !== 4) return;
      observer.disconnect();
      resolve(plot.classList.contains("live"));
    }).observe(plot, { subtree: true, childList: true });
  }));
  await type(page, "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q;\n");
  assert.equal(await shows, false);
  await until("plotly's again", async () => (await page.locator(".plot.live .barlayer .point").count()) === 4);
});
