import { randomFillSync } from "node:crypto";
import { digitOf } from "./hex-digit.ts";

/** Bytes drawn from the system at once: 10 ns an id, against 50 by 2 KiB, and 2,500 one by one. */
const DRAWN_BYTES = 16 * 1024;
/**
 * So many of them become text at once. Not more, for an id is a slice that keeps the text of its whole pool alive: 4 KiB
 * for a span that waits to be exported.
 */
const POOL_BYTES = 2 * 1024;
const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

const bytes = Buffer.allocUnsafe(DRAWN_BYTES);
let taken = DRAWN_BYTES;
let digits = "";
let used = 0;

/** A new trace's id: 32 hexadecimal digits, lower case, all of them random. */
export function randomTraceId(): string {
  return randomDigits(TRACE_DIGITS);
}

/** A new span's id: 16 hexadecimal digits, lower case. */
export function randomSpanId(): string {
  return randomDigits(SPAN_DIGITS);
}

/**
 * The id of an attempt's span: its call's, with the number of the attempt added to the last byte. So nothing has to be
 * kept for an attempt before its span is written, and whoever reads a log sees which ids belong together.
 *
 * Two calls of a trace share the other seven bytes once in 7 * 10^16 times.
 *
 * @param callSpanId 16 digits from `randomSpanId`
 * @param attempt    1 for the first; 256 would have its call's own id, and no call comes near that
 */
export function spanIdOfAttempt(callSpanId: string, attempt: number): string {
  const last = digitOf(callSpanId.charCodeAt(14)) * 16 + digitOf(callSpanId.charCodeAt(15));
  return callSpanId.slice(0, 14) + BYTES[(last + attempt) & 0xff]!;
}

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function randomDigits(count: number): string {
  if (used + count > digits.length) {
    digits = nextPool();
    used = 0;
  }
  used += count;
  return digits.slice(used - count, used);
}

function nextPool(): string {
  if (taken === DRAWN_BYTES) {
    randomFillSync(bytes);
    taken = 0;
  }
  taken += POOL_BYTES;
  return bytes.toString("hex", taken - POOL_BYTES, taken);
}
