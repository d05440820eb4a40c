// A page of its own for the built worker, isolated so that it may have threads.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

import { ROOT } from "../e2e/harness.mjs";

const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

// The built worker, and an empty page at the root.
export async function serve() {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = path.join(ROOT, "public", path.normalize(pathname));
    const body = pathname === "/" ? "<!doctype html>" : await readFile(file).catch(() => null);
    const type = pathname === "/" ? "text/html" : (TYPES[path.extname(file)] ?? "application/octet-stream");
    response.writeHead(body === null ? 404 : 200, { "content-type": type, ...ISOLATED });
    response.end(body ?? "");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
