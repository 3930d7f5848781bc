import * as cell from "../../cluster/node-cells.ts";
import { decay } from "../peak-ewma/decay.ts";
import { readLatency, TAU_MS } from "../peak-ewma/peak-latency.ts";
import type { LoadReport } from "../reported-load/load-report.ts";

// V8 reads an imported number at each use, and folds one that the file itself declares: a fifth of a pick here.
const { beside, LATENCY, OLDEST, PENDING, REPORTED_AT, REPORTED_LATENCY, REPORTED_OTHERS } = cell;

/** What an endpoint said counts as it was for so long, in ms. Source: Prequal, age-out of probes. */
export const FRESH_MS = 1_000;
/** Greater numbers are taken for this one: what is multiplied must stay a number. */
export const MOST = 1e9;
/** What we measure is a peak, what endpoints report a median: so much of the one compares with the other. By simulation. */
const OF_PEAK = 1 / 3;

/*
 * What one endpoint says of itself with its answers: how many requests it has in flight, and what one takes.
 *
 *   in flight(T) = own + max(0, told - own then)    for a second; after that, own: our attempts that have not ended
 *   latency(T)   = told, after a second decaying with 10 s; not below a third of our own peak, nor below the age of an
 *                  attempt that is out for longer than any has lately taken
 *
 * A clock that was set back counts as one that went on: nothing is believed until it has come so far again. Who says
 * nothing is known by our own attempts and latencies. State: the cells REPORTED_* beside the node's row.
 */

export function forgetLoad(cells: Float64Array, at: number): void {
  const told = beside(cells, at);
  cells[told + REPORTED_LATENCY] = -1;
  cells[told + REPORTED_AT] = Number.NEGATIVE_INFINITY;
}

/** An attempt was answered, which still counts among those pending. */
export function recordLoad(cells: Float64Array, at: number, report: LoadReport, nowMs: number): void {
  const { inFlight, latencyMs } = report;
  if (inFlight === undefined && latencyMs === undefined) return;
  const told = beside(cells, at);
  const own = Math.max(0, cells[at + PENDING]! - 1);
  if (latencyMs !== undefined) cells[told + REPORTED_LATENCY] = Math.min(latencyMs, MOST);
  cells[told + REPORTED_OTHERS] = inFlight === undefined ? 0 : Math.min(inFlight, MOST) - own;
  cells[told + REPORTED_AT] = nowMs;
}

/** Requests in flight at an endpoint, at `nowMs`. */
export function inFlightAt(cells: Float64Array, at: number, nowMs: number): number {
  const pending = cells[at + PENDING]!;
  const told = beside(cells, at);
  const others = cells[told + REPORTED_OTHERS]!;
  return others > 0 && Math.abs(nowMs - cells[told + REPORTED_AT]!) <= FRESH_MS ? pending + others : pending;
}

/** What a request takes at `nowMs`, in ms; negative: nothing is known. */
export function latencyAt(cells: Float64Array, at: number, nowMs: number): number {
  const peakMs = readLatency(cells, at, nowMs);
  const ageMs = nowMs - cells[at + OLDEST]!;
  const outMs = ageMs > cells[at + LATENCY]! ? ageMs : 0;
  const told = beside(cells, at);
  const toldMs = cells[told + REPORTED_LATENCY]!;
  if (toldMs < 0) return peakMs < 0 ? peakMs : Math.max(peakMs, outMs);
  const staleMs = Math.abs(nowMs - cells[told + REPORTED_AT]!) - FRESH_MS;
  return Math.max(staleMs > 0 ? toldMs * decay(staleMs / TAU_MS) : toldMs, peakMs * OF_PEAK, outMs);
}
