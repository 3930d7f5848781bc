import { NO_TRACE_FIELDS, type TraceFields } from "@weft/core";
import { addB3Multi, type B3, cameAsB3Multi, formatB3, parseB3, parseB3Multi } from "./b3.ts";
import { limitBaggage } from "./baggage.ts";
import type { HeaderSource } from "./header-source.ts";
import { formatTraceparent, parseTraceparent, type TraceParent } from "./trace-context.ts";
import { judgeTracestate } from "./trace-state.ts";

/** How a trace is carried in headers: W3C Trace Context, or B3 in one header or in several. */
export type PropagationFormat = "tracecontext" | "b3" | "b3multi";

export interface PropagationOptions {
  /** In what forms a caller's context is looked for; the first that has one is taken. */
  readonly extract: readonly PropagationFormat[];
  /** In what forms it is sent, besides those in which it came. Trace Context is always sent. */
  readonly inject: readonly PropagationFormat[];
}

/** What came with a request about a trace. */
export interface Received {
  /** Where the caller stands; undefined: a new trace begins. */
  readonly parent: TraceParent | undefined;
  /** Whether the caller records; undefined: nothing was said. B3 can say it without a parent, or leave it open with one. */
  readonly sampled: boolean | undefined;
  /** The trace is wanted whatever anybody's ratio says (B3). */
  readonly debug: boolean;
  /** What may be sent on of the `tracestate` of the trace that is gone on with; "" for nothing. */
  readonly tracestate: string;
  /** Forms other than Trace Context in which something came, right or wrong: each is sent on, with what is true. */
  readonly forms: number;
  /** What is wrong to send on of headers that go with a trace: name and value by turns. Usually none. */
  readonly edits: readonly string[];
}

/** The span that goes before whatever the receiver does. */
export interface OwnContext {
  readonly traceId: string;
  readonly spanId: string;
  /** Whether it is recorded here. Undefined: nobody has decided, which B3 can say; Trace Context says no. */
  readonly sampled: boolean | undefined;
  /** The parent's, when there is one; true for a trace id of `randomTraceId`. */
  readonly random: boolean;
  /** The `traceparent` that says this, where it is at hand; absent, or undefined: it is put together. */
  readonly text?: string | undefined;
}

/** Takes traces out of requests and puts them into requests. Keeps nothing, and never throws. */
export interface Propagation {
  extract(request: HeaderSource): Received;
  /** The headers that carry the trace on. @param received what `extract` found in the call that it goes on for */
  fields(received: Received, own: OwnContext): TraceFields;
}

const B3_SINGLE = 1;
const B3_SEVERAL = 2;

const NOTHING: Received = {
  parent: undefined,
  sampled: undefined,
  debug: false,
  tracestate: "",
  forms: 0,
  edits: NO_TRACE_FIELDS,
};

/** @param options from the policy file: `telemetry.propagation` */
export function propagation({ extract, inject }: PropagationOptions): Propagation {
  const looksForB3 = extract.includes("b3") || inject.includes("b3");
  const looksForMulti = extract.includes("b3multi") || inject.includes("b3multi");
  const readsTraceContext = extract.includes("tracecontext");
  const sent = (inject.includes("b3") ? B3_SINGLE : 0) | (inject.includes("b3multi") ? B3_SEVERAL : 0);
  return {
    extract(request) {
      const line = readsTraceContext ? request.header("traceparent") : undefined;
      const context = line === undefined ? undefined : parseTraceparent(line);
      const b3 = looksForB3 ? request.header("b3") : undefined;
      const several = looksForMulti && cameAsB3Multi(request);
      const state = request.header("tracestate");
      const baggage = request.header("baggage");

      if (b3 === undefined && !several) {
        if (context === undefined && state === undefined && baggage === undefined) return NOTHING;
        const tracestate = context === undefined || state === undefined ? "" : judgeTracestate(state);
        const edits = editsOf(state, tracestate, baggage);
        return { parent: context, sampled: context?.sampled, debug: false, tracestate, forms: 0, edits };
      }
      const single = b3 === undefined ? undefined : parseB3(b3);
      const said = firstOf(extract, { context, single, multi: several ? parseB3Multi(request) : undefined });
      // The state belongs to the trace that it came with, which need not be the one that is gone on with.
      const sameTrace = context !== undefined && said.parent?.traceId === context.traceId;
      const tracestate = sameTrace && state !== undefined ? judgeTracestate(state) : "";
      return {
        ...said,
        tracestate,
        forms: (b3 === undefined ? 0 : B3_SINGLE) | (several ? B3_SEVERAL : 0),
        edits: editsOf(state, tracestate, baggage),
      };
    },

    fields({ parent, forms, edits, debug }, { traceId, spanId, sampled, random, text }) {
      const traceparent =
        text ??
        sameText(parent, traceId, spanId, sampled === true, random) ??
        formatTraceparent(traceId, spanId, sampled === true, random);
      const others = forms | sent;
      if (others === 0) return { traceparent, others: edits };
      const list = [...edits];
      if ((others & B3_SINGLE) !== 0) list.push("b3", formatB3(traceId, spanId, sampled, debug));
      if ((others & B3_SEVERAL) !== 0) addB3Multi(list, traceId, spanId, sampled, debug);
      return { traceparent, others: list };
    },
  };
}

/** The text by which a caller's context came, where it goes on as it is. */
function sameText(
  parent: TraceParent | undefined,
  traceId: string,
  spanId: string,
  sampled: boolean,
  random: boolean,
): string | undefined {
  if (parent === undefined || parent.sampled !== sampled || parent.random !== random) return undefined;
  return parent.spanId === spanId && parent.traceId === traceId ? parent.text : undefined;
}

/** What stood in each of the forms; undefined: nothing that can be read. */
interface Read {
  readonly context: TraceParent | undefined;
  readonly single: B3 | undefined;
  readonly multi: B3 | undefined;
}

/** The first form of the order that says where the caller stands, or else the first that says anything. */
function firstOf(
  order: readonly PropagationFormat[],
  { context, single, multi }: Read,
): Pick<Received, "parent" | "sampled" | "debug"> {
  let decision: B3 | undefined;
  for (const format of order) {
    if (format === "tracecontext") {
      if (context !== undefined) return { parent: context, sampled: context.sampled, debug: false };
      continue;
    }
    const b3 = format === "b3" ? single : multi;
    if (b3 === undefined) continue;
    if (b3.traceId !== "") return { parent: parentOf(b3), sampled: b3.sampled, debug: b3.debug };
    decision ??= b3;
  }
  return { parent: undefined, sampled: decision?.sampled, debug: decision?.debug === true };
}

/** Nothing is known of how its trace id was made. */
function parentOf({ traceId, spanId, sampled }: B3): TraceParent {
  return { traceId, spanId, sampled: sampled === true, random: false };
}

/** @param tracestate what may be sent on of the state that came */
function editsOf(state: string | undefined, tracestate: string, baggage: string | undefined): readonly string[] {
  if (state === undefined && baggage === undefined) return NO_TRACE_FIELDS;
  const edits: string[] = [];
  if (state !== undefined && (tracestate === "" || tracestate !== state)) edits.push("tracestate", tracestate);
  if (baggage !== undefined) {
    const kept = limitBaggage(baggage);
    if (kept !== baggage) edits.push("baggage", kept);
  }
  return edits.length === 0 ? NO_TRACE_FIELDS : edits;
}
