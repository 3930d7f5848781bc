import { FAILURES, FAILURES_AT } from "../../cluster/node-cells.ts";
import { TAU_MS } from "./peak-latency.ts";

/** Time constant of one observation, in ms: attempts further apart than that replace what was known. */
const OBSERVATION_MS = 1_000;
/** The least weight of one observation: a burst of attempts is averaged over about ten. */
const LEAST_WEIGHT = 0.1;
/** Of the first attempt ever: as if one before it had gone well. */
const FIRST_WEIGHT = 0.5;

/*
 * The share of attempts that fail at one endpoint, in [0, 1], by the recent ones.
 *
 *   read(T)       = f * exp(-(T - t) / 10 s)
 *   attempt (y)   : a = max(1 - exp(-(T - t) / 1 s), 0.1);  f = read(T) * (1 - a) + y * a      y = 1 failed, 0 not
 *   the first one : a = 0.5
 *
 * A first attempt that fails says more than a failure after many good ones: with 0.1 for it, too, each client would
 * lose five calls more before it turns away from an endpoint that it has never seen work (test/simulate: of five
 * endpoints one that fails fast, ten clients, 60 s: 0.13 % of all calls instead of 0.08 %).
 *
 * A ratio, and not a penalty added per failure: with 1 % of background errors on every endpoint, a flat penalty
 * marks them all most of the time and tells nothing any more. Source: reference 2.4.
 * State: the cells FAILURES and FAILURES_AT of the node's row.
 */

export function forgetFailures(cells: Float64Array, at: number): void {
  cells[at + FAILURES] = 0;
  cells[at + FAILURES_AT] = Number.NEGATIVE_INFINITY;
}

export function readFailures(cells: Float64Array, at: number, nowMs: number): number {
  const ratio = cells[at + FAILURES]!;
  if (ratio === 0) return 0;
  const elapsedMs = nowMs - cells[at + FAILURES_AT]!;
  return elapsedMs > 0 ? ratio * Math.exp(-elapsedMs / TAU_MS) : ratio;
}

export function recordAttempt(cells: Float64Array, at: number, failed: boolean, nowMs: number): void {
  const sinceMs = cells[at + FAILURES_AT]!;
  if (failed || cells[at + FAILURES]! > 0) {
    const weight = sinceMs === Number.NEGATIVE_INFINITY ? FIRST_WEIGHT : weightAfter(nowMs - sinceMs);
    cells[at + FAILURES] = readFailures(cells, at, nowMs) * (1 - weight) + (failed ? weight : 0);
  }
  cells[at + FAILURES_AT] = Math.max(sinceMs, nowMs);
}

function weightAfter(elapsedMs: number): number {
  return Math.max(1 - Math.exp(-Math.max(0, elapsedMs) / OBSERVATION_MS), LEAST_WEIGHT);
}
