import { decay } from "./decay.ts";
import { instantAfter, TAU_MS } from "./peak-latency.ts";

/** What an answer is taken to need before any came, in ms. Source: Linkerd's default RTT. */
const UNKNOWN_MS = 30;
/** Successes that are simply averaged, before time decides their weight. */
const AVERAGED = 20;
/** Below the resolution of the clock; keeps the logarithm finite. */
const LEAST_MS = 0.001;

/**
 * What an answer takes in this cluster: the yardstick that makes the cost of an endpoint free of units, so that one
 * rule fits a service of 2 ms and one of 400 ms.
 *
 * The average of the logarithm of the endpoint's peak latency over successes, 10 s long. Failures do not count:
 * an endpoint that fails fast would otherwise become the measure of the others. Source: reference 2.4a.
 */
export class TypicalLatency {
  #log = 0;
  #atMs = 0;
  #successes = 0;
  /** 0: not worked out of the logarithm since that has changed. Picks ask for it, and in a batch they all come first. */
  #valueMs = UNKNOWN_MS;

  /** In ms, > 0; 30 before the first success. */
  get valueMs(): number {
    if (this.#valueMs === 0) this.#valueMs = Math.exp(this.#log);
    return this.#valueMs;
  }

  /** @param latencyMs the endpoint's peak latency after its success was counted */
  observe(latencyMs: number, nowMs: number): void {
    const log = Math.log(Math.max(latencyMs, LEAST_MS));
    const byTime = 1 - decay(Math.max(0, nowMs - this.#atMs) / TAU_MS);
    const weight = this.#successes < AVERAGED ? Math.max(byTime, 1 / (this.#successes + 1)) : byTime;
    this.#log += (log - this.#log) * weight;
    this.#atMs = instantAfter(this.#atMs, nowMs);
    this.#successes++;
    this.#valueMs = 0;
  }
}
