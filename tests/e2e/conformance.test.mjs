// Every public file of the suite through the page's worker, in both variants: exact distributions and states of
// programs that run, the places of errors in those that are wrong, density matrices under noise, energies and
// gradients. `tests/src/*_conformance.rs` do the same on this machine; here it is WebAssembly in a browser.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { journey, ROOT } from "./harness.mjs";
import { open } from "./lab.mjs";

const SUITE = path.join(ROOT, "tests/suite/conformance");
/** Wider programs run natively: here the whole suite takes seconds. */
const MAX_QUBITS = 16;
/** The absolute tolerance of the suite's README in double precision. */
const ATOL = 1e-9;

const json = async (file) => JSON.parse(await readFile(path.join(SUITE, file), "utf8"));

/** `{name, source, expected, inputs}` of the programs that have a result, `{name, source, place}` of the wrong ones. */
async function cases() {
  const results = [], errors = [];
  const keep = (entry, name, source, expected) => {
    if (!expected || entry.do_not_run || entry.include_files || expected.n_qubits > MAX_QUBITS) return;
    results.push({ name, source, expected, inputs: entry.inputs ?? {} });
  };
  for (const version of ["qasm2", "qasm3"]) {
    for (const entry of await json(`${version}/index.json`)) {
      const source = await readFile(path.join(SUITE, entry.file), "utf8");
      keep(entry, entry.file, source, entry.expected && (await json(entry.expected)));
    }
    for (const entry of await json(`${version}/invalid/index.json`)) {
      if (entry.may_accept) continue;
      errors.push({ name: entry.file, source: await readFile(path.join(SUITE, entry.file), "utf8"), place: entry });
    }
  }
  return { results, errors };
}

/** The noise and observable files: `{name, source, request, check}`, `check(result)` says what differs, or null. */
async function quantities() {
  const text = (file) => readFile(path.join(SUITE, file), "utf8");
  const far = (a, b) => !(Math.abs(a - b) <= ATOL);
  const all = [];
  for (const file of await json("noise/index.json")) {
    const expected = await json(file);
    const n = expected.n_qubits;
    all.push({
      name: file,
      source: await text(`noise/${expected.circuit}`),
      request: {
        shots: 0,
        noise: { model: await text(`noise/${expected.model}`) },
        want: { probabilities: true, density_matrix: true },
      },
      check(result) {
        for (const [i, p] of expected.probabilities.entries()) {
          const key = i.toString(2).padStart(n, "0");
          const ours = result.probabilities[key] ?? 0;
          if (far(ours, p)) return `P(${key}) is ${ours}, expected ${p}`;
        }
        if (far(result.purity, expected.purity)) return `the purity is ${result.purity}, expected ${expected.purity}`;
        const rows = expected.density_matrix?.real ?? [];
        for (const [r, row] of rows.entries()) {
          for (const [c, re] of row.entries()) {
            const [a, b] = result.density_matrix[r * row.length + c];
            if (far(a, re) || far(b, expected.density_matrix.imag[r][c])) return `entry ${r}, ${c} is ${a} ${b}`;
          }
        }
        return null;
      },
    });
  }
  for (const file of await json("observables/index.json")) {
    if (!file.endsWith(".expected.json")) continue;
    const expected = await json(`observables/${file}`);
    const { n_qubits: n, terms } = await json(`observables/${expected.hamiltonian}`);
    const observable = terms.map(({ coeff, pauli }) => {
      const letters = Array(n).fill("I");
      for (const [letter, qubit] of pauli) letters[n - 1 - qubit] = letter;
      return `${coeff < 0 ? "-" : "+"} ${Math.abs(coeff)}*${letters.join("")}`;
    }).join(" ");
    let found = 0;
    const body = (await text(`observables/${expected.circuit}`))
      .split("\n")
      .filter((line) => !/^(OPENQASM|include)/.test(line))
      .join("\n")
      .replace(/\(([^)]*)\)/g, (_, inside) => `(${inside.split(",").map(() => `t[${found++}]`).join(", ")})`);
    all.push({
      name: file,
      source: `OPENQASM 3.1;\ninclude "qelib1.inc";\ninput array[float[64], ${found}] t;\n${body}`,
      request: {
        shots: 0,
        inputs: { t: `{${expected.parameters.join(", ")}}` },
        gradient: { observable },
        want: { expectations: [observable] },
      },
      check(result) {
        const energy = result.expectations[0].value;
        if (far(energy, expected.energy)) return `the energy is ${energy}, expected ${expected.energy}`;
        for (const [i, d] of expected.gradient.entries()) {
          const ours = result.gradient.derivatives[i].value;
          if (far(ours, d)) return `the derivative by t[${i}] is ${ours}, expected ${d}`;
        }
        return null;
      },
    });
  }
  return all;
}

