import { Agent, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, responseOf } from "../client/node-http.ts";
import { PLAIN_APP, PRELOAD, runApp } from "./run-app.ts";
import { BY, echoEndpoint, type Listening } from "./servers.ts";
import type { Lines } from "./w3c-cases.ts";

const CLIENTS = ["fetch", "undici", "node:http", "node:http with lines", "undici's pool", "undici 6's pool"] as const;

/** Ids of requests that were refused once. */
const refused = new Set<string>();

let endpoint: Listening;
let app: Listening;
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
beforeAll(async () => {
  endpoint = await echoEndpoint((lines) => {
    const id = valueOf(lines, "x-request-id");
    if (!id.startsWith("again-") || refused.has(id)) return 200;
    refused.add(id);
    return 503;
  });
  app = await runApp([...PRELOAD, PLAIN_APP], { ORDERS: `http://127.0.0.1:${endpoint.port}/` });
});
afterAll(async () => {
  agent.destroy();
  await app[Symbol.asyncDispose]();
  await endpoint[Symbol.asyncDispose]();
});

test("of thousands of requests at once, on few connections, each goes on with what it brought itself", async () => {
  const wrong: string[] = [];
  await atOnce(2_000, 64, async (n) => {
    // Every third brings nothing, and must get nothing of the others.
    const id = n % 3 === 0 ? "" : `request-${n}`;
    const sent = await ask(CLIENTS[n % CLIENTS.length]!, id);
    if (valueOf(sent, "x-request-id") !== id) wrong.push(`${id} > ${valueOf(sent, "x-request-id")}`);
  });
  expect(wrong).toEqual([]);
});

test("a request that undici repeats by itself, on another's connection, still goes on with its own", async () => {
  const wrong: string[] = [];
  await atOnce(200, 16, async (n) => {
    const sent = await ask("undici's retry", `again-${n}`);
    if (valueOf(sent, "x-request-id") !== `again-${n}`) wrong.push(valueOf(sent, "x-request-id"));
  });
  expect(wrong).toEqual([]);
  expect(refused.size).toBe(200);
});

test("nothing is kept of requests that are over", async () => {
  const used = async (): Promise<number> => Number(await ask("memory", "")); // it answers with one
  const some = (count: number): Promise<void> =>
    atOnce(count, 32, async (n) => void (await ask(CLIENTS[n % CLIENTS.length]!, `request-${n}-${"x".repeat(4_000)}`)));
  await some(1_000);
  const before = await used();
  await some(1_000);
  // What they brought would be 4 MB.
  expect((await used()) - before).toBeLessThan(1024 * 1024);
});

/** @returns the lines that the endpoint got */
async function ask(by: string, id: string): Promise<Lines> {
  const headers = { [BY]: by, ...(id === "" ? {} : { "x-request-id": id }) };
  const sent = request({ host: "127.0.0.1", port: app.port, agent, headers }).end();
  const { status, body } = await answerOf(await responseOf(sent));
  if (status !== 200) throw new Error(`${by}: ${status} ${body}`);
  const [lines = []] = JSON.parse(body) as readonly Lines[]; // the app's list of the endpoint's answers
  return lines;
}

function valueOf(lines: Lines, name: string): string {
  return lines.find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
}

/** Runs `count` of them, so many at once. */
async function atOnce(count: number, most: number, run: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: most }, worker));
}
