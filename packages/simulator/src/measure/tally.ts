import type { Events, Importance } from "@weft/core";
import type { Scenario } from "../scenario/scenario.ts";
import { LatencyCounts } from "./latency-counts.ts";

/** A run is cut into so many slices of time for its charts, and for what was noticed when. */
export const SLICES = 240;

/** What became of the calls of one run. */
export class Tally {
  calls = 0;
  attempts = 0;
  succeeded = 0;
  /** By kind: a status, a code of MeshError, or `late`. */
  readonly failures: Map<string, number> = new Map();
  readonly latencies: LatencyCounts = new LatencyCounts(9);
  /** What became of the calls of each importance. */
  readonly byImportance: Readonly<Record<Importance, { calls: number; succeeded: number }>> = {
    critical: { calls: 0, succeeded: 0 },
    normal: { calls: 0, succeeded: 0 },
    low: { calls: 0, succeeded: 0 },
  };
  readonly endpoints: readonly EndpointTally[];
  /** Retries, hedges and the like, by the name of their event. */
  readonly happened: Map<string, number> = new Map();
  readonly ejections: EjectionChange[] = [];
  /** Whether any call came with a key. */
  keyed = false;
  /** What calls came to that arrived in a slice. */
  readonly slices: readonly SliceTally[];
  readonly sliceMs: number;
  readonly #withinMs: number;
  readonly #byId: ReadonlyMap<string, EndpointTally>;
  readonly #nowMs: () => number;
  /** By key: where its first call went; -1 before it came. */
  readonly #homes: Int32Array;

  constructor(scenario: Scenario, ids: readonly string[], nowMs: () => number) {
    this.#withinMs = scenario.successWithinMs;
    this.#nowMs = nowMs;
    this.sliceMs = scenario.durationMs / SLICES;
    this.#homes = new Int32Array(scenario.keys.count).fill(-1);
    this.endpoints = ids.map((id, index) => new EndpointTally(id, index));
    this.#byId = new Map(this.endpoints.map((endpoint) => [endpoint.id, endpoint]));
    this.slices = Array.from({ length: SLICES }, () => new SliceTally());
  }

  /** @param index of the endpoint */
  attemptBegan(index: number): void {
    this.attempts++;
    const endpoint = this.endpoints[index]!; // one for each of the scenario's
    endpoint.attempts++;
    const slice = this.#sliceOf(this.#nowMs());
    if (slice < SLICES) endpoint.bySlice[slice]!++;
  }

  /** The first attempt of a call with a key began. @param index of the endpoint */
  keyWent(key: number, index: number): void {
    this.keyed = true;
    const slice = this.#sliceOf(this.#nowMs());
    const home = this.#homes[key]!;
    if (home === -1) this.#homes[key] = index;
    if (slice >= SLICES) return;
    this.slices[slice]!.keyed++;
    if (home !== -1 && home !== index) this.slices[slice]!.away++;
  }

  /** @param index of the endpoint */
  attemptFailed(index: number): void {
    this.endpoints[index]!.failed++; // as above
  }

  /** @param failed why it is no success, in a word; undefined when it was answered well */
  callEnded(startedMs: number, nowMs: number, failed: string | undefined, importance: Importance): void {
    const tookMs = nowMs - startedMs;
    const why = failed ?? (tookMs <= this.#withinMs ? undefined : "late");
    const alike = this.byImportance[importance];
    this.calls++;
    alike.calls++;
    this.latencies.add(tookMs);
    const slice = this.slices[Math.min(SLICES - 1, this.#sliceOf(startedMs))]!;
    slice.latencies.add(tookMs);
    if (why === undefined) {
      this.succeeded++;
      alike.succeeded++;
    } else {
      slice.failed++;
      count(this.failures, why);
    }
  }

  /** Follows the events of one client. */
  listen(events: Events): void {
    for (const name of COUNTED) events.on(name, () => count(this.happened, name));
    events.on("retry.denied", ({ reason }) => count(this.happened, `retry.denied ${reason}`));
    events.on("breaker.changed", ({ to }) => count(this.happened, `breaker.changed ${to}`));
    const out = new Set<string>(); // who fails its trial is ejected once more, but not out twice
    events.on("endpoint.ejected", ({ endpoint }) => {
      this.#byId.get(endpoint)!.ejections++; // the registry knows no others
      if (!out.has(endpoint)) this.#ejected(endpoint, 1);
      out.add(endpoint);
    });
    // Ejected, it is let go of by a trial that decides, or at once: what comes first counts.
    events.on("endpoint.returned", ({ endpoint }) => {
      if (out.delete(endpoint)) this.#ejected(endpoint, -1);
    });
  }

  #ejected(id: string, by: 1 | -1): void {
    const { index } = this.#byId.get(id)!; // as above
    this.ejections.push({ atMs: this.#nowMs(), index, by });
  }

  #sliceOf(atMs: number): number {
    return Math.floor(atMs / this.sliceMs);
  }
}

const COUNTED = [
  "retry.started",
  "hedge.started",
  "hedge.won",
  "endpoint.kept",
  "endpoint.unhealthy",
  "session.moved",
] as const;

/** What became of the attempts at one endpoint. */
export class EndpointTally {
  readonly id: string;
  readonly index: number;
  attempts = 0;
  failed = 0;
  ejections = 0;
  /** Attempts that began in a slice. */
  readonly bySlice: Uint32Array = new Uint32Array(SLICES);

  constructor(id: string, index: number) {
    this.id = id;
    this.index = index;
  }
}

/** One client more, or less, has it out of traffic. */
export interface EjectionChange {
  readonly atMs: number;
  readonly index: number;
  readonly by: 1 | -1;
}

export class SliceTally {
  failed = 0;
  /** Calls with a key that began in it, and those of them that went elsewhere than the first of their key. */
  keyed = 0;
  away = 0;
  readonly latencies: LatencyCounts = new LatencyCounts(4);
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
