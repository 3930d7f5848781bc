import type { HeaderSource } from "./header-source.ts";

/**
 * What B3 says, whichever of its two forms said it.
 *
 * Source: openzipkin/b3-propagation.
 */
export interface B3 {
  /** 32 hexadecimal digits, lower case: of 64 bits, padded on the left. "" when only the decision came. */
  readonly traceId: string;
  /** "" likewise. */
  readonly spanId: string;
  /** Whether the caller records; undefined: it leaves that to whoever comes after. */
  readonly sampled: boolean | undefined;
  /** The trace is wanted whatever anybody's ratio says. */
  readonly debug: boolean;
}

const SINGLE = /^([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(?:-([01d]))?(?:-[0-9a-f]{16})?$/;
const TRACE_ID = /^(?:[0-9a-f]{16}|[0-9a-f]{32})$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const ONLY_ZEROS = /^0+$/;

const TRACE = "x-b3-traceid";
const SPAN = "x-b3-spanid";
const PARENT_SPAN = "x-b3-parentspanid";
const SAMPLED = "x-b3-sampled";
const FLAGS = "x-b3-flags";

/**
 * Reads the header `b3`: `TRACE-SPAN`, `TRACE-SPAN-STATE`, `TRACE-SPAN-STATE-PARENT` or `STATE`.
 *
 * @returns undefined when it cannot be read
 */
export function parseB3(text: string): B3 | undefined {
  if (text.length === 1) return decided("", "", text);
  const parts = SINGLE.exec(text);
  if (parts === null) return undefined;
  const [, traceId = "", spanId = "", state = ""] = parts;
  return isZero(traceId) || isZero(spanId) ? undefined : decided(traceId.padStart(32, "0"), spanId, state);
}

/** Whether a context came in several headers, right or wrong. */
export function cameAsB3Multi(request: HeaderSource): boolean {
  return (
    request.header(TRACE) !== undefined || request.header(SAMPLED) !== undefined || request.header(FLAGS) !== undefined
  );
}

/**
 * Reads `x-b3-traceid` and those that belong to it.
 *
 * @returns undefined when none came that can be read
 */
export function parseB3Multi(request: HeaderSource): B3 | undefined {
  const traceId = request.header(TRACE) ?? "";
  const spanId = request.header(SPAN) ?? "";
  const state = request.header(FLAGS) === "1" ? "d" : stateOf(request.header(SAMPLED));
  if (traceId === "" && spanId === "") return state === "" ? undefined : decided("", "", state);
  if (!TRACE_ID.test(traceId) || !SPAN_ID.test(spanId) || isZero(traceId) || isZero(spanId)) return undefined;
  return decided(traceId.padStart(32, "0"), spanId, state);
}

/** The header `b3` that says so. @param sampled undefined: whoever comes after decides */
export function formatB3(traceId: string, spanId: string, sampled: boolean | undefined, debug: boolean): string {
  const state = debug ? "-d" : sampled === undefined ? "" : sampled ? "-1" : "-0";
  return `${traceId}-${spanId}${state}`;
}

/** Adds the several headers that say so, name and value by turns; an empty value takes one away. */
export function addB3Multi(
  to: string[],
  traceId: string,
  spanId: string,
  sampled: boolean | undefined,
  debug: boolean,
): void {
  const state = debug || sampled === undefined ? "" : sampled ? "1" : "0";
  // The parent's id is not passed on: it is that of the caller's caller.
  to.push(TRACE, traceId, SPAN, spanId, PARENT_SPAN, "");
  // Who wants a trace whatever it costs says so by the flags alone.
  to.push(SAMPLED, state, FLAGS, debug ? "1" : "");
}

/** @param state `0`, `1`, `d`, or "" for none */
function decided(traceId: string, spanId: string, state: string): B3 | undefined {
  switch (state) {
    case "":
      return { traceId, spanId, sampled: undefined, debug: false };
    case "0":
      return { traceId, spanId, sampled: false, debug: false };
    case "1":
      return { traceId, spanId, sampled: true, debug: false };
    case "d":
      return { traceId, spanId, sampled: true, debug: true };
    default:
      return undefined;
  }
}

/** Older senders say `true` and `false`. What cannot be read is no decision. */
function stateOf(sampled: string | undefined): string {
  if (sampled === "1" || sampled === "true") return "1";
  return sampled === "0" || sampled === "false" ? "0" : "";
}

function isZero(id: string): boolean {
  return ONLY_ZEROS.test(id);
}
