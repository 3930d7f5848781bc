/**
 * Where a picker says what it looked at. It writes the numbers itself: passed as arguments, each would be an object.
 */
export interface PickRecord {
  readonly ring: Float64Array;
  /**
   * Begins a candidate. The picker writes the six numbers up to HOLD_PART: the place still holds those of an older
   * record. The one after them is for a picker that goes by reports; it says "none" already.
   *
   * @param number the node's
   * @returns the offset in `ring` where its numbers go: see LOAD and the following; a place nobody reads, when enough
   *   candidates are recorded already
   */
  candidate(number: number): number;
  /** So many more were compared, after four candidates at least: nothing is written down of these. */
  more(count: number): void;
}

/** What was compared; 0 where the picker compares nothing, Infinity for a node that is not open, or UNSEEN. */
export const LOAD = 1;
/** The latency part of it in ms, 0 where there is none. */
export const LATENCY_PART = 2;
/** The failure part, in [0, 1]. */
export const FAILURE_PART = 3;
export const PENDING_PART = 4;
export const WEIGHT_PART = 5;
export const HOLD_PART = 6;
/** Requests in flight for all callers, by the endpoint's report and our attempts since; below 0: not asked. */
export const IN_FLIGHT_PART = 7;

/** As LOAD: nothing was compared, the node was taken so that something is heard of it. */
export const UNSEEN = -1;
/** Loads from here on are of a node that is hot: Prequal. */
export const HOT: number = 2 ** 40;
