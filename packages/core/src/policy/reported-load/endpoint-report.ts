import type { LoadReport } from "./load-report.ts";
import { reportedWeight } from "./reported-weight.ts";

/** A weight counts once its endpoint has reported for so long: the first reports are of a cold start. Source: A58. */
const BLACKOUT_MS = 10_000;
/** A weight that was not renewed for so long is forgotten, and its endpoint begins anew. Source: A58. */
const EXPIRY_MS = 180_000;

/** More is not believed: a number that is squared must stay one. */
const MOST = 1e9;

/** What one endpoint has reported of its load, and since when. */
export class EndpointReport {
  #weight = 0;
  #sinceMs = 0;
  #atMs = Number.NEGATIVE_INFINITY;
  /** Requests in flight, of all callers, when it said so last; below 0: it never did. */
  inFlight = -1;
  /** What a request takes there, in ms, by its own measure; below 0: it never said. */
  latencyMs = -1;
  /** When it last told of either. */
  loadAtMs: number = Number.NEGATIVE_INFINITY;
  /** Our attempts there up to then. */
  attempts = 0;

  /**
   * Takes over a report that came with an answer. One that tells nothing changes nothing.
   *
   * @param attempts ours at this endpoint so far
   */
  record(report: LoadReport, nowMs: number, attempts: number): void {
    if (report.inFlight !== undefined || report.latencyMs !== undefined) {
      if (report.inFlight !== undefined) this.inFlight = Math.min(report.inFlight, MOST);
      if (report.latencyMs !== undefined) this.latencyMs = Math.min(report.latencyMs, MOST);
      this.loadAtMs = nowMs;
      this.attempts = attempts;
    }
    const weight = reportedWeight(report);
    if (weight === 0) return;
    if (nowMs - this.#atMs >= EXPIRY_MS) this.#sinceMs = nowMs;
    this.#weight = weight;
    this.#atMs = nowMs;
  }

  /** The weight that counts at `nowMs`; 0: none does. */
  weight(nowMs: number): number {
    return nowMs - this.#atMs < EXPIRY_MS && nowMs - this.#sinceMs >= BLACKOUT_MS ? this.#weight : 0;
  }
}
