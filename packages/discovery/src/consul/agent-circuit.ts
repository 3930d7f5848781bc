import { backoffMs } from "@weft/core";
import type { Random, Time } from "@weft/core";

/** Source: consul-template base and cap; full jitter, so that a fleet does not come back as one. */
export const REGISTRY_BACKOFF = { baseMs: 250, maxMs: 30_000 } as const;
/** An outage longer than this ends with a spread: everybody is waiting to ask. */
const LONG_OUTAGE_MS = 10_000;
const SPREAD_MS = 50;
const LONGEST_SPREAD_MS = 10_000;

/**
 * What the watches of one agent know together about whether it can be reached.
 *
 * While it cannot, one of them asks, with growing pauses, and the others wait for it. When it answers again after a
 * long outage, they come back spread over up to 50 ms for each.
 */
export class AgentCircuit {
  readonly #time: Time;
  readonly #random: Random;
  #down: { readonly sinceMs: number; failures: number; nextProbeMs: number; problem: string } | undefined;
  #probing = false;
  /** Those who wait for a change: the agent is back, or nobody probes any more. */
  readonly #waiting = new Set<() => void>();
  #spread = 0;

  constructor(time: Time, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** Why the agent cannot be reached; undefined when it can, or was never asked. */
  get problem(): string | undefined {
    return this.#down?.problem;
  }

  /** Until the agent is asked next, in ms; 0 when it can be reached. */
  pauseMs(): number {
    return this.#down === undefined ? 0 : Math.max(0, this.#down.nextProbeMs - this.#time.nowMs());
  }

  /**
   * Waits until this watch may ask.
   *
   * @returns call it once the answer, or its failure, has been reported
   * @throws the signal's reason when it aborts first
   */
  async enter(signal: AbortSignal): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#down === undefined) return () => {};
      if (this.#probing) {
        await this.#change(signal);
        if (this.#spread > 0) await this.#time.sleep(this.#random.unit() * this.#spread, signal);
      } else {
        this.#probing = true;
        try {
          const restMs = this.pauseMs();
          if (restMs > 0) await this.#time.sleep(restMs, signal);
        } catch (error) {
          this.#leave();
          throw error;
        }
        return () => this.#leave();
      }
    }
  }

  /** An answer came, whatever it said. */
  reached(): void {
    if (this.#down === undefined) return;
    const longOutage = this.#time.nowMs() - this.#down.sinceMs > LONG_OUTAGE_MS;
    this.#spread = longOutage ? Math.min(LONGEST_SPREAD_MS, SPREAD_MS * this.#waiting.size) : 0;
    this.#down = undefined;
    this.#wake();
  }

  /** No answer came. Failures that were under way together count once. */
  unreachable(problem: string): void {
    const nowMs = this.#time.nowMs();
    this.#down ??= { sinceMs: nowMs, failures: 0, nextProbeMs: 0, problem };
    this.#down.problem = problem;
    if (nowMs < this.#down.nextProbeMs) return;
    this.#down.failures++;
    this.#down.nextProbeMs = nowMs + backoffMs(this.#down.failures, REGISTRY_BACKOFF, this.#random);
  }

  #leave(): void {
    this.#probing = false;
    // Still down: the next one in line becomes the probe.
    if (this.#down !== undefined) {
      this.#spread = 0;
      this.#wake();
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#waiting.add(resolve);
    try {
      await promise;
    } finally {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", onAbort);
    }
  }
}
