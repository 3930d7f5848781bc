import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Carrier, judgeCarried } from "./judge-carried.ts";
import { MESHED_APP, PRELOAD, runApp } from "./run-app.ts";
import { CALLS, echoEndpoint, type Listening, sendLines } from "./servers.ts";
import { PARENT, TRACE, W3C_CASES } from "./w3c-cases.ts";

describe("an app that copies nothing, with the preload and a mesh with telemetry", () => {
  let endpoint: Listening;
  let app: Listening;
  beforeAll(async () => {
    endpoint = await echoEndpoint();
    app = await runApp([...PRELOAD, MESHED_APP], { ORDERS: `http://127.0.0.1:${endpoint.port}/` });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await endpoint[Symbol.asyncDispose]();
  });

  const carrier: Carrier = {
    carry: (lines, calls) => sendLines(app.port, [...lines, [CALLS, String(calls)]]),
  };

  test.each(W3C_CASES)("$title", async ({ requests }) => {
    for (const each of requests) await judgeCarried(carrier, each, { spans: true });
  });

  test("a trace that came as B3 goes on as B3, and as traceparent, saying the same", async () => {
    const [sent = []] = await sendLines(app.port, [["b3", `${TRACE}-${PARENT}-1`]]);
    const got = Object.fromEntries(sent);
    const [, traceId, spanId, flags] = String(got["traceparent"]).split("-");
    expect([traceId, flags]).toEqual([TRACE, "01"]);
    expect(got["b3"]).toBe(`${TRACE}-${spanId}-1`);
  });
});
