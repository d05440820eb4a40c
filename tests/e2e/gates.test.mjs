// Gates of one's own, wires, columns, and finding things by name: what goes beyond placing gates.

import assert from "node:assert/strict";

import { journey, programText, screenshot, typeProgram, until } from "./harness.mjs";

const PAIR = `OPENQASM 3.0;
include "stdgates.inc";

gate pair(t) a, b {
  h a;
  rx(t) a;
  cx a, b;
}

qubit[2] q;

pair(0) q[0], q[1];
`;

const has = (page, wanted) => until(`the text has ${wanted}`, async () => (await programText(page)).includes(wanted));

const outcomes = (page, ...wanted) =>
  until(`outcomes ${wanted}`, async () => {
    const listed = await page.locator(".counts-list li").allTextContents();
    return listed.map((line) => line.split(":")[0].trim()).sort().join() === wanted.join();
  });

async function open(page, url, program) {
  await page.goto(url);
  await page.locator(".counts-list li").first().waitFor({ state: "attached" });
  await typeProgram(page, program);
}

/** The middle of a cell of the board. */
async function cell(page, row, column) {
  const box = await page.locator(".board-drawing").boundingBox();
  const names = await page.locator(".board-names").boundingBox();
  return { x: names.x + names.width + 22 + 44 * column, y: box.y + 22 + 44 * row + 24 };
}

async function clickName(page, row) {
  const names = await page.locator(".board-names").boundingBox();
  const at = await cell(page, row, 0);
  await page.mouse.click(names.x + 20, at.y);
}

journey("a gate is opened, edited in place, and every call follows", async ({ page, server }) => {
  await open(page, server.url, PAIR);
  await outcomes(page, "00", "11");
  const at = await cell(page, 0, 0);
  await page.mouse.dblclick(at.x + 8, at.y);
  const path = page.locator(".opened-gates");
  await path.waitFor();
  assert.match(await path.textContent(), /pair/);
  await screenshot(page, "gate-opened");
  // Inside, an X behind everything on the second wire.
  await page.locator(".board").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("x");
  await has(page, "x b;");
  await outcomes(page, "01", "10");
  await page.keyboard.press("Shift+G");
  await path.waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await outcomes(page, "00", "11");
});

journey("a gate from a matrix is checked, mended and placed", async ({ page, server }) => {
  await open(page, server.url, 'OPENQASM 3.0;\ninclude "stdgates.inc";\n\nqubit[2] q;\n');
  await outcomes(page, "00");
  await page.keyboard.press("Control+k");
  await page.locator(".commands [role=combobox]").fill("new gate");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("root");
  await dialog.getByLabel("Matrix", { exact: true }).fill("0.7, 0.7i\n0.7i, 0.7");
  await dialog.getByText("not unitary").waitFor();
  await screenshot(page, "gate-from-matrix");
  await dialog.getByRole("button", { name: "nearest unitary" }).click();
  await dialog.getByRole("button", { name: "Add gate" }).click();
  await dialog.waitFor({ state: "detached" });
  await has(page, "gate root q0");
  await page.locator('.palette .tile[aria-label^="root:"]').focus();
  await page.keyboard.press("Enter");
  await has(page, "root q[0];");
  await outcomes(page, "00", "01");
});

journey("wires are named, moved and added, columns get comments", async ({ page, server }) => {
  await open(page, server.url, 'OPENQASM 3.0;\ninclude "stdgates.inc";\n\nqubit[2] q;\n\nx q[0];\n');
  await outcomes(page, "01");
  await clickName(page, 0);
  const panel = page.locator(".inspector");
  await panel.getByLabel("Register").fill("data");
  await panel.getByLabel("Register").press("Enter");
  await has(page, "qubit[2] data;");
  await clickName(page, 0);
  await panel.getByRole("button", { name: "Down" }).click();
  await outcomes(page, "10");
  await panel.getByRole("button", { name: "Insert above" }).click();
  await has(page, "qubit[3] data;");
  await screenshot(page, "wire-panel");
  await page.locator(".board").focus();
  await page.keyboard.press("Home");
  await page.keyboard.press(";");
  await panel.getByLabel("Comment").fill("flips the last one");
  await panel.getByLabel("Comment").press("Escape");
  await has(page, "// flips the last one");
});