function request({ expected, inputs }) {
  const n = expected.n_qubits;
  const z = (qubit) => Array.from({ length: n }, (_, i) => (n - 1 - i === qubit ? "Z" : "I")).join("");
  const text = (value) => (typeof value === "string" ? `"${value}"` : String(value));
  return {
    shots: 0,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, text(value)])),
    want: {
      probabilities: Boolean(expected.distribution),
      statevector: Boolean(expected.statevector),
      expectations: expected.statevector ? Array.from({ length: n }, (_, qubit) => z(qubit)) : [],
    },
  };
}

/** What differs from the record, or null. */
function difference(result, expected) {
  const far = (a, b, atol = ATOL) => !(Math.abs(a - b) <= atol);
  const state = expected.statevector;
  if (state && result.statevector) {
    const [re, im] = result.statevector[state.anchor_index];
    const size = Math.hypot(re, im);
    for (const [index, wantRe, wantIm] of state.amplitudes) {
      const [a, b] = result.statevector[index];
      const [x, y] = [(a * re + b * im) / size, (b * re - a * im) / size];
      if (far(x, wantRe) || far(y, wantIm)) return `amplitude ${index} is ${x} ${y}, expected ${wantRe} ${wantIm}`;
    }
    for (const [qubit, value] of (state.z_expectations ?? []).entries()) {
      const ours = result.expectations[qubit].value;
      if (far(ours, value)) return `⟨Z⟩ of qubit ${qubit} is ${ours}, expected ${value}`;
    }
  }
  if (expected.distribution && !result.measured_all) {
    const atol = ATOL + 2 * (expected.distribution.truncated_mass ?? expected.truncated_mass ?? 0);
    const ours = new Map(Object.entries(result.probabilities).map(([key, p]) => [key.replaceAll(" ", ""), p]));
    const listedAll = (result.truncated ?? 0) < 1e-6;
    for (const [key, p] of expected.distribution.outcomes) {
      if (!ours.has(key) && !listedAll) continue;
      if (far(ours.get(key) ?? 0, p, atol)) return `P(${key}) is ${ours.get(key)}, expected ${p}`;
    }
  }
  return null;
}

/** Whether a place lies on the line of the record and in its statement, as `Place::allows` has it for Rust. */
function allows({ line, column }, source, found) {
  const order = (a, b) => a[0] - b[0] || a[1] - b[1];
  let first = [1, 1], last = [Infinity, 0];
  source.split("\n").forEach((text, i) => {
    [...text].forEach((c, j) => {
      if (!";{}".includes(c)) return;
      const at = [i + 1, j + 1];
      if (order(at, [line, column]) < 0) first = [i + 1, j + 2];
      else if (order(at, last) < 0) last = at;
    });
  });
  const at = [found.line, found.column];
  return found.line === line && order(first, at) <= 0 && order(at, last) <= 0;
}

// The small worker on one thread has a part of the methods.
for (const variant of ["threads", "full"]) {
  journey(`the conformance suite gives its results in the ${variant} worker`, { timeout: 600_000 }, async ({ page, server }) => {
    const { results, errors } = await cases();
    assert.ok(results.length > 300 && errors.length > 100, `${results.length} results, ${errors.length} errors`);
    await open({ page, server });
    await page.evaluate(async (name) => {
      window.lab = new Lab(name, 2);
      if (name === "threads") await lab.wait((message) => message.type === "ready" && message.threads === 2);
    }, variant);

    const wrong = [];
    let id = 0;
    const run = (source, more) =>
      page.evaluate(([id, source, more]) => {
        lab.messages.length = 0;
        return lab.run(id, source, more);
      }, [++id, source, more]);
    for (const one of results) {
      const answer = await run(one.source, request(one));
      if (answer.type !== "done") {
        wrong.push(`${one.name}: ${JSON.stringify(answer.error)}`);
        continue;
      }
      const alternative = one.expected.alternative;
      const found = difference(answer.result, one.expected);
      if (found && !(alternative && difference(answer.result, alternative) === null)) wrong.push(`${one.name}: ${found}`);
    }
    const more = await quantities();
    assert.equal(more.length, 70 + 21);
    for (const one of more) {
      const answer = await run(one.source, one.request);
      const found = answer.type === "done" ? one.check(answer.result) : JSON.stringify(answer.error);
      if (found) wrong.push(`${one.name}: ${found}`);
    }
    for (const one of errors) {
      const answer = await run(one.source, { shots: 0 });
      const first = answer.error?.diagnostics.find((diagnostic) => diagnostic.severity === "error");
      if (!first) wrong.push(`${one.name} runs`);
      else if (!allows(one.place, one.source, first)) {
        wrong.push(`${one.name}: ${first.line}:${first.column} ${first.message}, expected ${one.place.line}:${one.place.column}`);
      }
    }
    assert.deepEqual(wrong, [], `${wrong.length} of ${results.length + errors.length + more.length} differ`);
  });
}
