import type { Call, CallTrace, TracedCall, TracedRequest, TraceFields, Tracing } from "@weft/core";
import { randomSpanId, randomTraceId, spanIdOfAttempt } from "../ids.ts";
import type { Propagation, Received } from "../propagation/propagation.ts";
import type { TraceParent } from "../propagation/trace-context.ts";
import { isFailed } from "./failure.ts";
import type { AttemptsShown, KeptCall } from "./kept-call.ts";
import { rpcMethodOf, type RpcMethods, rpcMethods } from "./method-names.ts";
import { type DropReason, isDrawn, type KeepReason, type SamplingPolicy, type TraceCounts } from "./sampling.ts";
import type { SpanSink } from "./span-data.ts";
import { wallClock } from "./wall-clock.ts";
import { writeSpans } from "./write-spans.ts";

/**
 * What `callTracing` stands on. Each function is asked anew for each call, so what a reload changes counts from the next
 * one on; each must be as cheap as reading a field.
 */
export interface CallTracingOptions {
  /** Which calls of a service are kept. */
  readonly sampling: (service: string) => SamplingPolicy;
  readonly attempts: () => AttemptsShown;
  readonly propagation: () => Propagation;
  /**
   * Where spans go; undefined: nothing is recorded, and a caller's context is passed on as it came, for a span id that
   * nobody records would tear its trace.
   */
  readonly sink: () => SpanSink | undefined;
  /** The policy clock. */
  readonly nowMs: () => number;
  /** The wall clock, in ms since 1970. */
  readonly epochMs: () => number;
  /** The span in which a call is made that brings no context itself. Absent: there is never one. */
  readonly surrounding?: () => Surrounding | undefined;
  /** Told of each call that has ended, whether its spans are kept or not. Must not throw. */
  readonly ended?: (call: TracedCall) => void;
  /** For tests. Absent: random ones. */
  readonly ids?: Ids;
}

/** A span that is not told by headers: one of the app's. */
export interface Surrounding extends TraceParent {
  /** Whether it is another process's: the app carries a trace on, and has no span of its own. */
  readonly remote: boolean;
  /** As a header has it; "": none. */
  readonly tracestate: string;
}

/** Makes ids, in lower case hexadecimal. */
export interface Ids {
  readonly traceId: () => string;
  readonly spanId: () => string;
}

export interface CallTracing extends Tracing {
  /** What became of the spans of calls so far. Nothing is counted while there is no sink. */
  readonly counts: TraceCounts;
}

/**
 * Traces calls without anything of OpenTelemetry: it takes the caller's context or begins a trace, carries it on with
 * every attempt, and when a call has ended writes its spans to a sink. Of a call that is not kept no span is ever made.
 *
 * Whoever comes with a decision keeps it; a trace that begins here is recorded for a share of them. A call that failed,
 * or was slow, is kept whatever was decided, with all of its attempts.
 *
 * Cost: 0.3 us for a call that is not kept.
 */
export function callTracing(options: CallTracingOptions): CallTracing {
  const shared: Shared = {
    ...options,
    newTraceId: options.ids?.traceId ?? randomTraceId,
    newSpanId: options.ids?.spanId ?? randomSpanId,
    aheadMs: wallClock(options.nowMs, options.epochMs),
    methods: rpcMethods(),
    counts: {
      kept: { parent: 0, ratio: 0, failed: 0, slow: 0 },
      dropped: { parent: 0, ratio: 0, unreadable: 0 },
    },
  };
  return {
    counts: shared.counts,
    begin: (call, request) => new OwnTrace(shared, call, request),
  };
}

/** What all calls of a home share. */
interface Shared extends CallTracingOptions {
  readonly newTraceId: () => string;
  readonly newSpanId: () => string;
  readonly aheadMs: () => number;
  readonly methods: RpcMethods;
  readonly counts: { readonly kept: Record<KeepReason, number>; readonly dropped: Record<DropReason, number> };
}

/** One call's place in its trace. */
class OwnTrace implements CallTrace {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;

  readonly #shared: Shared;
  readonly #propagation: Propagation;
  readonly #received: Received;
  /** The span that the call is made in, when it brings none. */
  readonly #around: Surrounding | undefined;
  /** Whether somebody has decided about the trace before. */
  readonly #decided: boolean;
  readonly #sink: SpanSink | undefined;
  /** As it was at the beginning, for ids were sent by it. */
  readonly #attempts: AttemptsShown;

  constructor(shared: Shared, call: Call, request: TracedRequest) {
    const propagation = shared.propagation();
    const received = propagation.extract(request);
    const around = received.parent === undefined ? shared.surrounding?.() : undefined;
    const parent = received.parent ?? around;
    const decision = received.sampled ?? around?.sampled;
    const sink = shared.sink();
    this.traceId = parent === undefined ? shared.newTraceId() : parent.traceId;
    this.spanId = sink === undefined && parent !== undefined ? parent.spanId : shared.newSpanId();
    this.sampled = decision ?? isDrawn(this.traceId, shared.sampling(call.service).sampleRatio);
    this.#shared = shared;
    this.#propagation = propagation;
    this.#received = received;
    this.#around = around;
    this.#decided = decision !== undefined;
    this.#sink = sink;
    this.#attempts = sink === undefined ? "off" : shared.attempts();
  }

  fields(attempt: number): TraceFields {
    const { traceId, sampled } = this;
    const spanId = this.#attempts === "spans" ? spanIdOfAttempt(this.spanId, attempt) : this.spanId;
    const random = (this.#received.parent ?? this.#around)?.random ?? true;
    const fields = this.#propagation.fields(this.#received, { traceId, spanId, sampled, random });
    const state = this.#around?.tracestate ?? "";
    return state === "" ? fields : { ...fields, others: [...fields.others, "tracestate", state] };
  }

  ended(traced: TracedCall): void {
    const sink = this.#sink;
    this.#shared.ended?.(traced);
    if (sink === undefined) return;
    const { kept, dropped } = this.#shared.counts;
    try {
      const reason = this.#reason(traced);
      if (reason === undefined) dropped[this.#decided ? "parent" : "ratio"]++;
      else {
        writeSpans(this.#kept(traced, reason), (span) => sink.write(span));
        kept[reason]++;
      }
    } catch {
      // What an application throws, or aborts with, may throw when it is read.
      dropped.unreadable++;
    }
  }

  #reason(traced: TracedCall): KeepReason | undefined {
    if (this.sampled) return this.#decided ? "parent" : "ratio";
    const { keepFailed, keepSlowerThanMs } = this.#shared.sampling(traced.call.service);
    if (keepFailed && isFailed(traced)) return "failed";
    return traced.endedMs - traced.call.startedMs > keepSlowerThanMs ? "slow" : undefined;
  }

  #kept(traced: TracedCall, reason: KeepReason): KeptCall {
    const { traceId, spanId, sampled } = this;
    const parent = this.#received.parent ?? this.#around;
    const parentRemote = this.#received.parent !== undefined || this.#around?.remote === true;
    return {
      traced,
      place: { traceId, spanId, sampled, parentSpanId: parent?.spanId ?? "", parentRemote },
      spanIdOf: (attempt) => spanIdOfAttempt(spanId, attempt),
      reason,
      attempts: this.#attempts,
      rpcMethod: rpcMethodOf(traced, this.#shared.methods),
      aheadMs: this.#shared.aheadMs(),
    };
  }
}
