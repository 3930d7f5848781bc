import { spawnSync } from "node:child_process";
import { argv, execArgv, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { getHeapStatistics } from "node:v8";
import {
  BalancedCluster,
  endpoint,
  meshEvents,
  OngoingCall,
  SUCCESS,
  type TracedAttempt,
  type TracedCall,
  type TracedRequest,
  type Tracing,
} from "@weft/core";
import {
  type AttemptsShown,
  callTracing,
  openTelemetry,
  otlpExport,
  type Propagation,
  propagation,
  type SpanSink,
} from "@weft/telemetry";
import { trace } from "@opentelemetry/api";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { type ReadableSpan, type SpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { isMain, table } from "./report.ts";

/** Processes for each row: where the memory of one happens to lie makes a difference of its own. */
const PROCESSES = 3;
const ROUNDS = 30;
const CALLS = 2_000;
/** Timed together: so few that other work on the machine leaves some of them alone. */
const BATCH = 50;

/** What issue 6 grants a call, in microseconds. */
const UNSAMPLED_US = 0.4;
const SAMPLED_US = 6;

const CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
const CARRIED: Propagation = propagation({ extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] });
const NOWHERE: SpanSink = { write() {}, dropped: 0, close: async () => {} };

/** A tracing whose calls are measured, and what is done between two rounds of them. */
interface Lab {
  readonly tracing: Tracing;
  readonly traceparent: string | undefined;
  /** Belongs to the batch before it. */
  readonly encode?: () => void;
  readonly rest?: () => Promise<void>;
}

interface Way {
  readonly title: string;
  /** Undefined: a part of another row. */
  readonly budgetUs?: number;
  readonly lab: () => Lab | Promise<Lab>;
}

/** What is measured, in this order. */
const WAYS: readonly Way[] = [
  { title: "carried on, nothing recorded here", budgetUs: UNSAMPLED_US, lab: () => ours("01") },
  { title: "not sampled by its caller", budgetUs: UNSAMPLED_US, lab: () => ours("00", () => NOWHERE) },
  { title: "begins here, nothing recorded here", budgetUs: UNSAMPLED_US, lab: () => ours(undefined) },
  { title: "begins here, not drawn", budgetUs: UNSAMPLED_US, lab: () => ours(undefined, () => NOWHERE) },
  { title: "openTelemetry(), no provider", budgetUs: UNSAMPLED_US, lab: theirs },
  { title: "sampled: spans of call and attempt built", lab: () => ours("01", () => NOWHERE) },
  { title: "sampled: built and encoded", budgetUs: SAMPLED_US, lab: () => exporting("spans") },
  { title: "the same by OpenTelemetry's SDK and serializer", lab: sdk },
  { title: "the same without the attempt's span", budgetUs: SAMPLED_US, lab: () => exporting("off") },
];

/**
 * What tracing costs a call of one attempt: `begin`, the attempt's headers with the text of `traceparent` written as bytes,
 * and `ended` with the decision record of a ring that is full. Sending is not part of it: that is done in the background, for many spans at once.
 */
export function telemetryReport(): string {
  const rows = WAYS.map(({ title, budgetUs }, way) => {
    const runs = Array.from({ length: PROCESSES }, () => measured(way));
    const us = Math.min(...runs.map((run) => run.us));
    const bytes = Math.min(...runs.map((run) => run.bytes));
    const share = budgetUs === undefined ? "" : `${(us / budgetUs).toFixed(2)} of ${budgetUs} us`;
    return [title, us.toFixed(2), share, bytes.toFixed(0)];
  });
  const head = ["a call", "us", "of its budget", "bytes"];
  return `us for one call, the least of ${PROCESSES} x ${ROUNDS} x ${CALLS / BATCH} batches of ${BATCH}; and bytes allocated for it.\n\n${table(head, rows)}`;
}

interface Measured {
  readonly us: number;
  readonly bytes: number;
}

function measured(way: number): Measured {
  const args = [...execArgv, fileURLToPath(import.meta.url), String(way)];
  const { stdout, stderr, status } = spawnSync(execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`measuring failed: ${stderr}`);
  return JSON.parse(stdout) as Measured; // what `measure` prints
}

async function measure(way: Way): Promise<Measured> {
  const { tracing, traceparent, encode, rest } = await way.lab();
  const traced = aCall(traceparent);
  const head = Buffer.alloc(64);
  const batch = (): void => {
    for (let i = 0; i < BATCH; i++) {
      const trace = tracing.begin(traced.call, traced.request);
      head.write(trace.fields(1).traceparent, "latin1"); // a text that was put together becomes one only here
      trace.ended(traced);
    }
    encode?.();
  };
  let least = Number.POSITIVE_INFINITY;
  let bytes = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = getHeapStatistics().total_allocated_bytes;
    for (let i = 0; i < CALLS; i += BATCH) {
      const start = performance.now();
      batch();
      least = Math.min(least, performance.now() - start);
    }
    bytes = Math.min(bytes, getHeapStatistics().total_allocated_bytes - before);
    await rest?.();
  }
  return { us: (least * 1000) / BATCH, bytes: bytes / CALLS };
}

