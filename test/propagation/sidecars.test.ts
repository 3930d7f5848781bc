import { request } from "node:http";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { afterAll, beforeAll, describe, test } from "vitest";
import { answerOf, responseOf } from "../client/node-http.ts";
import { portOf } from "../sidecar/rig.ts";
import { type Carrier, judgeCarried } from "./judge-carried.ts";
import { PLAIN_APP, PRELOAD, runApp } from "./run-app.ts";
import { askingService, BY, CALLS, echoEndpoint, type Listening, sendLines, traceLines } from "./servers.ts";
import { type Lines, W3C_CASES } from "./w3c-cases.ts";

// One sidecar before the app and one behind it, as if in two machines: what the second gets is what the app sends.

/** Nobody listens there: spans are recorded, and lost. */
const NOWHERE = "http://127.0.0.1:9";

describe.each([
  { what: "two sidecars that record spans", telemetry: { otlp: { url: NOWHERE } }, spans: true },
  { what: "two sidecars that only pass traces on", telemetry: {}, spans: false },
] as const)("between $what", ({ telemetry, spans }) => {
  let endpoint: Listening;
  let outbound: Sidecar;
  beforeAll(async () => {
    endpoint = await echoEndpoint();
    outbound = await sidecar({
      telemetry,
      services: { orders: { discover: { static: [`127.0.0.1:${endpoint.port}`] } } },
      sidecar: { outbound: { listen: "127.0.0.1:0", service: "orders" } },
    });
  });
  afterAll(async () => {
    await outbound.close();
    await endpoint[Symbol.asyncDispose]();
  });

  const orders = (): string => `http://127.0.0.1:${portOf(outbound, "outbound")}/`;

  describe.each<readonly [string, () => Promise<Listening>, string]>([
    ["an app that copies headers", () => askingService((lines) => callWith(orders(), traceLines(lines))), ""],
    ["an app with the preload that calls by fetch", () => appWithPreload(orders()), "fetch"],
    ["an app with the preload that calls by node:http", () => appWithPreload(orders()), "node:http"],
  ])("%s", (_what, start, by) => {
    let app: Listening;
    let inbound: Sidecar;
    beforeAll(async () => {
      app = await start();
      inbound = await sidecar({
        telemetry,
        sidecar: { service: "web", inbound: { listen: "127.0.0.1:0", app: `127.0.0.1:${app.port}` } },
      });
    });
    afterAll(async () => {
      await inbound.close();
      await app[Symbol.asyncDispose]();
    });

    const carrier: Carrier = {
      carry: (lines, calls) => sendLines(portOf(inbound, "inbound"), [...lines, [CALLS, String(calls)], [BY, by]]),
    };

    test.each(W3C_CASES.filter(({ ofSpans }) => spans || !ofSpans))("$title", async ({ requests }) => {
      for (const each of requests) await judgeCarried(carrier, each, { spans });
    });
  });
});

async function callWith(url: string, lines: Lines): Promise<string> {
  const headers = [["Host", "orders"], ...lines].flat();
  return (await answerOf(await responseOf(request(url, { headers }).end()))).body;
}

function appWithPreload(orders: string): Promise<Listening> {
  return runApp([...PRELOAD, PLAIN_APP], { ORDERS: orders });
}

async function sidecar(input: Omit<PolicyInput, "version">): Promise<Sidecar> {
  const telemetry = { accessLog: "off", sampleRatio: 1, ...input.telemetry } as const;
  const policy = checkPolicy({ version: 1, ...input, telemetry }, { home: "sidecar" }).policy;
  const made = await createSidecar({ policy });
  await made.ready;
  return made;
}
