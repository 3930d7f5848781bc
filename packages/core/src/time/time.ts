/** Reads a clock that never steps back. Every instant in weft is a number of milliseconds on such a clock. */
export interface Clock {
  /** Milliseconds since an arbitrary start, with fractions. Only differences have a meaning. */
  nowMs(): number;
}

/**
 * A reading may be a little older than one that came before it, when it was handed on. One that is so much older, in ms,
 * says that the clock was set back, against its contract: what would last until it has caught up begins anew then.
 */
export const SET_BACK_MS = 1_000;

/** Waits. Policies never hold one; layers and whatever does I/O are given one. */
export interface Timer {
  /**
   * Resolves after `ms` (at least 0). Keeps the process alive meanwhile: somebody waits for it.
   *
   * @throws the signal's reason, at once, when the signal aborts first; the timer is then released
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls `run` once after `ms`, unless the returned function is called first.
   *
   * A pending `after` does not keep the process alive.
   */
  after(ms: number, run: () => void): () => void;
}

/** A clock and the timer that runs on it. */
export interface Time extends Clock, Timer {}

/** Draws. Seeded in tests and simulations, so that a run can be repeated. */
export interface Random {
  /** A whole number in [0, bound), each equally likely. `bound` is at least 1. */
  below(bound: number): number;
  /** A number in [0, 1). */
  unit(): number;
}
