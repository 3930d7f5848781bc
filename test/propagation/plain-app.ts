// A service that contains nothing of traces, run in a process of its own: asks `ORDERS` by the client that BY names.
import { Agent as HttpAgent, globalAgent, request as httpRequest } from "node:http";
import { setImmediate } from "node:timers/promises";
import { Agent, interceptors, Pool, request } from "undici";
import { Pool as Pool6, request as request6 } from "undici-v6";
import { answerOf, responseOf } from "../client/node-http.ts";
import { askingService } from "./servers.ts";

const orders = process.env["ORDERS"] ?? "";
const agent = new HttpAgent({ keepAlive: true, maxSockets: 4 });
const narrow = new Pool(new URL(orders).origin, { connections: 2 });
const narrow6 = new Pool6(new URL(orders).origin, { connections: 2 });
const repeating = new Agent({ connections: 2 }).compose(interceptors.retry({ minTimeout: 1, maxRetries: 3 }));

const BY: Readonly<Record<string, () => Promise<string>>> = {
  fetch: async () => (await fetch(orders)).text(),
  undici: async () => (await request(orders)).body.text(),
  "undici's pool": async () => (await request(orders, { dispatcher: narrow })).body.text(),
  "undici 6's pool": async () => (await request6(orders, { dispatcher: narrow6 })).body.text(),
  "undici's retry": async () => (await request(orders, { dispatcher: repeating })).body.text(),
  "node:http": () => byHttp({}),
  "node:http's own agent": () => byHttp({}, globalAgent),
  "node:http with lines": () => byHttp(["Host", new URL(orders).host, "X-Own", "1"]),
  "with a trace of its own": () => byHttp({ traceparent: "own", "X-Request-Id": "own" }),
  "fetch with a trace of its own": async () =>
    (await fetch(orders, { headers: { traceparent: "own", "X-Request-Id": "own" } })).text(),
  memory: () => {
    globalThis.gc?.();
    return Promise.resolve(String(process.memoryUsage().heapUsed));
  },
};

const service = await askingService(async (_lines, by) => {
  await setImmediate(); // others come between
  return BY[by]!();
});
process.stdout.write(`${service.port}\n`);

async function byHttp(headers: Record<string, string> | string[], by = agent): Promise<string> {
  return (await answerOf(await responseOf(httpRequest(orders, { agent: by, headers }).end()))).body;
}
