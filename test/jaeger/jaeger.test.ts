import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JAEGER, type JaegerPorts, type RealJaeger, startRealJaeger } from "../real/real-jaeger.ts";
import { type ReadSpan, readTrace, traceTree } from "./read-trace.ts";
import { type TracedStage, tracedStage } from "./stage.ts";

const reason = JAEGER.kind === "missing" ? ` (${JAEGER.skip})` : "";

/** Who called whom, each span in the one above it that stands further left. */
const WAY: readonly string[] = [
  "web outbound",
  "  web attempt 1 at orders-1: 503",
  "  web attempt 2 at orders-2: 200",
  "    orders inbound",
  "      orders attempt 1 at the app: 200",
  "        orders app",
  "          orders attempt 1 at payments: 200",
];

describe.skipIf(JAEGER.kind === "missing")(`traces in a real Jaeger${reason}`, { timeout: 60_000 }, () => {
  let jaeger: RealJaeger;
  const start = async (ports?: JaegerPorts): Promise<void> => {
    if (JAEGER.kind === "found") jaeger = await startRealJaeger(JAEGER.path, ports);
  };
  beforeAll(() => start());
  afterAll(() => jaeger?.stop());

  const traceOf = (stage: TracedStage, traceId: string): Promise<readonly ReadSpan[]> =>
    readTrace(jaeger.queryUrl, traceId, (spans) => wayOf(spans, stage).at(-1) === WAY.at(-1));

  test("a call through two sidecars and the SDK, with a retry after an ejection, is one trace", async () => {
    await using stage = await tracedStage(jaeger.otlpUrl);
    expect((await stage.order()).status).toBe(200);
    const spans = await traceOf(stage, traceSeen(stage));
    expect(wayOf(spans, stage)).toEqual(WAY);
    const [call, first, second] = spans.filter(({ service }) => service === "web");
    expect(call).toMatchObject({ name: "GET orders", parent: undefined, attributes: { "weft.attempts": 2 } });
    expect(first?.attributes).toMatchObject({
      "server.address": "orders",
      "network.peer.address": "127.0.0.1",
      "error.type": "503",
      "weft.outcome": "server-error",
    });
    expect(second?.attributes).toMatchObject({
      "server.address": "orders",
      "http.request.resend_count": 1,
      "weft.retry.reason": "server-error",
      "weft.outcome": "success",
    });
    const came = spans.find(({ kind }) => kind === "server");
    expect(came).toMatchObject({ name: "GET orders", parent: second?.id, attributes: { "server.address": "orders" } });
    expect(reasonsOf(first)).toContainEqual(expect.stringMatching(/^attempt 1 at orders-1: .*it is ejected for/));
    expect(reasonsOf(call)).toContainEqual(expect.stringMatching(/^retried after a pause/));
    expect(reasonsOf(second)).toContainEqual(
      expect.stringMatching(/^attempt 2 goes to orders-2; .*orders-1 \(ejected/),
    );
  });

  test("a caller that speaks B3 has its trace go on, in its own form as well", async () => {
    await using stage = await tracedStage(jaeger.otlpUrl);
    const [traceId, spanId] = ["80f198ee56343ba864fe8b2a57d3eff7", "e457b5a2e4d86bd1"];
    expect((await stage.order({ b3: `${traceId}-${spanId}-1` })).status).toBe(200);
    const spans = await traceOf(stage, traceId);
    expect(wayOf(spans, stage)).toEqual(WAY);
    const [call] = spans;
    expect(call).toMatchObject({ parent: spanId, attributes: { "weft.kept": "parent" } });
    const last = spans.find(
      ({ attributes }) => attributes["server.address"] === "payments" && "weft.attempt" in attributes,
    );
    expect(stage.seen()).toMatchObject({ traceparent: `00-${traceId}-${last?.id}-01`, b3: `${traceId}-${last?.id}-1` });
  });

  test("callers do not notice that Jaeger is away, and when it is back it gets spans again", async () => {
    await using stage = await tracedStage(jaeger.otlpUrl);
    await jaeger.stop();
    for (let i = 0; i < 50; i++) expect((await stage.order()).status).toBe(200);
    await start(jaeger.ports);
    expect((await stage.order()).status).toBe(200);
    const spans = await traceOf(stage, traceSeen(stage));
    // Still the one stage: orders-1 is out of it.
    expect(spans.filter(({ service }) => service === "web").map(({ name }) => name)).toEqual([
      "GET orders",
      "GET orders",
    ]);
  });
});

function wayOf(spans: readonly ReadSpan[], { names }: TracedStage): readonly string[] {
  return traceTree(spans, ({ service, attributes }) => {
    const { "weft.attempt": attempt, "weft.side": side, "weft.endpoint": endpoint } = attributes;
    if (attempt === undefined) return `${service} ${String(side)}`;
    const at = names.get(String(endpoint)) ?? String(endpoint);
    return `${service} attempt ${String(attempt)} at ${at}: ${String(attributes["http.response.status_code"])}`;
  });
}

/** What was decided, in words. */
function reasonsOf(span: ReadSpan | undefined): readonly unknown[] {
  return (span?.events ?? []).map(({ attributes }) => attributes["weft.decision.why"]);
}

/** The trace that payments saw last: `00-TRACE-SPAN-FLAGS`. */
function traceSeen(stage: TracedStage): string {
  return String(stage.seen()["traceparent"]).split("-")[1] ?? "";
}
