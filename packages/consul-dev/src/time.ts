/** A clock and its timer: structurally weft's `Time`, declared here because this package imports nothing of weft. */
export interface Time {
  /** Milliseconds since an arbitrary start; never steps back. */
  nowMs(): number;
  /** Calls `run` once after `ms`, unless the returned function is called first. Keeps no process alive. */
  after(ms: number, run: () => void): () => void;
}

/** Draws, for the jitter of waits and of first checks. */
export interface Random {
  /** A number in [0, 1). */
  unit(): number;
}

/** The machine's own clock and timers. */
export const systemTime: Time = {
  nowMs: () => performance.now(),
  after(ms, run) {
    // setTimeout holds 31 bits; nothing here waits longer than the 24 h of a session.
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The machine's own chance. */
export const systemRandom: Random = { unit: () => Math.random() };
