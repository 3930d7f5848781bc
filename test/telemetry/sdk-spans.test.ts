import { trace } from "@opentelemetry/api";
import { startTelemetry, type StartTelemetryOptions } from "@weft/telemetry";
import { expect, onTestFinished, test, vi } from "vitest";
import { rig, type Rig } from "../client/rig.ts";
import { type FakeCollector, fakeCollector } from "./fake-collector.ts";
import type { ReadSpan } from "./read-otlp.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

/** Of OTLP's enum. */
const INTERNAL = 1;
const CLIENT = 3;

interface Stage {
  readonly rig: Rig;
  readonly collector: FakeCollector;
  /** Sends what is left. */
  readonly close: () => Promise<void>;
  readonly counts: () => object;
}

/** A mesh whose calls are traced, without an SDK of OpenTelemetry, and where its spans go. */
async function stage(options: Partial<StartTelemetryOptions> = {}, retries = 1): Promise<Stage> {
  const collector = await fakeCollector();
  const telemetry = await startTelemetry({
    serviceName: "web",
    otlp: { url: collector.url },
    sampleRatio: 1,
    register: false,
    ...options,
  });
  const policy = { retry: { maxRetries: retries, backoff: { base: "1ms", max: "1ms" } } } as const;
  const mesh = await rig({ policy, mesh: { telemetry } });
  onTestFinished(async () => {
    await mesh[Symbol.asyncDispose]();
    await telemetry.close();
    await collector.close();
  });
  return { rig: mesh, collector, close: () => telemetry.close(), counts: () => telemetry.tracing.counts };
}

test("a collector that cannot be is refused before anything is started", async () => {
  const otlp = { url: "http://127.0.0.1:4318", headers: { authorization: "two\nlines" } };
  await expect(startTelemetry({ serviceName: "web", otlp, sampleRatio: 1 })).rejects.toThrow("authorization");
  expect(trace.getTracer("app").startSpan("work").isRecording()).toBe(false);
});

test("a call that is repeated is one trace: the call, and each attempt at its endpoint", async () => {
  const { rig, collector } = await stage();
  rig.endpoints.at(0).next({ status: 503 });
  const answer = await rig.mesh.fetch("http://orders/v1/17?sig=secret", {
    headers: { traceparent: `00-${TRACE}-${PARENT}-01` },
  });
  await answer.text();
  const spans = await collector.has(3);
  const [call, first, second] = inOrder(spans);
  expect(spans.every(({ traceId }) => traceId === TRACE)).toBe(true);
  expect(call).toMatchObject({ name: "GET orders", kind: INTERNAL, parentSpanId: PARENT });
  expect(first).toMatchObject({ name: "GET orders", kind: CLIENT, parentSpanId: call?.spanId });
  expect(second).toMatchObject({ name: "GET orders", kind: CLIENT, parentSpanId: call?.spanId });
  expect(call?.attributes).toMatchObject({
    "http.response.status_code": 200,
    "url.full": "http://orders/v1/17?sig=REDACTED",
    "weft.attempts": 2,
    "weft.kept": "parent",
  });
  expect(first?.attributes).toMatchObject({ "http.response.status_code": 503, "error.type": "503", "weft.attempt": 1 });
  expect(second?.attributes).toMatchObject({ "weft.attempt": 2, "weft.retry.reason": "server-error" });
  const sent = rig.endpoints.all.flatMap(({ requests }) => requests.map(({ headers }) => headers["traceparent"]));
  expect(sent.sort()).toEqual([first, second].map((span) => `00-${TRACE}-${span?.spanId}-01`).sort());
  expect(Number(second?.startNanos)).toBeGreaterThanOrEqual(Number(first?.startNanos));
});

test("a call that fails is kept when its trace is not recorded, and one that does not is not", async () => {
  const { rig, collector, close, counts } = await stage({ sampleRatio: 0 }, 0);
  await (await rig.mesh.fetch("http://orders/fine")).text();
  rig.endpoints.at(0).next({ kind: "reset", at: "request" });
  await expect(rig.mesh.fetch("http://orders/broken", { method: "POST", body: "x" })).rejects.toThrow();
  await close();
  expect(collector.spans.map(({ attributes }) => attributes["url.full"])).toEqual([
    "http://orders/broken",
    "http://orders/broken",
  ]);
  expect(collector.spans[0]).toMatchObject({ status: { code: 2 }, attributes: { "error.type": "CONNECTION_LOST" } });
  expect(counts()).toMatchObject({ kept: { failed: 1 }, dropped: { ratio: 1 } });
});

test("a service has a ratio of its own, and for the rest what holds for all", async () => {
  const { rig, close, counts } = await stage({ sampleRatio: 0, services: { orders: { sampleRatio: 1 } } });
  await (await rig.mesh.fetch("http://orders/")).text();
  await close();
  expect(counts()).toMatchObject({ kept: { ratio: 1 }, dropped: { ratio: 0 } });
});

test("headers for the collector come from OpenTelemetry's variable, unless the app names its own", async () => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=a%20b,x-tenant = web,nothing");
  onTestFinished(() => void vi.unstubAllEnvs());
  const { rig, collector, close } = await stage({ sampleRatio: 1 });
  await (await rig.mesh.fetch("http://orders/")).text();
  await close();
  expect(collector.requests[0]?.headers).toMatchObject({ "x-key": "a b", "x-tenant": "web" });
});

test("a collector that never answers changes nothing for callers, nor for the end", async () => {
  const { rig, collector, close } = await stage();
  collector.answers = () => {};
  for (let i = 0; i < 20; i++) expect((await rig.mesh.fetch("http://orders/")).status).toBe(200);
  await collector.asked(1);
  expect((await rig.mesh.fetch("http://orders/")).status).toBe(200);
  await close(); // within three seconds, or the test is too slow
}, 10_000);

test("OpenTelemetry's SDK is started for what else an app makes spans of", async () => {
  const { rig, collector, close } = await stage({ register: true, metricsIntervalMs: 0 });
  await trace.getTracer("app").startActiveSpan("serve", async (serve) => {
    await (await rig.mesh.fetch("http://orders/")).text();
    serve.end();
  });
  await close();
  const serve = collector.spans.find(({ name }) => name === "serve");
  const [call] = inOrder(collector.spans.filter(({ name }) => name !== "serve"));
  expect(call).toMatchObject({ traceId: serve?.traceId, parentSpanId: serve?.spanId });
  expect(collector.messages.map(({ resource }) => resource["service.name"])).toEqual(["web", "web"]);
});

/** The call's span first, then its attempts by number. */
function inOrder(spans: readonly ReadSpan[]): ReadSpan[] {
  const number = ({ attributes }: ReadSpan): number => Number(attributes["weft.attempt"] ?? 0);
  return [...spans].sort((a, b) => number(a) - number(b));
}