function ours(
  flags: string | undefined,
  sink: () => SpanSink | undefined = () => undefined,
  shown?: AttemptsShown,
): Lab {
  const sampling = { sampleRatio: 0, keepFailed: true, keepSlowerThanMs: 10_000 };
  const tracing = callTracing({
    sampling: () => sampling,
    attempts: () => shown ?? "spans",
    propagation: () => CARRIED,
    sink,
    nowMs: () => performance.now(),
    epochMs: Date.now,
  });
  return { tracing, traceparent: flags === undefined ? undefined : `${CALLER}-${flags}` };
}

/** Each round has a queue of its own, that no round fills, and a collector that refuses all of it. */
function exporting(shown: AttemptsShown): Lab {
  const open = (): SpanSink => otlpExport({ url: "http://127.0.0.1:1", serviceName: "web", intervalMs: 600_000 });
  let sink = open();
  return {
    ...ours("01", () => sink, shown),
    rest: async () => {
      await sink.close();
      sink = open();
    },
  };
}

async function theirs(): Promise<Lab> {
  const { tracing } = await openTelemetry();
  if (tracing === undefined) throw new Error("it traces");
  return { tracing, traceparent: undefined };
}

/** What `openTelemetry()` makes of a call, in the hands of the SDK: the yardstick for what we do ourselves. */
async function sdk(): Promise<Lab> {
  const ended: ReadableSpan[] = [];
  const collect: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [collect] }));
  const encode = (): void => {
    ProtobufTraceSerializer.serializeRequest(ended);
    ended.length = 0;
  };
  return { ...(await theirs()), encode };
}

/** A call with one attempt that was answered, in a service that has decided about many others. */
function aCall(traceparent: string | undefined): TracedCall {
  const clock = { nowMs: () => performance.now() };
  const random = { below: (bound: number) => Math.floor(Math.random() * bound), unit: Math.random };
  const cluster = new BalancedCluster({ service: "orders", clock, random, events: meshEvents() });
  cluster.update([1, 2, 3].map((last) => endpoint({ id: `orders-${last}`, host: `10.0.0.${last}`, port: 8080 })));
  let call = new OngoingCall(0, "orders", clock.nowMs(), true);
  let lease = cluster.acquire(call);
  for (let number = 1; number <= 200; number++) {
    lease.release(SUCCESS);
    call = new OngoingCall(number, "orders", clock.nowMs(), true);
    lease = cluster.acquire(call);
  }
  lease.release(SUCCESS);
  const attempt: TracedAttempt = {
    lease,
    outcome: SUCCESS,
    status: 200,
    grpcStatus: -1,
    answeredMs: clock.nowMs(),
    endedMs: clock.nowMs(),
    error: undefined,
    next: undefined,
  };
  return {
    call,
    request: aRequest(traceparent),
    endedMs: clock.nowMs(),
    status: 200,
    grpcStatus: -1,
    error: undefined,
    attempts: attempt,
    balancer: cluster.balancer,
    breaker: "closed",
    flags: () => [],
    decisions: () => cluster.explain(call.number, call.startedMs),
  };
}

function aRequest(traceparent: string | undefined): TracedRequest {
  return {
    side: "outbound",
    service: "orders",
    protocol: "http",
    method: "GET",
    path: "/orders/17",
    secure: false,
    version: "1.1",
    peer: "127.0.0.1:40000",
    header: (name) => (name === "traceparent" ? traceparent : undefined),
  };
}

if (isMain(import.meta.url)) {
  const way = WAYS[Number(argv[2] ?? -1)];
  console.log(way === undefined ? telemetryReport() : JSON.stringify(await measure(way)));
}
