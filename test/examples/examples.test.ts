import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildOnce, runExample } from "./run-example.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** Folders that are none: the demo is `npm start`, and compose belongs to docker-compose.yml. */
const NO_EXAMPLES = new Set(["compose", "demo", "observability", "scenarios", "support", "node_modules"]);

/** Each example, and the lines that it must print. */
const EXAMPLES: Readonly<Record<string, readonly RegExp[]>> = {
  "examples/fetch.ts": [
    /^GET \/v1\/7: 200 \{"from":"orders-[12]","method":"GET","path":"\/v1\/7"\}$/m,
    /^POST \/v1: 200 \{"from":"orders-[12]","method":"POST","path":"\/v1"\}$/m,
    /^GET \/v1: 200 /m,
    /^with orders-1 gone: 10 of 10 answered$/m,
  ],
  "examples/undici.ts": [
    /^request: 200 \{"from":"orders-[12]","method":"GET","path":"\/v1\/7"\}$/m,
    /^stream: 49 bytes$/m,
    /^interceptor on the mesh: GET \/v1\/9$/m,
    /^mesh on an agent: 200 \{"from":"orders-[12]","method":"GET","path":"\/v1\/10"\}$/m,
  ],
  "examples/axios.ts": [
    /^by agent: 200 from orders-[12]$/m,
    /^by fetch: 200 from orders-[12]$/m,
    /^with orders-1 out of order: 200 from orders-2$/m,
    /^with both out of order: ERR_BAD_RESPONSE 503$/m,
  ],
  "examples/existing-service/main.ts": [
    /^fetch: 200 \{"from":"orders-[12]","method":"GET","path":"\/v1\/7"\}$/m,
    /^node:http: \{"from":"orders-[12]","method":"GET","path":"\/v1\/8"\}$/m,
    /^outside the mesh: 200 \{"from":"orders-2","method":"GET","path":"\/health"\}$/m,
  ],
  "examples/opossum.ts": [
    /^call 1: 503$/m,
    /^opossum says: open$/m,
    /^weft says: closed > open: 5 of the last 5 calls failed$/m,
    /^call 6: CIRCUIT_OPEN$/m,
    /^weft says: open > closed: /m,
    /^call 7: 200 /m,
  ],
  "examples/consul.ts": [
    /^orders: \S*orders-1 came, 1 in all$/m,
    /^GET \/v1\/7: 200 \{"from":"orders-1"/m,
    /^orders: \S*orders-2 came, 2 in all$/m,
    /^while Consul is away: 200 /m,
  ],
  "examples/explain.ts": [
    /^event: orders-1 is ejected for \d+ ms: 5 consecutive failures/m,
    /^stats: orders-1: ejected, 0 pending$/m,
    /^stats: orders-2: fit, 0 pending$/m,
    /call \d+: attempt 1 goes to orders-1/,
    /call \d+: retried after /,
    /call \d+: attempt 2 goes to orders-2/,
    /call 12: attempt 1 goes to orders-2; 1 of 2 endpoints available, 1 ejected; out: orders-1 \(ejected for another [\d.]+ m?s, for 5xx answers\)$/m,
  ],
};

beforeAll(buildOnce, 120_000);

describe("examples", () => {
  test("have a row here, each of them", () => {
    const found = readdirSync(join(ROOT, "examples"), { withFileTypes: true }).flatMap((entry) => {
      if (entry.isFile()) return entry.name.endsWith(".ts") ? [`examples/${entry.name}`] : [];
      return NO_EXAMPLES.has(entry.name) ? [] : [`examples/${entry.name}/main.ts`];
    });
    expect(found.toSorted()).toEqual(Object.keys(EXAMPLES).toSorted());
  });

  test.each(Object.entries(EXAMPLES))("%s ends by itself with 0, and prints what it did", async (path, lines) => {
    const { code, stdout, stderr } = await runExample(path);
    expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
    for (const line of lines) expect(stdout).toMatch(line);
  });
});
