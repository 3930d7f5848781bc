/** What the sweep remembers of a connection between two looks. Times are the policy clock's. */
export class ConnectionPace {
  /** Since when the phase lasts or, of a body, since when it is measured, and what had come of it then. */
  sinceMs: number;
  seenIn = 0;
  /** What had been written when the sweep last looked, and since when nothing moved. */
  seenOut = 0;
  stalledSinceMs: number;
  /** When bytes were last read away while lingering. */
  heardMs = 0;

  constructor(nowMs: number) {
    this.sinceMs = nowMs;
    this.stalledSinceMs = nowMs;
  }
}

/** Idle since some moment after the sweep last looked: a clock reading less for each request. */
export const UNSEEN = -1;
