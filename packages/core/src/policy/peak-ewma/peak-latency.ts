import * as cell from "../../cluster/node-cells.ts";
import * as time from "../../time/time.ts";
import { decay } from "./decay.ts";

// Numbers of its own, for the sake of speed: see `../prequal/told-load.ts`.
const { LATENCY, LATENCY_AT } = cell;
const { SET_BACK_MS } = time;

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

/** The value at `nowMs`, in ms; negative when none is known. */
export function readLatency(cells: Float64Array, at: number, nowMs: number): number {
  const value = cells[at + LATENCY]!;
  // What is not known does not decay: after two hours it would read as 0, which is the fastest of all.
  return value < 0 ? value : value * keptAfter(nowMs - cells[at + LATENCY_AT]!);
}

/**
 * What is left of a value after so long. A reading from a little before finds it as it was; one from a clock that was set
 * back finds it as after a silence of that length, which is what ends here for whoever nobody calls meanwhile.
 */
export function keptAfter(elapsedMs: number): number {
  if (elapsedMs > 0) return decay(elapsedMs / TAU_MS);
  return elapsedMs < -SET_BACK_MS ? decay(-elapsedMs / TAU_MS) : 1;
}

/** The instant of what is written at `nowMs`, by that of what was there. */
export function instantAfter(beforeMs: number, nowMs: number): number {
  return nowMs < beforeMs - SET_BACK_MS ? nowMs : Math.max(beforeMs, nowMs);
}

/** A successful attempt took `ms`, >= 0. */
export function observeLatency(cells: Float64Array, at: number, ms: number, nowMs: number): void {
  const kept = keptAfter(nowMs - cells[at + LATENCY_AT]!);
  const value = cells[at + LATENCY]! * kept;
  write(cells, at, ms >= value ? ms : value + (1 - kept) * ms, nowMs);
}

/** A failed attempt took `ms`: only a slow failure says anything about latency. */
export function raiseLatency(cells: Float64Array, at: number, ms: number, nowMs: number): void {
  if (ms > readLatency(cells, at, nowMs)) write(cells, at, ms, nowMs);
}

function write(cells: Float64Array, at: number, valueMs: number, nowMs: number): void {
  cells[at + LATENCY] = valueMs;
  cells[at + LATENCY_AT] = instantAfter(cells[at + LATENCY_AT]!, nowMs);
}
