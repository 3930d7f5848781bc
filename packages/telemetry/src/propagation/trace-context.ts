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
  /** The text of version 00 that says this and nothing else, when it came as one; else absent, or undefined. */
  readonly text?: string | undefined;
}

/** Bits of the flags. Those that no version defines yet are not sent on. */
const SAMPLED = 0x01;
const RANDOM = 0x02;

const DASH = 0x2d;
const ZERO = 0x30;
/** `00-`, 32 digits, a dash, 16 digits, a dash, 2 digits. */
const LENGTH = 55;
/** Those of the text that is read: each look at one of its characters would ask first how the text is kept. */
const bytes = Buffer.alloc(LENGTH);
/** A later version has the same parts in front, and may have more behind a dash. */
const LATER = /^(?!ff|00)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/**
 * Reads a `traceparent`. Of a later version it takes what version 00 has.
 *
 * @param text the value of the one line; of several, joined by `, `, nothing can be read, as the specification wants it
 * @returns undefined when it cannot be read: a new trace is to begin
 */
export function parseTraceparent(text: string): TraceParent | undefined {
  const known = isVersion00(text);
  if (!known) {
    if (!LATER.test(text)) return undefined;
    bytes.write(text); // as far as version 00 goes
  }
  if (isZero(3, 35) || isZero(36, 52)) return undefined;
  const flags = digitOf(bytes[54]!);
  return {
    traceId: traceIdOf(text),
    spanId: spanIdOf(text),
    sampled: (flags & SAMPLED) !== 0,
    random: (flags & RANDOM) !== 0,
    text: known && flags <= (SAMPLED | RANDOM) && bytes[53] === ZERO ? text : undefined,
  };
}

/** Whether all of an id's digits are zeros: most often the first one tells. */
function isZero(from: number, to: number): boolean {
  let at = from;
  while (bytes[at] === ZERO) at++; // a dash stands behind it
  return at === to;
}

/** Whether it is one of version 00; its bytes are there then. */
function isVersion00(text: string): boolean {
  // What is no character of ASCII becomes bytes that are no digits.
  if (text.length !== LENGTH || bytes.write(text) !== LENGTH) return false;
  if (bytes[0] !== ZERO || bytes[1] !== ZERO || bytes[2] !== DASH || bytes[35] !== DASH || bytes[52] !== DASH)
    return false;
  return areDigits(bytes, 3, 35) && areDigits(bytes, 36, 52) && areDigits(bytes, 53, LENGTH);
}

/** The trace's id in a text of version 00. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}

/** The span's id in it. */
export function spanIdOf(traceparent: string): string {
  return traceparent.slice(36, 52);
}

/** The `traceparent` that says so, in version 00. */
export function formatTraceparent(traceId: string, spanId: string, sampled: boolean, random: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? (random ? "03" : "01") : random ? "02" : "00"}`;
}
