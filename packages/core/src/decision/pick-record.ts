/**
 * Where a picker says what it looked at. It writes the numbers itself: passed as arguments, each would be an object.
 */
export interface PickRecord {
  readonly ring: Float64Array;
  /**
   * Begins a candidate. The picker writes all six numbers: the place still holds those of an older record.
   *
   * @param number the node's
   * @returns the offset in `ring` where its numbers go: see LOAD and the following; a place nobody reads, when enough
   *   candidates are recorded already
   */
  candidate(number: number): number;
}

/** What was compared; 0 where the picker compares nothing, Infinity for a node that is not open. */
export const LOAD = 1;
/** The latency part of it in ms, 0 where there is none. */
export const LATENCY_PART = 2;
/** The failure part, in [0, 1]. */
export const FAILURE_PART = 3;
export const PENDING_PART = 4;
export const WEIGHT_PART = 5;
export const HOLD_PART = 6;
