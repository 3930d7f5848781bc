import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildOnce } from "../examples/run-example.ts";
import { readTrace, type ReadSpan } from "../jaeger/read-trace.ts";
import { JAEGER, type RealJaeger, startRealJaeger } from "../real/real-jaeger.ts";
import { type RealAgent, realConsul, startRealConsul } from "../real/real-server.ts";
import { readCompose } from "./compose-file.ts";
import { type RunningComposition, runComposition } from "./run-compose.ts";

const consul = realConsul();
const skips = [consul, JAEGER].flatMap((real) => (real.kind === "missing" ? [` (${real.skip})`] : []));

describe.skipIf(skips.length > 0)(`docker-compose.yml without Docker${skips.join("")}`, { timeout: 60_000 }, () => {
  let jaeger: RealJaeger;
  let agent: RealAgent;
  let mesh: RunningComposition;

  beforeAll(async () => {
    if (consul.kind === "missing" || JAEGER.kind === "missing") return;
    buildOnce();
    [agent, jaeger] = await Promise.all([startRealConsul(consul.binary), startRealJaeger(JAEGER.path)]);
    mesh = await runComposition(readCompose(), {
      "consul:8500": `127.0.0.1:${agent.port}`,
      "jaeger:4318": `127.0.0.1:${jaeger.ports.otlp}`,
    });
  }, 120_000);
  afterAll(async () => {
    await mesh?.[Symbol.asyncDispose]();
    await Promise.all([jaeger?.stop(), agent?.stop()]);
  });

  test("a call to web is one trace through the sidecars of three services", async () => {
    const { traceId } = await paid(`${mesh.published(8080)}/v1/7`);
    const spans = await readTrace(jaeger.queryUrl, traceId, isWhole);
    // From the door where it came in down to the last, each in the one before.
    expect(way(spans)).toEqual([
      ["web", "server", "inbound"],
      ["web", "client"],
      ["web", "internal", "outbound"],
      ["web", "client"],
      ["orders", "server", "inbound"],
      ["orders", "client"],
      ["orders", "internal", "outbound"],
      ["orders", "client"],
      ["payments", "server", "inbound"],
      ["payments", "client"],
    ]);
  });

  test("payments is out of order at times, and its callers do not notice", async () => {
    let retried: readonly ReadSpan[] = [];
    for (let batch = 0; retried.length === 0 && batch < 5; batch++) {
      const calls = Array.from({ length: 10 }, () => paid(`${mesh.published(8080)}/v1/7`));
      const traces = (await Promise.all(calls)).map(({ traceId }) => readTrace(jaeger.queryUrl, traceId, isWhole));
      retried = (await Promise.all(traces)).flat().filter(({ attributes }) => attributes["weft.attempt"] === 2);
    }
    expect(retried[0]).toMatchObject({ service: "orders", attributes: { "server.address": "payments" } });
  });

  test.each([15_000, 15_010, 15_020])("the live picture is served at %i", async (port) => {
    const page = await fetch(`${mesh.published(port)}/dashboard/`);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toContain("text/html");
    await page.arrayBuffer();
  });
});

/** Whether what is inside payments' door has come, and what led there. */
function isWhole(spans: readonly ReadSpan[]): boolean {
  return way(spans).length === 10;
}

/** From the first span down, of each the last one inside, in short; a retry's is the one that succeeded. */
function way(spans: readonly ReadSpan[]): readonly (readonly string[])[] {
  const steps: (readonly string[])[] = [];
  for (let at = spans.find(({ parent }) => parent === undefined); at !== undefined;) {
    const { id, service, kind, attributes } = at;
    const side = attributes["weft.side"];
    steps.push([service, kind, ...(typeof side === "string" ? [side] : [])]);
    at = spans.findLast(({ parent }) => parent === id);
  }
  return steps;
}

const READY_MS = 30_000;

/** What payments answers, once Consul has told everybody of everybody. */
async function paid(url: string): Promise<{ readonly traceId: string }> {
  const untilMs = performance.now() + READY_MS;
  for (;;) {
    const answer = await fetch(url);
    const text = await answer.text();
    if (answer.status === 200) {
      const { payment } = JSON.parse(text) as { readonly payment: { readonly traceId: string } }; // payments.ts
      return payment;
    }
    if (performance.now() > untilMs) throw new Error(`${url} is answered ${answer.status}: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
