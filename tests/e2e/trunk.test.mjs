// `trunk serve` alone, as someone types it: it finds its configuration and isolates the page.

import assert from "node:assert/strict";
import { readlink } from "node:fs/promises";
import path from "node:path";
import test from "node:test";

import { freePort, ROOT, start, until, variable } from "./harness.mjs";

test("a bare `trunk serve` answers with the headers that isolate the page", { timeout: 600_000 }, async () => {
  assert.equal(await readlink(path.join(ROOT, ".trunk.toml")), "trunk.toml");
  const port = await freePort();
  // Its own port and folder, so that it disturbs nobody; all else comes from the file.
  const trunk = start(variable("KETLAB_TRUNK"), ["serve", "--port", port, "--dist", "dist/trunk"], { cwd: ROOT });
  try {
    const answer = await until("trunk answers", () => {
      assert.equal(trunk.exited, null, `trunk ended:\n${trunk.log}`);
      return fetch(`http://127.0.0.1:${port}/`).then((answer) => (answer.ok ? answer : false), () => false);
    }, 590_000);
    assert.equal(answer.headers.get("cross-origin-opener-policy"), "same-origin");
    assert.equal(answer.headers.get("cross-origin-embedder-policy"), "require-corp");
  } finally {
    await trunk.stop();
  }
});
