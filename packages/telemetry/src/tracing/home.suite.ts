import {
  BalancedCluster,
  type CallTrace,
  endpoint,
  type Lease,
  meshEvents,
  OngoingCall,
  type Outcome,
  outcomeOfStatus,
  type TracedAttempt,
  type TracedCall,
  type TracedRequest,
  type Tracing,
} from "@weft/core";
import { seededRandom } from "@weft/testkit";
import { propagation } from "../propagation/propagation.ts";
import { type CallTracing, callTracing, type CallTracingOptions } from "./call-tracing.ts";
import type { SpanData, SpanSink } from "./span-data.ts";

/** 2026-01-01, in ms since 1970. */
export const START_EPOCH_MS = 1_767_225_600_000;

/** A service of three endpoints whose calls a test makes step by step, on a clock that it sets. */
export interface TestHome {
  readonly clock: { now: number; nowMs(): number };
  readonly cluster: BalancedCluster;
  /** A call of it, begun under this tracing. */
  call(tracing: Tracing, request?: RequestParts): TestCall;
}

export interface RequestParts extends Partial<Omit<TracedRequest, "header">> {
  readonly headers?: Readonly<Record<string, string>>;
}

interface TestCall {
  readonly call: OngoingCall;
  readonly trace: CallTrace;
  /** Begins an attempt, and tells the headers that went with it. */
  begin(): { readonly lease: Lease; readonly traceparent: string };
  /** An attempt that takes so long, 10 ms where nothing is said, and comes to this. */
  attempt(came: AttemptParts): string;
  /** Ends the one that began. */
  came(lease: Lease, came: AttemptParts): void;
  /** The call is over, with what its last attempt came to unless something else is said. */
  end(parts?: Partial<Omit<TracedCall, "flags">>, flags?: readonly string[]): void;
}

interface AttemptParts {
  readonly status?: number;
  readonly grpcStatus?: number;
  readonly outcome?: Outcome;
  readonly error?: unknown;
  readonly tookMs?: number;
}

export function testHome(seed = 7): TestHome {
  const clock = { now: 1_000, nowMs: () => clock.now };
  const cluster = new BalancedCluster({ service: "orders", clock, random: seededRandom(seed), events: meshEvents() });
  cluster.update([1, 2, 3].map((last) => endpoint({ id: `orders-${last}`, host: `10.0.0.${last}`, port: 8080 })));
  let calls = 0;
  return {
    clock,
    cluster,
    call: (tracing, request = {}) => {
      const call = new OngoingCall(++calls, "orders", clock.now, true);
      return testCall(call, tracing, requestOf(request), cluster, clock);
    },
  };
}

/** Tracing of a test home that keeps its spans in a list. */
export function recording(
  home: TestHome,
  changes: Partial<CallTracingOptions> = {},
): { readonly tracing: CallTracing; readonly spans: SpanData[] } {
  const spans: SpanData[] = [];
  const sink: SpanSink = { write: (span) => spans.push(span), dropped: 0, close: async () => {} };
  const random = seededRandom(11);
  const digits = (count: number): string => Array.from({ length: count }, () => random.below(16).toString(16)).join("");
  const carried = propagation({ extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] });
  const tracing = callTracing({
    sampling: () => ({ sampleRatio: 1, keepFailed: false, keepSlowerThanMs: Number.POSITIVE_INFINITY }),
    attempts: () => "spans",
    propagation: () => carried,
    sink: () => sink,
    nowMs: home.clock.nowMs,
    epochMs: () => START_EPOCH_MS + home.clock.now,
    ids: { traceId: () => digits(32), spanId: () => digits(16) },
    ...changes,
  });
  return { tracing, spans };
}

function requestOf({ headers = {}, ...parts }: RequestParts): TracedRequest {
  return {
    side: "outbound",
    service: "orders",
    protocol: "http",
    method: "GET",
    path: "/orders/17",
    secure: false,
    version: "1.1",
    peer: "10.1.1.1:40000",
    header: (name) => headers[name],
    ...parts,
  };
}

/** What a test may still change. */
type Attempt = { -readonly [Key in keyof TracedAttempt]: TracedAttempt[Key] };

function testCall(
  call: OngoingCall,
  tracing: Tracing,
  request: TracedRequest,
  cluster: BalancedCluster,
  clock: { now: number },
): TestCall {
  const trace = tracing.begin(call, request);
  const attempts: Attempt[] = [];
  const test: TestCall = {
    call,
    trace,
    begin: () => {
      const lease = cluster.acquire(call);
      call.begun = lease;
      const attempt = unanswered(lease);
      const last = attempts.at(-1);
      if (last !== undefined) last.next = attempt;
      attempts.push(attempt);
      return { lease, traceparent: trace.fields(lease.attempt).traceparent };
    },
    attempt: (came) => {
      const { lease, traceparent } = test.begin();
      clock.now += came.tookMs ?? 10;
      test.came(lease, came);
      return traceparent;
    },
    came: (lease, { status = 0, grpcStatus = -1, outcome = outcomeOfStatus(status), error }) => {
      const attempt = attempts.find((one) => one.lease === lease);
      if (attempt === undefined) throw new Error("no attempt of this call has the lease");
      lease.release(outcome);
      const answeredMs = status > 0 ? clock.now : 0;
      Object.assign(attempt, { status, grpcStatus, outcome, error, answeredMs, endedMs: clock.now });
    },
    end: (parts = {}, flags = []) => {
      const last = attempts.at(-1);
      trace.ended({
        call,
        request,
        endedMs: clock.now,
        status: last?.status ?? 0,
        grpcStatus: last?.grpcStatus ?? -1,
        error: last?.error,
        attempts: attempts[0],
        balancer: cluster.balancer,
        breaker: "closed",
        decisions: () => cluster.explain(call.number, call.startedMs),
        ...parts,
        flags: () => flags,
      });
    },
  };
  return test;
}

function unanswered(lease: Lease): Attempt {
  return {
    lease,
    outcome: { kind: "ignored" },
    status: 0,
    grpcStatus: -1,
    answeredMs: 0,
    endedMs: 0,
    error: undefined,
    next: undefined,
  };
}
