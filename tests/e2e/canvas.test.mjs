// The circuit as a picture: gates placed by drag, by click and by key, moved, deleted, taken back; each edit
// stands in the text and in the counts at once.

import assert from "node:assert/strict";

import { journey, programText, screenshot, typeProgram, until } from "./harness.mjs";

const EMPTY = `OPENQASM 3.0;
include "stdgates.inc";

qubit[2] q;
`;

async function open(page, url) {
  await page.goto(url);
  await page.locator(".counts-list li").first().waitFor({ state: "attached" });
  await typeProgram(page, EMPTY);
  await outcomes(page, "00");
}

const text = programText;

/** Waits until the text has all of these lines, in this order among others. */
const lines = (page, ...wanted) =>
  until(`the text has ${wanted.join(" ")}`, async () => {
    let at = 0;
    for (const line of (await text(page)).split("\n")) if (line.trim() === wanted[at]) at += 1;
    return at === wanted.length;
  });

const outcomes = (page, ...wanted) =>
  until(`outcomes ${wanted}`, async () => {
    const listed = await page.locator(".counts-list li").allTextContents();
    return listed.map((line) => line.split(":")[0].trim()).sort().join() === wanted.join();
  });

const tile = (page, label) => page.locator(`.palette .tile[aria-label^="${label}:"]`);

/** The middle of a cell of the board. */
async function cell(page, row, column) {
  const box = await page.locator(".board-drawing").boundingBox();
  const names = await page.locator(".board-names").boundingBox();
  return { x: names.x + names.width + 22 + 44 * column, y: box.y + 22 + 44 * row + 24 };
}

journey("a gate is dragged from the palette onto a wire and runs at once", async ({ page, server }) => {
  await open(page, server.url);
  const from = await tile(page, "X").boundingBox();
  const to = await cell(page, 1, 0);
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 6 });
  // The gate is still in the hand, and what is shown is the circuit with it.
  await outcomes(page, "10");
  await page.mouse.up();
  await lines(page, "x q[1];");
  await outcomes(page, "10");
});

journey("a gate is picked up with one click and put down with the next", async ({ page, server }) => {
  await open(page, server.url);
  await tile(page, "X").click();
  const to = await cell(page, 0, 0);
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.click(to.x, to.y);
  await page.keyboard.press("Escape");
  await lines(page, "x q[0];");
  await outcomes(page, "01");
});

journey("the keyboard alone places, deletes and takes back", async ({ page, server }) => {
  await open(page, server.url);
  await page.locator(".board").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("x");
  await lines(page, "x q[0];");
  await outcomes(page, "01");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Delete");
  await until("the gate is gone", async () => !(await text(page)).includes("x q[0]"));
  await outcomes(page, "00");
  await page.keyboard.press("Control+z");
  await lines(page, "x q[0];");
  await page.keyboard.press("Control+z");
  await until("nothing is placed", async () => !(await text(page)).includes("x q[0]"));
  await page.keyboard.press("Control+Shift+z");
  await lines(page, "x q[0];");
  await outcomes(page, "01");
  await screenshot(page, "canvas-keys");
});
