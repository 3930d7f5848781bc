import type * as Api from "@opentelemetry/api";
import {
  type Call,
  type CallTrace,
  NO_TRACE_FIELDS,
  type TracedCall,
  type TracedRequest,
  type TraceFields,
} from "@weft/core";
import type { AttemptsShown, KeptCall } from "../tracing/kept-call.ts";
import { httpMethod, rpcMethodOf, type RpcMethods } from "../tracing/method-names.ts";
import { writeSpans } from "../tracing/write-spans.ts";
import { applySpan } from "./apply-span.ts";

/** What all calls of a home share. */
export interface OpenTracePorts {
  readonly api: typeof Api;
  readonly tracer: Api.Tracer;
  readonly attempts: AttemptsShown;
  readonly methods: RpcMethods;
  /** The wall clock as OpenTelemetry reads it, in ms since 1970. */
  readonly epochMs: () => number;
  readonly ended: (call: TracedCall) => void;
}

/** Values of the API's enum `SpanKind`. */
const INTERNAL: Api.SpanKind.INTERNAL = 0;
const CLIENT: Api.SpanKind.CLIENT = 2;
/** Of `TraceFlags`. */
const SAMPLED: Api.TraceFlags.SAMPLED = 1;

/** There is no provider, and nothing around the call. */
const NOTHING: TraceFields = { traceparent: "", others: NO_TRACE_FIELDS };

/** Takes what a propagator gives, name and value by turns but for the one that has a place of its own. */
interface Carrier {
  traceparent: string;
  readonly others: string[];
}

const INTO_CARRIER: Api.TextMapSetter<Carrier> = {
  set: (carrier, name, value) => {
    if (name === "traceparent") carrier.traceparent = value;
    else carrier.others.push(name.toLowerCase(), value);
  },
};

const FROM_REQUEST: Api.TextMapGetter<TracedRequest> = {
  get: (request, name) => request.header(name.toLowerCase()),
  keys: () => [],
};

/**
 * One call's place in a trace of the app's OpenTelemetry. Its spans begin when call and attempts do, for their ids are
 * made by OpenTelemetry; what they say is said at the end, when there is anybody who records.
 */
export class OpenTrace implements CallTrace {
  readonly traceId: string;
  readonly sampled: boolean;

  readonly #ports: OpenTracePorts;
  readonly #span: Api.Span;
  /** What surrounds the call. */
  readonly #parent: Api.Context;
  /** From the policy clock to ms since 1970; 0 when nobody records. */
  readonly #aheadMs: number;
  readonly #name: string;
  /** By number. Made with the first. */
  #attempts: Map<number, Api.Span> | undefined = undefined;

  constructor(ports: OpenTracePorts, call: Call, request: TracedRequest) {
    const { api, tracer } = ports;
    const parent = surrounding(api, request);
    // Samplers want one now; in the end it may be another, of a method that is known then.
    this.#name = `${httpMethod(request.method)} ${call.service}`;
    const kind = ports.attempts === "spans" ? INTERNAL : CLIENT;
    this.#ports = ports;
    this.#span = tracer.startSpan(this.#name, { kind, attributes: { "server.address": call.service } }, parent);
    this.#parent = parent;
    this.#aheadMs = this.#span.isRecording() ? ports.epochMs() - call.startedMs : 0;
    const place = this.#span.spanContext();
    this.traceId = api.isSpanContextValid(place) ? place.traceId : "";
    this.sampled = (place.traceFlags & SAMPLED) !== 0;
  }

  fields(attempt: number): TraceFields {
    if (this.traceId === "") return NOTHING;
    const { api, attempts } = this.#ports;
    const whole = api.trace.setSpan(this.#parent, this.#span);
    const own = attempts === "spans" && this.#span.isRecording();
    const carrier: Carrier = { traceparent: "", others: [] };
    api.propagation.inject(own ? api.trace.setSpan(whole, this.#begin(attempt, whole)) : whole, carrier, INTO_CARRIER);
    return carrier;
  }

  ended(traced: TracedCall): void {
    this.#ports.ended(traced);
    if (!this.#span.isRecording()) return;
    try {
      writeSpans(this.#kept(traced), (data, attempt) => {
        const span = attempt === 0 ? this.#span : this.#attempts?.get(attempt);
        if (span !== undefined) applySpan(span, data);
      });
    } catch {
      // What an application throws, or aborts with, may throw when it is read.
    }
    for (const span of this.#attempts?.values() ?? []) if (span.isRecording()) span.end();
    if (this.#span.isRecording()) this.#span.end();
  }

  /** The span of an attempt, which is asked for once, or again with the same answer. @param whole has the call's in it */
  #begin(attempt: number, whole: Api.Context): Api.Span {
    const begun = this.#attempts?.get(attempt);
    if (begun !== undefined) return begun;
    const span = this.#ports.tracer.startSpan(this.#name, { kind: CLIENT }, whole);
    this.#attempts ??= new Map();
    this.#attempts.set(attempt, span);
    return span;
  }

  #kept(traced: TracedCall): KeptCall {
    const { attempts, methods } = this.#ports;
    const { traceId, spanId } = this.#span.spanContext();
    return {
      traced,
      // Its parent is known to its provider.
      place: { traceId, spanId, sampled: this.sampled, parentSpanId: "", parentRemote: false },
      spanIdOf: (attempt) => this.#attempts?.get(attempt)?.spanContext().spanId ?? "",
      reason: undefined,
      attempts,
      rpcMethod: rpcMethodOf(traced, methods),
      aheadMs: this.#aheadMs,
    };
  }
}

/** The app's span wins over what a header says: it is the nearer of the two. */
function surrounding(api: typeof Api, request: TracedRequest): Api.Context {
  const active = api.context.active();
  return api.trace.getSpan(active) === undefined ? api.propagation.extract(active, request, FROM_REQUEST) : active;
}