journey("the command palette finds and does what is typed", async ({ page, server }) => {
  await open(page, server.url, 'OPENQASM 3.0;\ninclude "stdgates.inc";\n\nqubit[2] q;\n');
  await outcomes(page, "00");
  await page.keyboard.press("Control+k");
  await page.locator(".commands [role=combobox]").fill("place x");
  await screenshot(page, "command-palette");
  await page.keyboard.press("Enter");
  await has(page, "x q[0];");
  await page.keyboard.press("Control+k");
  await page.locator(".commands [role=combobox]").fill("theme dark");
  await page.keyboard.press("Enter");
  await until("the page is dark", () => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
});

journey("a long circuit has an overview, and a drag at the edge scrolls", async ({ page, server }) => {
  const many = Array.from({ length: 60 }, (_, i) => `h q[${i % 2}];\nbarrier q;`).join("\n");
  await open(page, server.url, `OPENQASM 3.0;\ninclude "stdgates.inc";\n\nqubit[2] q;\n\n${many}\n`);
  const map = page.locator(".minimap");
  await map.waitFor();
  const left = () => page.locator(".board-scroll").evaluate((e) => e.scrollLeft);
  const box = await map.boundingBox();
  await page.mouse.click(box.x + box.width * 0.5, box.y + box.height / 2);
  await until("the middle is in view", async () => (await left()) > 500);
  await page.locator(".board-scroll").evaluate((e) => { e.scrollLeft = 0; });
  const from = await cell(page, 0, 0);
  const view = await page.locator(".board-scroll").boundingBox();
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y, { steps: 4 });
  await page.mouse.move(view.x + view.width - 6, from.y, { steps: 4 });
  await until("the view scrolls along", async () => (await left()) > 200);
  await page.keyboard.press("Escape");
  await page.mouse.up();
});

journey("wires are hidden, stay hidden through edits and a reload, and come back", async ({ page, server }) => {
  await open(page, server.url, 'OPENQASM 3.0;\ninclude "stdgates.inc";\n\nqubit[5] q;\n\nh q[0];\ncx q[0], q[3];\n');
  await outcomes(page, "00000", "01001");
  const names = () => page.locator(".board-names text").allTextContents();
  await page.locator(".board").focus();
  await page.keyboard.press("j");
  await until("idle wires are folded", async () => (await names()).join() === "q[0],⋯ 2,q[3],⋯ 1");
  await has(page, "qubit[5] q;");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("x");
  await has(page, "x q[3];");
  await screenshot(page, "wires-hidden");
  await clickName(page, 0);
  await page.locator(".inspector").getByRole("button", { name: "Insert below" }).click();
  await has(page, "cx q[0], q[4];");
  assert.deepEqual(await names(), ["q[0]", "q[1]", "⋯ 2", "q[4]", "⋯ 1"]);
  // Kept on leaving.
  await page.reload();
  await until("folded after a reload", async () => (await names()).join() === "q[0],q[1],⋯ 2,q[4],⋯ 1");
  const fold = await page.locator(".board-names .fold text").first().boundingBox();
  await page.mouse.click(fold.x + fold.width / 2, fold.y + fold.height / 2);
  await until("a press opens the fold", async () => (await names()).join() === "q[0],q[1],q[2],q[3],q[4],⋯ 1");
  await page.keyboard.press("Control+z");
  await until("undo folds it again", async () => (await names()).join() === "q[0],q[1],⋯ 2,q[4],⋯ 1");
  await page.keyboard.press("Shift+K");
  await until("all are back", async () => (await names()).length === 6);
});
