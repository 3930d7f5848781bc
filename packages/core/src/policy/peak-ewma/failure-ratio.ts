import * as cell from "../../cluster/node-cells.ts";
import { decay } from "./decay.ts";
import { instantAfter, keptAfter } from "./peak-latency.ts";

// Numbers of its own, for the sake of speed: see `../prequal/told-load.ts`.
const { FAILURES, FAILURES_AT } = cell;

/** Time constant of one observation, in ms: attempts further apart than that replace what was known. */
const OBSERVATION_MS = 1_000;
/** The least weight of one observation: a burst of attempts is averaged over about ten. */
const LEAST_WEIGHT = 0.1;

/*
 * The share of attempts that fail at one endpoint, in [0, 1], by the recent ones.
 *
 *   read(T)       = f * exp(-(T - t) / 10 s)
 *   attempt (y)   : a = max(1 - exp(-(T - t) / 1 s), 0.1);  f = read(T) * (1 - a) + y * a      y = 1 failed, 0 not
 *
 * The first attempt ever follows nothing, so it counts in full. With 0.1 for it each client would lose five calls more
 * before it turns away from an endpoint that it has never seen work: of five endpoints one that fails fast, ten clients,
 * 60 s, 0.13 % of all calls instead of 0.06 %; of a service that takes 400 ms, 1.5 % instead of 1.1 % (test/simulate).
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
  return ratio === 0 ? 0 : ratio * keptAfter(nowMs - cells[at + FAILURES_AT]!);
}

export function recordAttempt(cells: Float64Array, at: number, failed: boolean, nowMs: number): void {
  const sinceMs = cells[at + FAILURES_AT]!;
  if (failed || cells[at + FAILURES]! > 0) {
    const elapsedMs = Math.max(0, nowMs - sinceMs);
    const weight = Math.max(1 - decay(elapsedMs / OBSERVATION_MS), LEAST_WEIGHT);
    cells[at + FAILURES] = readFailures(cells, at, nowMs) * (1 - weight) + (failed ? weight : 0);
  }
  cells[at + FAILURES_AT] = instantAfter(sinceMs, nowMs);
}
