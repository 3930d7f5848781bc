import type { LoadReport } from "./load-report.ts";
import { reportedWeight } from "./reported-weight.ts";

/** A weight counts once its endpoint has reported for so long: the first reports are of a cold start. Source: A58. */
const BLACKOUT_MS = 10_000;
/** A weight that was not renewed for so long is forgotten, and its endpoint begins anew. Source: A58. */
const EXPIRY_MS = 180_000;

/** What one endpoint has reported of its load, and since when. */
export class EndpointReport {
  #weight = 0;
  #sinceMs = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  /** Takes over a report that came with an answer. One that tells nothing changes nothing. */
  record(report: LoadReport, nowMs: number): void {
    const weight = reportedWeight(report);
    if (weight === 0) return;
    // Anew also when the clock was set back: the weight would count for nothing until it has caught up.
    if (nowMs - this.#atMs >= EXPIRY_MS || nowMs < this.#sinceMs) this.#sinceMs = nowMs;
    this.#weight = weight;
    this.#atMs = nowMs;
  }

  /** The weight that counts at `nowMs`; 0: none does. */
  weight(nowMs: number): number {
    return nowMs - this.#atMs < EXPIRY_MS && nowMs - this.#sinceMs >= BLACKOUT_MS ? this.#weight : 0;
  }
}
