import { channel } from "node:diagnostics_channel";
import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { NodeSDK } from "@opentelemetry/sdk-node";
import {
  InMemorySpanExporter,
  ParentBasedSampler,
  SimpleSpanProcessor,
  AlwaysOnSampler,
} from "@opentelemetry/sdk-trace";
import { failure, MeshError, type Tracing } from "@weft/core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { testHome } from "../tracing/home.suite.ts";
import { openTelemetry } from "./open-telemetry.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

async function tracingOf(...options: Parameters<typeof openTelemetry>): Promise<Tracing> {
  const { tracing } = await openTelemetry(...options);
  if (tracing === undefined) throw new Error("it traces");
  return tracing;
}

describe("beside an app that has no provider", () => {
  test("nothing is sent, and nothing is recorded", async () => {
    const call = testHome().call(await tracingOf());
    expect(call.trace).toMatchObject({ traceId: "", sampled: false });
    expect(call.trace.fields(1)).toEqual({ traceparent: "", others: [] });
    call.attempt({ status: 200 });
    call.end();
  });
});

describe("beside an app's own OpenTelemetry", () => {
  const exporter = new InMemorySpanExporter();
  const sdk = new NodeSDK({
    serviceName: "web",
    autoDetectResources: false,
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
    metricReaders: [],
    logRecordProcessors: [],
  });
  beforeAll(() => sdk.start());
  afterEach(() => exporter.reset());
  afterAll(() => sdk.shutdown());

  test("spans are children of the span that is active", async () => {
    const tracing = await tracingOf();
    const home = testHome();
    let sent = "";
    trace.getTracer("app").startActiveSpan("serve", (serve) => {
      const call = home.call(tracing, { side: "app" });
      sent = call.attempt({ status: 200 });
      call.end();
      serve.end();
    });
    const [attempt, call, serve] = byDepth();
    expect(serve?.name).toBe("serve");
    expect(call?.parentSpanContext?.spanId).toBe(serve?.spanContext().spanId);
    expect(attempt?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
    expect([call?.kind, attempt?.kind]).toEqual([SpanKind.INTERNAL, SpanKind.CLIENT]);
    expect(sent).toBe(`00-${serve?.spanContext().traceId}-${attempt?.spanContext().spanId}-01`);
    expect(attempt?.attributes).toMatchObject({ "weft.attempt": 1, "server.address": "orders" });
    expect(call?.attributes).not.toHaveProperty("weft.kept");
  });

  test("a header that the app sets itself is the parent where no span is active", async () => {
    const call = testHome().call(await tracingOf(), { headers: { traceparent: `00-${TRACE}-${PARENT}-01` } });
    call.attempt({ status: 200 });
    call.end();
    const [, whole] = byDepth();
    expect(whole?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: PARENT });
  });

  test("what the app's sampler does not want is carried on, and never recorded", async () => {
    const call = testHome().call(await tracingOf(), { headers: { traceparent: `00-${TRACE}-${PARENT}-00` } });
    expect(call.attempt({ status: 503 })).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    call.end();
    expect(exporter.getFinishedSpans()).toEqual([]);
  });

  test("failures, events and links are as elsewhere", async () => {
    const home = testHome();
    const call = home.call(await tracingOf());
    call.attempt({ outcome: failure("reset"), error: new MeshError("CONNECTION_LOST", "gone") });
    home.cluster.decisions.hedge(home.clock.now, call.call.number, 2, "started", 50, 3);
    call.attempt({ status: 200 });
    call.end();
    const [first, second] = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(first).toMatchObject({ status: { code: SpanStatusCode.ERROR, message: "gone" } });
    expect(first?.events.map(({ name }) => name)).toEqual(["weft.decision", "weft.decision", "exception"]);
    expect(second?.links[0]?.context.spanId).toBe(first?.spanContext().spanId);
  });

  test.each(["events", "off"] as const)("attempts that are shown as %s have no span", async (attempts) => {
    const call = testHome().call(await tracingOf({ attempts }));
    const sent = call.attempt({ status: 200 });
    call.end();
    const [whole, ...more] = exporter.getFinishedSpans();
    expect(more).toEqual([]);
    expect(sent).toContain(whole?.spanContext().spanId ?? "none");
  });

  test("an attempt that nobody told of ends with its call", async () => {
    const call = testHome().call(await tracingOf());
    call.trace.fields(1);
    call.end({ attempts: undefined });
    expect(exporter.getFinishedSpans()).toHaveLength(2);
  });

  test("spans last as long as the call did", async () => {
    const home = testHome();
    const call = home.call(await tracingOf());
    call.attempt({ status: 200, tookMs: 1_500 });
    home.clock.now += 500;
    call.end();
    const [, whole] = byDepth();
    const lastedMs = (whole?.duration[0] ?? 0) * 1_000 + (whole?.duration[1] ?? 0) / 1e6;
    expect(lastedMs).toBeGreaterThan(1_950);
    expect(lastedMs).toBeLessThan(2_050);
  });

  test("other instrumentations leave an attempt alone, where there are any", async () => {
    const tracing = await tracingOf();
    const injected = (): object => {
      const carrier = {};
      trace.getTracer("app").startActiveSpan("instrumentation", (span) => {
        propagation.inject(context.active(), carrier);
        span.end();
      });
      return carrier;
    };
    let outside: object | undefined;
    tracing.within?.(() => (outside = injected()));
    expect(outside).toHaveProperty("traceparent"); // nobody listens to undici: nothing to be kept away
    const requests = channel("undici:request:create");
    const listener = (): void => {};
    requests.subscribe(listener);
    let inside: object | undefined;
    tracing.within?.(() => (inside = injected()));
    requests.unsubscribe(listener);
    expect(inside).toEqual({});
  });

  /** Attempt, call, and what surrounds it: in the order in which they end. */
  function byDepth(): ReturnType<typeof exporter.getFinishedSpans> {
    const spans = exporter.getFinishedSpans();
    return [...spans].sort((a, b) => depth(b) - depth(a));
    function depth(span: (typeof spans)[number]): number {
      const parent = spans.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
      return parent === undefined ? 0 : 1 + depth(parent);
    }
  }
});
