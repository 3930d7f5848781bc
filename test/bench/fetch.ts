/*
 * What `await (await f(url)).text()` costs the caller, in CPU, for each way to write f.
 *
 *   node --conditions=@weft/source test/bench/fetch.ts [--body=1024] [--rounds=5] [--calls=4000] [--only=NAME] [--signal] [--post]
 *
 * `fast path alone` is the fetch of the SDK over a plain Pool; `mesh.fetch` has the whole mesh under it, with deadline,
 * attempt timeout, breaker, limits and retries on. One Pool for the others, 16 calls in flight, an endpoint in another process that answers with one write. The ways take turns, so that
 * a busy machine disturbs them alike; the ratios count, not the figures.
 */
import { fork } from "node:child_process";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { createMesh } from "@weft/client";
import { fetch as undiciFetch, Pool } from "undici";
import { createFetch } from "../../packages/client/src/fetch/create-fetch.ts";
import { median } from "./report.ts";

const IN_FLIGHT = 16;

const { values } = parseArgs({
  options: {
    body: { type: "string", default: "1024" },
    rounds: { type: "string", default: "7" },
    calls: { type: "string", default: "4000" },
    only: { type: "string" },
    signal: { type: "boolean", default: false },
    post: { type: "boolean", default: false },
    endpoint: { type: "boolean", default: false },
  },
});

if (values.endpoint) serve(Number(values.body));
else await compare(Number(values.rounds), Number(values.calls));

type Way = (url: string) => Promise<unknown>;

async function compare(rounds: number, calls: number): Promise<void> {
  const endpoint = fork(import.meta.filename, ["--endpoint", `--body=${values.body}`]);
  const port = await new Promise<number>((resolve) => endpoint.once("message", resolve as (message: unknown) => void));
  const origin = `http://127.0.0.1:${port}`;
  const dispatcher = new Pool(origin, { connections: IN_FLIGHT });
  const ours = createFetch({ dispatcher, builtinFetch: fetch, owns: () => true });
  const mesh = createMesh({
    registry: { orders: [`127.0.0.1:${port}`] },
    services: { orders: { timeout: { total: "15s", attempt: "3s" }, breaker: {} } },
  });
  const init = {
    ...(values.signal ? { signal: new AbortController().signal } : {}),
    ...(values.post
      ? { method: "POST", body: '{"some":"thing"}', headers: { "content-type": "application/json" } }
      : {}),
  };
  const requestInit = { method: "GET" as const, ...init };
  const all: Record<string, Way> = {
    builtin: async (url) => (await fetch(url, { ...init, dispatcher })).text(),
    "undici.fetch": async (url) => (await undiciFetch(url, { ...init, dispatcher })).text(),
    "pool.request": async (url) =>
      (await dispatcher.request({ origin, path: url.slice(origin.length), ...requestInit })).body.text(),
    "fast path alone": async (url) => (await ours(url, init)).text(),
    "mesh.fetch": async (url) => (await mesh.fetch(`http://orders${url.slice(origin.length)}`, init)).text(),
  };
  const ways = Object.entries(all).filter(([name]) => values.only === undefined || name === values.only);
  const costs = new Map(ways.map(([name]) => [name, [] as number[]]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, way] of ways) {
      const us = await cpuPerCall(way, `${origin}/v1/orders`, calls);
      if (round >= 0) costs.get(name)?.push(us); // the first round warms up
    }
  }
  report(costs);
  await Promise.all([dispatcher.close(), mesh.close()]);
  endpoint.kill();
}

async function cpuPerCall(way: Way, url: string, calls: number): Promise<number> {
  let left = calls;
  const before = process.cpuUsage();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (left-- > 0) await way(`${url}/${left}`);
    }),
  );
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / calls;
}

function report(costs: ReadonlyMap<string, readonly number[]>): void {
  const medians = new Map([...costs].map(([name, all]) => [name, median(all)]));
  const weft = medians.get("mesh.fetch") ?? NaN;
  console.log(`node ${process.version}, ${values.body} bytes, ${IN_FLIGHT} in flight: CPU per call`);
  for (const [name, us] of medians) {
    console.log(`${name.padEnd(16)} ${us.toFixed(1).padStart(7)} us   mesh.fetch is ${(weft / us).toFixed(2)} x`);
  }
}

function serve(bodyBytes: number): void {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: ${bodyBytes}\r\nserver: bench\r\ndate: Thu, 26 Nov 2026 08:00:00 GMT\r\n\r\n`;
  const answer = Buffer.from(head + "x".repeat(bodyBytes));
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    // One request at a time on each connection, and one packet each: no parser needed.
    socket.on("data", () => socket.write(answer));
  });
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object") process.send?.(address?.port);
  });
  process.on("disconnect", () => process.exit());
}
