// An app with OpenTelemetry, run in a process of its own: calls orders in every way, and says what came of it.
import type * as Http from "node:http";
import { createRequire } from "node:module";
import { type Span, trace } from "@opentelemetry/api";
import type { Instrumentation } from "@opentelemetry/instrumentation";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace";
import { createMesh } from "@weft/client";
import { openTelemetry, type SpanSink, type StartedTelemetry, startTelemetry } from "@weft/telemetry";
import { request } from "undici";
import { answerOf, responseOf } from "../client/node-http.ts";
import type { Lines } from "./w3c-cases.ts";

/** A span that was made for a call, by whom, and in which other. */
interface MadeSpan {
  readonly by: "weft" | "undici" | "http";
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

/** What came of a call. */
export interface CallReport {
  /** The app's span that it was made in. */
  readonly app: { readonly traceId: string; readonly spanId: string };
  /** What the endpoint got. */
  readonly lines: Lines;
  readonly spans: readonly MadeSpan[];
}

const { ORDERS = "", INSTRUMENTED = "", TELEMETRY = "none" } = process.env;
let spans: MadeSpan[] = [];

const hooks = (by: MadeSpan["by"]): { requestHook: (span: Span) => void } => ({
  // It is called for a span that is none as well, where the mesh says that it has one.
  requestHook: (span) => void (span.isRecording() && spans.push(made(by, span))),
});
const instrumentations: Instrumentation[] = [
  ...(INSTRUMENTED.includes("undici") ? [new UndiciInstrumentation(hooks("undici"))] : []),
  // What comes in is nothing here.
  ...(INSTRUMENTED.includes("http")
    ? [new HttpInstrumentation({ ...hooks("http"), disableIncomingRequestInstrumentation: true })]
    : []),
];

const telemetry = await started();
// Instrumented, as for any app that requires it after the SDK was started.
const http: typeof Http = createRequire(import.meta.url)("node:http");
const mesh = createMesh({ registry: { orders: [ORDERS] }, ...(telemetry && { telemetry }) });
await mesh.ready();

const WAYS: Record<string, () => Promise<string>> = {
  "mesh.fetch": async () => (await mesh.fetch("http://orders/")).text(),
  "mesh.dispatcher": async () => (await request("http://orders/", { dispatcher: mesh.dispatcher })).body.text(),
  "mesh.agent()": () => byHttp({ agent: mesh.agent() }),
  "an installed mesh and fetch": () => installed(async () => (await fetch("http://orders/")).text()),
  "an installed mesh and undici": () => installed(async () => (await request("http://orders/")).body.text()),
  "an installed mesh and node:http": () => installed(() => byHttp({})),
};

if (TELEMETRY !== "none") {
  // Its first attempt is answered 503.
  WAYS["a retry"] = async () => (await mesh.fetch("http://orders/", { headers: { "x-request-id": "again" } })).text();
}

const reports: Record<string, CallReport> = {};
for (const [way, call] of Object.entries(WAYS)) reports[way] = await reported(call);
await mesh.close();
process.stdout.write(JSON.stringify(reports));
// The collector that it knows is none: what is left would be sent there for a while.
process.exit(0);

/** @returns what the mesh is given */
async function started(): Promise<Awaited<ReturnType<typeof openTelemetry>> | undefined> {
  if (TELEMETRY === "start") {
    const otlp = { url: "http://127.0.0.1:9" };
    const begun = await startTelemetry({ serviceName: "app", otlp, sampleRatio: 1, instrumentations });
    note(begun);
    return begun;
  }
  const memory = new InMemorySpanExporter();
  memory.export = (ended, done) => {
    for (const span of ended) if (span.instrumentationScope.name === "weft") spans.push(made("weft", span));
    done({ code: 0 });
  };
  if (TELEMETRY === "open" || instrumentations.length > 0) {
    new NodeSDK({ instrumentations, spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] }).start();
  }
  return TELEMETRY === "open" ? openTelemetry() : undefined;
}

/** Notes the spans of calls as they are written. */
function note({ sink }: StartedTelemetry): void {
  const { write } = sink;
  const noting: { write: SpanSink["write"] } = sink; // it is an object like any other
  noting.write = (span) => {
    const { traceId, spanId, parentSpanId } = span;
    spans.push({ by: "weft", traceId, spanId, parentSpanId });
    write.call(sink, span);
  };
}

function made(by: MadeSpan["by"], span: Pick<Span, "spanContext">): MadeSpan {
  const { traceId, spanId } = span.spanContext();
  // Spans of the SDK have it; the API does not say so.
  const { parentSpanContext } = span as { parentSpanContext?: { spanId: string } };
  return { by, traceId, spanId, parentSpanId: parentSpanContext?.spanId ?? "" };
}

function reported(call: () => Promise<string>): Promise<CallReport> {
  return trace.getTracer("app").startActiveSpan("app", async (span) => {
    spans = [];
    const lines = JSON.parse(await call()) as Lines; // the endpoint's answer
    span.end();
    const { traceId, spanId } = span.spanContext();
    return { app: { traceId, spanId }, lines, spans };
  });
}

async function byHttp(options: Http.RequestOptions): Promise<string> {
  return (await answerOf(await responseOf(http.request("http://orders/", options).end()))).body;
}

async function installed(call: () => Promise<string>): Promise<string> {
  const installation = mesh.install();
  try {
    return await call();
  } finally {
    installation[Symbol.dispose]();
  }
}
