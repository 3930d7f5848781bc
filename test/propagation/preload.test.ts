import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PLAIN_APP, PRELOAD, runApp } from "./run-app.ts";
import { BY, CALLS, echoEndpoint, type Listening, sendLines } from "./servers.ts";
import type { Lines } from "./w3c-cases.ts";

const CLIENTS = ["fetch", "undici", "undici's pool", "node:http", "node:http with lines"] as const;

const TRACE: Lines = [
  ["traceparent", "00-5a1c0de0000000000000000000c0ffee-00c0ffee5a1c0de1-01"],
  ["tracestate", "a=1"],
  ["baggage", "user=7"],
  ["b3", "5a1c0de0000000000000000000c0ffee-00c0ffee5a1c0de1-1"],
  ["x-b3-traceid", "5a1c0de0000000000000000000c0ffee"],
  ["x-b3-spanid", "00c0ffee5a1c0de1"],
  ["x-b3-parentspanid", "00c0ffee5a1c0de0"],
  ["x-b3-sampled", "1"],
  ["x-b3-flags", "0"],
  ["uber-trace-id", "5a1c0de0000000000000000000c0ffee:00c0ffee5a1c0de1:0:1"],
  ["x-request-id", "7"],
];
const NAMES = new Set(TRACE.map(([name]) => name));

let endpoint: Listening;
let app: Listening;
beforeAll(async () => {
  endpoint = await echoEndpoint();
  app = await runApp([...PRELOAD, PLAIN_APP], { ORDERS: ordersAt("127.0.0.1") });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

describe.each(CLIENTS)("an app that calls by %s", (by) => {
  test("carries what its request brought, and each header once", async () => {
    const [sent = []] = await sendLines(app.port, [...TRACE, [BY, by]]);
    expect(carried(sent)).toEqual(TRACE);
  });

  test("carries nothing for a request that brought nothing, also after one that did", async () => {
    const [sent = []] = await sendLines(app.port, [[BY, by]]);
    expect(carried(sent)).toEqual([]);
  });

  test("carries it to every request that it makes", async () => {
    const sent = await sendLines(app.port, [...TRACE, [BY, by], [CALLS, "3"]]);
    expect(sent.map(carried)).toEqual([TRACE, TRACE, TRACE]);
  });
});

test.each(["with a trace of its own", "fetch with a trace of its own"])("a request %s keeps it, whole", async (by) => {
  const [sent = []] = await sendLines(app.port, [...TRACE, [BY, by]]);
  const own = carried(sent).toSorted(([a], [b]) => a.localeCompare(b));
  expect(own).toEqual([
    ["baggage", "user=7"],
    ["traceparent", "own"],
    ["x-request-id", "own"],
  ]);
});

/** Names in lower case, in the order of TRACE. */
function carried(lines: Lines): Lines {
  const lower = lines.map(([name, value]) => [name.toLowerCase(), value] as const);
  const order = [...NAMES];
  return lower.filter(([name]) => NAMES.has(name)).toSorted(([a], [b]) => order.indexOf(a) - order.indexOf(b));
}

function ordersAt(host: string): string {
  return `http://${host}:${endpoint.port}/`;
}
