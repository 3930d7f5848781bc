import { LATENCY, LATENCY_AT } from "../../cluster/node-cells.ts";

/** How fast a peak is forgotten: time constant of the decay, in ms. Source: Finagle, Linkerd; reference 2.4. */
export const TAU_MS = 10_000;

/*
 * The latency of one endpoint: jumps up at once, comes down slowly.
 *
 *   read(T)    = v * exp(-(T - t) / 10 s)                        reading changes nothing
 *   success r  : v = r                                           when r >= read(T)
 *                v = read(T) + (1 - exp(-(T-t)/10 s)) * r        otherwise
 *
 * Source: Finagle PeakEwma, with reads that do not count as observations (as in Linkerd's newer crate).
 * State: the cells LATENCY and LATENCY_AT of the node's row. Cost: one exp for a read, one for an observation.
 */

/** Before any attempt was judged there is no latency. */
export function forgetLatency(cells: Float64Array, at: number): void {
  cells[at + LATENCY] = -1;
}

export function latencyKnown(cells: Float64Array, at: number): boolean {
  return cells[at + LATENCY]! >= 0;
}

/** The value at `nowMs`, in ms; negative when none is known. A clock that steps back reads the value as it was. */
export function readLatency(cells: Float64Array, at: number, nowMs: number): number {
  const elapsedMs = nowMs - cells[at + LATENCY_AT]!;
  const value = cells[at + LATENCY]!;
  return elapsedMs > 0 ? value * Math.exp(-elapsedMs / TAU_MS) : value;
}

/** A successful attempt took `ms`, >= 0. */
export function observeLatency(cells: Float64Array, at: number, ms: number, nowMs: number): void {
  const elapsedMs = nowMs - cells[at + LATENCY_AT]!;
  const kept = elapsedMs > 0 ? Math.exp(-elapsedMs / TAU_MS) : 1;
  const value = cells[at + LATENCY]! * kept;
  write(cells, at, ms >= value ? ms : value + (1 - kept) * ms, nowMs);
}

/** A failed attempt took `ms`: only a slow failure says anything about latency. */
export function raiseLatency(cells: Float64Array, at: number, ms: number, nowMs: number): void {
  if (ms > readLatency(cells, at, nowMs)) write(cells, at, ms, nowMs);
}

function write(cells: Float64Array, at: number, valueMs: number, nowMs: number): void {
  cells[at + LATENCY] = valueMs;
  cells[at + LATENCY_AT] = Math.max(cells[at + LATENCY_AT]!, nowMs);
}
