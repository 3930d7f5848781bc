/** Which traces are kept. Meaning of a service's `tracing` in the policy file. */
export interface SamplingPolicy {
  /** Of the traces that begin here, in [0, 1]: whoever comes with a decision keeps it. */
  readonly sampleRatio: number;
  /** Calls that failed, whatever was decided at their beginning. */
  readonly keepFailed: boolean;
  /** The same of calls that took longer, in ms; Infinity: off. */
  readonly keepSlowerThanMs: number;
}

/** First of eight digits that are read, out of the fourteen that are random by W3C Trace Context, level 2. */
const RANDOM_FROM = 18;
const RANDOM_DIGITS = 8;
const ALL = 2 ** 32;

/** The last ratio that was asked about, and the least digits that are recorded by it: most calls have the same. */
let lastRatio = 1;
let lastLeast = "";

/**
 * Whether a trace is among the share that is recorded: the same answer wherever the same trace and ratio are asked
 * about, and yes for every higher ratio.
 *
 *   recorded when random >= (1 - ratio) * 2^32
 *
 * Digits of one length are in the order of their numbers, so that no number is made: of most traces the first one says it.
 *
 * @param traceId in lower case hexadecimal
 *
 * Source: OpenTelemetry's consistent probability sampling (OTEP 235), by 32 of its 56 bits.
 */
export function isDrawn(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  if (ratio <= 0) return false;
  if (ratio !== lastRatio) {
    lastRatio = ratio;
    lastLeast = leastOf(ratio);
  }
  for (let i = 0; i < RANDOM_DIGITS; i++) {
    const over = traceId.charCodeAt(RANDOM_FROM + i) - lastLeast.charCodeAt(i);
    if (over !== 0) return over > 0;
  }
  return true;
}

/** A ratio that is not 0 records the highest number at least. */
function leastOf(ratio: number): string {
  const least = Math.min(Math.ceil((1 - ratio) * ALL), ALL - 1);
  return least.toString(16).padStart(RANDOM_DIGITS, "0");
}

/** Calls by what became of their spans. Each number only grows. */
export interface TraceCounts {
  readonly kept: Readonly<Record<KeepReason, number>>;
  readonly dropped: Readonly<Record<DropReason, number>>;
}

export type KeepReason =
  | "parent" // the caller records
  | "ratio" // a trace that began here, and was drawn
  | "failed" // not sampled, and kept for its end
  | "slow"; // the same

export type DropReason =
  | "parent" // the caller does not record
  | "ratio" // a trace that began here, and was not drawn
  | "unreadable"; // what the call failed with threw when it was read
