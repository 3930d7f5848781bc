/** Latencies kept of each level: enough for a median, few enough to follow a change. */
const KEPT = 15;
/** Up to so many requests in flight each number is a level of its own; beyond, each quarter of a doubling. */
const EXACT = 16;
const PER_DOUBLING = 4;
const LEVELS = EXACT + 16 * PER_DOUBLING;

/**
 * How loaded somebody is who serves requests: how many are in flight, and what one that comes now is likely to take.
 *
 * That is the median of the latest answers to requests that met about as many others as there are now. A mean of all
 * would tell of the past: what the next request takes depends on what it waits behind. Source: Prequal; reference 2.15.
 * Cost: one small object for each request; a median of 15 numbers when it is asked for.
 */
export class ServedLoad {
  /** Requests in flight, at least 0. */
  inFlight = 0;
  readonly #levels: (Level | undefined)[] = Array.from({ length: LEVELS });

  /** A request has come. */
  began(nowMs: number): ServedRequest {
    return new ServedRequest(this, this.inFlight++, nowMs);
  }

  /** What a request is likely to take that meets so many others, in ms; undefined before the first answer. */
  latencyMs(met: number): number | undefined {
    const level = levelOf(met);
    for (let away = 0; away < LEVELS; away++) {
      const near = this.#levels[level - away] ?? this.#levels[level + away];
      if (near !== undefined) return near.median();
    }
    return undefined;
  }

  /** @param met requests that were in flight when it came */
  answered(met: number, tookMs: number): void {
    (this.#levels[levelOf(met)] ??= new Level()).add(tookMs);
  }
}

/** A request that is served. */
export class ServedRequest {
  readonly load: ServedLoad;
  readonly #met: number;
  readonly #beganMs: number;
  #ended = false;

  constructor(load: ServedLoad, met: number, beganMs: number) {
    this.load = load;
    this.#met = met;
    this.#beganMs = beganMs;
  }

  /** Its answer is there, and is no failure: one that comes fast says nothing of the next request. */
  answered(nowMs: number): void {
    this.load.answered(this.#met, Math.max(0, nowMs - this.#beganMs));
  }

  /** Nothing of it is under way any more. Again: nothing. */
  ended(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.load.inFlight--;
  }
}

/** Answers to requests that met about the same number of others. */
class Level {
  readonly #kept = new Float64Array(KEPT);
  #added = 0;
  #median = -1;

  add(ms: number): void {
    this.#kept[this.#added++ % KEPT] = ms;
    this.#median = -1;
  }

  median(): number {
    if (this.#median < 0) {
      const sorted = this.#kept.slice(0, Math.min(this.#added, KEPT)).sort();
      this.#median = sorted[sorted.length >> 1]!;
    }
    return this.#median;
  }
}

function levelOf(inFlight: number): number {
  if (inFlight < EXACT) return inFlight;
  return Math.min(LEVELS - 1, EXACT + Math.floor(Math.log2(inFlight / EXACT) * PER_DOUBLING));
}
