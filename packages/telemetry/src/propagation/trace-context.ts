import { areDigits, digitOf } from "../hex-digit.ts";

/** What a `traceparent` says. Source: W3C Trace Context, level 2. */
export interface TraceParent {
  /** 32 hexadecimal digits, lower case. */
  readonly traceId: string;
  /** Of the caller's span: 16 digits. */
  readonly spanId: string;
  /** Whether the caller records. */
  readonly sampled: boolean;
  /** Whether the last 56 bits of the trace's id are random: whoever goes on with the trace must say the same. */
  readonly random: boolean;
}

/** Bits of the flags. Those that no version defines yet are not sent on. */
const SAMPLED = 0x01;
const RANDOM = 0x02;

const DASH = 0x2d;
/** `00-`, 32 digits, a dash, 16 digits, a dash, 2 digits. */
const LENGTH = 55;
/** A later version has the same parts in front, and may have more behind a dash. */
const LATER = /^(?!ff|00)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

const NO_TRACE = "0".repeat(32);
const NO_SPAN = "0".repeat(16);

/**
 * Reads a `traceparent`. Of a later version it takes what version 00 has.
 *
 * @param text the value of the one line; of several, joined by `, `, nothing can be read, as the specification wants it
 * @returns undefined when it cannot be read: a new trace is to begin
 */
export function parseTraceparent(text: string): TraceParent | undefined {
  if (!isVersion00(text) && !LATER.test(text)) return undefined;
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  const flags = digitOf(text.charCodeAt(54));
  return { traceId, spanId, sampled: (flags & SAMPLED) !== 0, random: (flags & RANDOM) !== 0 };
}

function isVersion00(text: string): boolean {
  if (text.length !== LENGTH || !text.startsWith("00-")) return false;
  if (text.charCodeAt(35) !== DASH || text.charCodeAt(52) !== DASH) return false;
  return areDigits(text, 3, 35) && areDigits(text, 36, 52) && areDigits(text, 53, LENGTH);
}

/** The `traceparent` that says so, in version 00. */
export function formatTraceparent(traceId: string, spanId: string, sampled: boolean, random: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? (random ? "03" : "01") : random ? "02" : "00"}`;
}
