/** How fast a peak is forgotten: time constant of the decay, in ms. Source: Finagle, Linkerd; reference 2.4. */
export const TAU_MS = 10_000;

/**
 * The latency of one endpoint: jumps up at once, comes down slowly.
 *
 *   read(T)    = v * exp(-(T - t) / 10 s)                        reading changes nothing
 *   success r  : v = r                               when r >= read(T)
 *                v = read(T) + (1 - exp(-(T-t)/10 s)) * r        otherwise
 *
 * Source: Finagle PeakEwma, with reads that do not count as observations (as in Linkerd's newer crate).
 * Cost: one exp for a read, one for an observation.
 */
export class PeakLatency {
  #valueMs = 0;
  #atMs = 0;
  /** Whether anything was observed: before that the value means nothing. */
  known = false;

  /** The value at `nowMs`, in ms; 0 when nothing is known. A clock that steps back reads the value as it was. */
  read(nowMs: number): number {
    return this.#valueMs * remainder(nowMs - this.#atMs);
  }

  /** A successful attempt took `ms`, >= 0. */
  observe(ms: number, nowMs: number): void {
    if (!this.known) {
      this.known = true;
      this.#set(ms, nowMs);
      return;
    }
    const kept = remainder(nowMs - this.#atMs);
    const value = this.#valueMs * kept;
    this.#set(ms >= value ? ms : value + (1 - kept) * ms, nowMs);
  }

  /** A failed attempt took `ms`: only a slow failure says anything about latency. */
  raise(ms: number, nowMs: number): void {
    if (ms > this.read(nowMs)) {
      this.known = true;
      this.#set(ms, nowMs);
    }
  }

  #set(valueMs: number, nowMs: number): void {
    this.#valueMs = valueMs;
    this.#atMs = Math.max(this.#atMs, nowMs);
  }
}

function remainder(elapsedMs: number): number {
  return elapsedMs <= 0 ? 1 : Math.exp(-elapsedMs / TAU_MS);
}
