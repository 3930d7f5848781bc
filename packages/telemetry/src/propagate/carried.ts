import { AsyncLocalStorage } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import type { IncomingHttpHeaders } from "node:http";

/** What a request brought that goes on with the requests made for it: name and value by turns. */
export interface Carried {
  /** Where the request stands in a trace. It goes to a request that says nothing of that, as a whole or not at all. */
  readonly context: readonly string[];
  /** What stands for itself. */
  readonly others: readonly string[];
  /** When its answer was over, by `performance.now()`; 0: it is not. */
  endedMs: number;
}

const CONTEXT_NAMES = [
  "traceparent",
  "tracestate",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "uber-trace-id",
] as const;
const OTHER_NAMES = ["baggage", "x-request-id"] as const;

const CONTEXT: ReadonlySet<string> = new Set(CONTEXT_NAMES);

/** Whether a header says where a request stands in a trace. @param name in lower case */
export function isContext(name: string): boolean {
  return CONTEXT.has(name);
}

/**
 * Work that a request leaves behind still belongs to it for so long. No longer: a connection that was opened for a
 * request, and is used by others, would tell of its trace for ever.
 */
const AFTERWARDS_MS = 30_000;

const serving = new AsyncLocalStorage<Carried | undefined>();

/** What is done from here on is done for the request with these headers. */
export function enter(headers: IncomingHttpHeaders): Carried | undefined {
  const context = linesOf(headers, CONTEXT_NAMES);
  const others = linesOf(headers, OTHER_NAMES);
  const carried = context.length === 0 && others.length === 0 ? undefined : { context, others, endedMs: 0 };
  // Also with nothing: what came before on the same connection must not be taken for its.
  serving.enterWith(carried);
  return carried;
}

/**
 * Listeners of a request, or of its answer, are called for it. Node calls them where it reads the connection, which is
 * in no request's context: the end of a body, for one, where most frameworks begin their work.
 */
export function bindListeners(emitter: EventEmitter, carried: Carried): void {
  const { emit } = emitter;
  emitter.emit = (...event) => serving.run(carried, () => emit.apply(emitter, event));
}

/** What is carried from here to the requests made here. */
export function carriedNow(): Carried | undefined {
  const carried = serving.getStore();
  if (carried === undefined || carried.endedMs === 0) return carried;
  return performance.now() - carried.endedMs < AFTERWARDS_MS ? carried : undefined;
}

/** A header that came in several lines goes on in one. What is not ASCII belongs to none of these headers. */
function linesOf(headers: IncomingHttpHeaders, names: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const name of names) {
    const value = headers[name];
    if (typeof value === "string" && value !== "" && PRINTABLE.test(value)) lines.push(name, value);
  }
  return lines;
}

const PRINTABLE = /^[\t\x20-\x7e]*$/;
