// The worker by its protocol (sim-wasm/README.md), in the page's origin and under its policy, without the
// page's own code: both variants, their start, cancel, and how they die.

import assert from "node:assert/strict";

import { journey } from "./harness.mjs";
import { open } from "./lab.mjs";

journey("the first run does not wait for the pool, later ones use it", async ({ page, server }) => {
  await open({ page, server });
  const { first, ready, later } = await page.evaluate(async () => {
    const lab = new Lab("threads", 2);
    const first = await lab.run(1, ghz(3));
    const ready = await lab.wait((message) => message.type === "ready" && message.threads === 2);
    const later = await lab.run(2, ghz(3));
    return { first, ready, later };
  });
  assert.equal(first.type, "done", JSON.stringify(first));
  assert.equal(first.result.threads, 1);
  assert.ok(first.at < ready.at, "the first result comes before the pool is up");
  assert.equal(later.result.threads, 2);
  assert.deepEqual(later.result.counts, first.result.counts);
  assert.deepEqual(Object.keys(first.result.counts).sort(), ["000", "111"]);
});

journey("all variants give the same counts for the same seed", async ({ page, server }) => {
  await open({ page, server });
  const [single, one, two, relaxed] = await page.evaluate(async () => {
    const program = layers(12, 4);
    const single = new Lab("single");
    const threads = new Lab("threads", 2);
    const relaxed = new Lab("relaxed", 2);
    const one = await new Lab("threads", 1).run(1, program);
    for (const lab of [threads, relaxed]) await lab.wait((message) => message.type === "ready" && message.threads === 2);
    return [await single.run(1, program), one, await threads.run(1, program), await relaxed.run(1, program)];
  });
  assert.equal(single.type, "done", JSON.stringify(single));
  assert.equal(two.result.threads, 2);
  assert.ok(Object.keys(single.result.counts).length > 100);
  assert.deepEqual(one.result.counts, single.result.counts);
  assert.deepEqual(two.result.counts, single.result.counts);
  assert.deepEqual(relaxed.result.counts, single.result.counts);
});

journey("the fast mode of relaxed SIMD multiplies and adds in one step", async ({ page, server }) => {
  await open({ page, server });
  const [exact, fast] = await page.evaluate(async () => {
    const lab = new Lab("relaxed", 1);
    const amplitudes = async (id, fast) => {
      const answer = await lab.run(id, layers(8, 6), { fast, want: { statevector: true } });
      return answer.result.statevector;
    };
    return [await amplitudes(1, false), await amplitudes(2, true)];
  });
  const differences = exact.flatMap((z, i) => [z[0] - fast[i][0], z[1] - fast[i][1]]).map(Math.abs);
  assert.ok(Math.max(...differences) < 1e-12);
  assert.ok(Math.max(...differences) > 0, "rounded once and not twice");
});

journey("a run stops within 100 ms of its cancel, and the worker goes on", async ({ page, server }) => {
  await open({ page, server });
  const { cancelled, took, after, fractions } = await page.evaluate(async () => {
    const lab = new Lab("threads", 2);
    await lab.wait((message) => message.type === "ready" && message.threads === 2);
    const answer = lab.run(1, layers(22, 200));
    await lab.wait((message) => message.type === "progress");
    const raised = lab.cancel(1);
    const cancelled = await answer;
    lab.cancel(0);
    const after = await lab.run(2, ghz(4));
    const fractions = lab.messages.filter((message) => message.type === "progress").map((message) => message.progress.fraction);
    return { cancelled, took: cancelled.at - raised, after, fractions };
  });
  assert.equal(cancelled.type, "failed", JSON.stringify(cancelled));
  assert.equal(cancelled.error.kind, "cancelled");
  assert.ok(took < 200, `100 ms are promised, twice that is the limit of this test: ${took}`);
  assert.equal(after.type, "done");
  assert.ok(fractions.every((fraction) => fraction >= 0 && fraction <= 1));
});

for (const [kind, variant, reported, words] of [
  ["panic", "threads", "panic", /provoked/],
  ["pool_panic", "threads", "panic", /provoked in the pool/],
  ["memory", "threads", "memory", /out of memory/],
  ["panic", "single", "panic", /provoked/],
  ["memory", "single", "memory", /out of memory/],
]) {
  journey(`a ${kind} of the ${variant} worker reaches the page with its reason`, async ({ page, server, problems }) => {
    await open({ page, server });
    const { crash, again } = await page.evaluate(async ([variant, kind]) => {
      const lab = new Lab(variant, 2);
      if (variant === "threads") await lab.wait((message) => message.type === "ready" && message.threads === 2);
      else await lab.wait((message) => message.type === "ready");
      lab.worker.postMessage({ type: "provoke", kind });
      const crash = await lab.wait((message) => message.type === "crash");
      lab.worker.terminate();
      return { crash, again: await new Lab(variant, 2).run(1, ghz(3)) };
    }, [variant, kind]);
    assert.equal(crash.kind, reported);
    assert.match(crash.message, words);
    assert.equal(again.type, "done", "a fresh worker serves");
    // The trap itself, once it was told.
    problems.splice(0, problems.length, ...problems.filter((problem) => !/unreachable/.test(problem)));
  });
}

journey("what cannot be read is answered, not dropped", async ({ page, server }) => {
  await open({ page, server });
  const answer = await page.evaluate(async () => {
    const lab = new Lab("single");
    lab.worker.postMessage("{ not json");
    return lab.wait((message) => message.type === "failed");
  });
  assert.equal(answer.id, 0);
  assert.equal(answer.error.kind, "internal");
});

journey("27 qubits in double precision fit into the memory of a tab, 28 are refused before they are tried", async ({ page, server }) => {
  await open({ page, server });
  const [fits, refused] = await page.evaluate(async () => {
    const lab = new Lab("threads");
    const { max_memory_bytes } = await lab.wait((message) => message.type === "ready" && message.threads > 1);
    const limits = { memory_bytes: max_memory_bytes };
    // Every qubit is in use and entangled, and not all gates are Clifford gates: only a state vector will do.
    const program = (n) => `${ghz(n).replace("measure", `h q[${n - 1}];t q[${n - 1}];h q[${n - 1}];measure`)}`;
    const more = { shots: 100, limits };
    return [await lab.run(1, program(27), more), await lab.run(2, program(28), more)];
  });
  assert.equal(fits.type, "done", JSON.stringify(fits));
  assert.equal(Object.values(fits.result.counts).reduce((a, b) => a + b), 100);
  assert.equal(Object.keys(fits.result.counts).length, 4);
  assert.equal(refused.type, "failed");
  const [{ code, message }] = refused.error.diagnostics;
  assert.equal(code, "too_large");
  assert.match(message, /28 qubits needs 4(\.\d)? GiB.*27 qubits/);
});
