/*
 * What one exchange through undici's dispatch interface costs the caller, in CPU: bare on one endpoint's Pool, over
 * three endpoints by BalancedPool, and over the same three by a mesh with everything on.
 *
 *   node --conditions=@weft/source test/bench/dispatch.ts [--rounds=41] [--calls=3000] [--fields]
 *
 * 16 exchanges in flight, 1 KiB answers, endpoints in another process that answer with one write. In each round every
 * way has its turn; the ratio is taken round by round, so that a busy machine disturbs both sides alike.
 *
 * The mesh sends one request header of its own, and undici takes more for the first header of a request than for each
 * after it. With `--fields` the requests have two to begin with, as those of most callers do.
 */
import { fork } from "node:child_process";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { createMesh } from "@weft/client";
import { BalancedPool, type Dispatcher, Pool } from "undici";
import { median, table } from "./report.ts";

const IN_FLIGHT = 16;
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "41" },
    calls: { type: "string", default: "3000" },
    only: { type: "string" },
    fields: { type: "boolean", default: false },
    endpoints: { type: "boolean", default: false },
  },
});

if (values.endpoints) await serve();
else await compare(Number(values.rounds), Number(values.calls));

interface Way {
  readonly name: string;
  readonly dispatcher: Dispatcher;
  readonly origin: string;
}

async function compare(rounds: number, calls: number): Promise<void> {
  const endpoints = fork(import.meta.filename, ["--endpoints"]);
  const ports = await new Promise<number[]>((resolve) =>
    endpoints.once("message", resolve as (message: unknown) => void),
  );
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  const pool = new Pool(origins[0]!);
  const balanced = new BalancedPool(origins);
  const mesh = createMesh({
    registry: { orders: ports.map((port) => `127.0.0.1:${port}`) },
    services: {
      orders: {
        timeout: { total: "15s", attempt: "3s", connect: "1s", idle: "5m" },
        retry: { maxRetries: 1 },
        breaker: {},
        outliers: {},
        limits: { calls: 1024, callsPerEndpoint: 256 },
      },
    },
  });
  const all: Way[] = [
    { name: "pool.dispatch, one endpoint", dispatcher: pool, origin: origins[0]! },
    { name: "BalancedPool, three", dispatcher: balanced, origin: origins[0]! },
    { name: "mesh, three, everything on", dispatcher: mesh.dispatcher, origin: "http://orders" },
  ];
  const ways = all.filter(({ name }) => values.only === undefined || name.startsWith(values.only));
  const costs = ways.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const at = (turn + Math.max(0, round)) % ways.length; // nobody always goes first
      const us = await cpuPerExchange(ways[at]!, calls);
      if (round >= 0) costs[at]!.push(us); // the first rounds warm up
    }
  }
  const mine = costs.at(-1)!;
  const rows = ways.map(({ name }, i) => {
    const ratios = costs[i]!.map((us, round) => mine[round]! / us);
    return [name, median(costs[i]!).toFixed(1), median(ratios).toFixed(2)];
  });
  console.log(table(["way", "CPU us per exchange (median)", "mesh / this (median of rounds)"], rows));
  await Promise.all([pool.close(), balanced.close(), mesh.close()]);
  endpoints.kill();
}

function cpuPerExchange({ dispatcher, origin }: Way, calls: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let started = 0;
  let ended = 0;
  const before = process.cpuUsage();
  const next = (): void => {
    if (started === calls) return;
    started++;
    const headers = values.fields ? { accept: "application/json", "user-agent": "web/1.0" } : null;
    dispatcher.dispatch(
      { origin, path: "/v1/orders/7", method: "GET", headers },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {
          if (++ended < calls) return void setImmediate(next);
          const spent = process.cpuUsage(before);
          resolve((spent.user + spent.system) / calls);
        },
        onResponseError: (_controller, error) => reject(error),
      },
    );
  };
  for (let i = 0; i < IN_FLIGHT; i++) next();
  return promise;
}

async function serve(): Promise<void> {
  const body = "x".repeat(1024);
  const answer = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 1024\r\n\r\n${body}`;
  const listen = (): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        socket.setNoDelay(true);
        socket.on("error", () => socket.destroy());
        // Each request is one packet here: there is no body, and no pipelining.
        socket.on("data", () => socket.write(answer));
      });
      server.listen(0, "127.0.0.1", () => {
        const address = server.address();
        resolve(address !== null && typeof address === "object" ? address.port : 0);
      });
    });
  process.send?.(await Promise.all([listen(), listen(), listen()]));
  process.once("disconnect", () => process.exit());
}
