import { randomFillSync } from "node:crypto";
import { digitOf } from "./hex-digit.ts";
import { formatTraceparent } from "./propagation/trace-context.ts";

/** Bytes drawn from the system at once: 10 ns an id, against 50 by 2 KiB, and 2,500 one by one. */
const DRAWN_BYTES = 16 * 1024;
/**
 * So many of them become text at once. Not more, for an id is a slice that keeps the text of its whole pool alive: 4 KiB
 * for a span that waits to be exported.
 */
const POOL_BYTES = 2 * 1024;
const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;
/** Contexts that become text at once, 4 KiB as well. */
const CONTEXTS = 64;
const CONTEXT = formatTraceparent("0".repeat(TRACE_DIGITS), "0".repeat(SPAN_DIGITS), false, true);
const TRACE_BYTES = TRACE_DIGITS / 2;
const ID_BYTES = TRACE_BYTES + SPAN_DIGITS / 2;
const DIGIT = Buffer.from("0123456789abcdef", "latin1");

const bytes = Buffer.allocUnsafe(DRAWN_BYTES);
let taken = DRAWN_BYTES;
const contextBytes = Buffer.from(CONTEXT.repeat(CONTEXTS), "latin1");

/** Text of chance, each piece of which is given out once. */
class Pool {
  readonly #next: () => string;
  #text = "";
  #used = 0;

  constructor(next: () => string) {
    this.#next = next;
  }

  take(count: number): string {
    if (this.#used + count > this.#text.length) {
      this.#text = this.#next();
      this.#used = 0;
    }
    this.#used += count;
    return this.#text.slice(this.#used - count, this.#used);
  }
}

const digits = new Pool(nextDigits);
const contexts = new Pool(nextContexts);

/** A new trace's id: 32 hexadecimal digits, lower case, all of them random. */
export function randomTraceId(): string {
  return digits.take(TRACE_DIGITS);
}

/** A new span's id: 16 hexadecimal digits, lower case. */
export function randomSpanId(): string {
  return digits.take(SPAN_DIGITS);
}

/**
 * A new trace and its first span as the `traceparent` says them that goes on where nothing is recorded. To take the ids
 * out of it costs less than to put it together from them (test/bench/telemetry.ts).
 */
export function randomContext(): string {
  return contexts.take(CONTEXT.length);
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

function nextDigits(): string {
  const from = draw(POOL_BYTES);
  return bytes.toString("hex", from, from + POOL_BYTES);
}

function nextContexts(): string {
  let from = draw(CONTEXTS * ID_BYTES);
  for (let start = 0; start < contextBytes.length; start += CONTEXT.length) {
    let at = start + "00-".length;
    for (let i = 0; i < ID_BYTES; i++) {
      if (i === TRACE_BYTES) at++; // a dash stands between the two
      const byte = bytes[from++]!;
      contextBytes[at++] = DIGIT[byte >> 4]!;
      contextBytes[at++] = DIGIT[byte & 15]!;
    }
  }
  return contextBytes.toString("latin1");
}

/** @returns where so many bytes of chance lie that nobody has had */
function draw(count: number): number {
  if (taken + count > DRAWN_BYTES) {
    randomFillSync(bytes);
    taken = 0;
  }
  taken += count;
  return taken - count;
}
