/** What endpoints bear of resets, more or less, in this time: they forget at least so fast. */
const BORNE = 100;
const BORNE_MS = 30_000;

/**
 * Counts the streams of a connection that we have reset, as its endpoint may count them: a bucket that leaks. Endpoints
 * end a connection that resets too many, for the sake of those that are attacked in that way, and all of its streams are
 * lost with it.
 *
 * Source: Netty ends it at 200 within 30 s, nghttp2 (and so node:http2) at 1,000 and 33 a second, Envoy when half of 500
 * streams were reset within their first second. BORNE stays below the least of them: 100 at once and 100 more in the time
 * of Netty's window.
 */
export class ResetCount {
  #count = 0;
  #countedMs: number;

  constructor(nowMs: number) {
    this.#countedMs = nowMs;
  }

  /** One more. @returns whether that is as many as every endpoint bears */
  add(nowMs: number): boolean {
    this.#leak(nowMs);
    return ++this.#count >= BORNE;
  }

  /** Whether every endpoint bears one more. */
  bears(nowMs: number): boolean {
    this.#leak(nowMs);
    return this.#count + 1 <= BORNE;
  }

  /** Whether all of them are forgotten. */
  forgotten(nowMs: number): boolean {
    this.#leak(nowMs);
    return this.#count === 0;
  }

  #leak(nowMs: number): void {
    this.#count = Math.max(0, this.#count - ((nowMs - this.#countedMs) * BORNE) / BORNE_MS);
    this.#countedMs = nowMs;
  }
}
