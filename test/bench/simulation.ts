import {
  BalancedCluster,
  endpoint,
  failure,
  type Lease,
  meshEvents,
  OngoingCall,
  OUTLIER_DEFAULTS,
  type Picker,
  type Random,
  SUCCESS,
} from "@weft/core";
import { seededRandom } from "@weft/testkit";

/** How an endpoint answers one call. */
export interface SimulatedAnswer {
  readonly ms: number;
  readonly ok: boolean;
}

export interface Scenario {
  readonly endpoints: number;
  /** Clients with a cluster of their own each; calls go to them in turn. */
  readonly clients: number;
  /** Of all clients together. Arrivals are Poisson. */
  readonly callsPerSecond: number;
  readonly seconds: number;
  /** @param at index of the endpoint; @param nowMs since the start */
  readonly answer: (at: number, nowMs: number, random: Random) => SimulatedAnswer;
  /** Whether failures eject. Off where the score alone is looked at. */
  readonly ejects?: boolean;
}

export interface Run {
  readonly calls: number;
  /** Calls that were answered with a failure. */
  readonly failed: number;
  /** Sorted. */
  readonly latenciesMs: Float64Array;
  /** Calls by endpoint. */
  readonly byEndpoint: readonly number[];
}

/**
 * Sends calls through the real cluster and its policies under virtual time: a minute takes some tenths of a second.
 *
 * Endpoints do not queue: what a call takes depends on the endpoint and the time alone. The same seed gives the same run.
 */
export function simulate(scenario: Scenario, picker: () => Picker, seed: number): Run {
  const { endpoints, clients, callsPerSecond, seconds, answer } = scenario;
  const clock = { now: 0, nowMs: () => clock.now };
  const random = seededRandom(seed);
  const outliers = scenario.ejects === true ? OUTLIER_DEFAULTS : { ...OUTLIER_DEFAULTS, consecutiveFailures: Infinity };
  const members = Array.from({ length: endpoints }, (_, i) => endpoint({ host: "10.0.0.1", port: 1 + i }));
  const clusters = Array.from({ length: clients }, (_, client) => {
    const policy = { picker: picker(), outliers, callsPerEndpoint: Infinity };
    const own = seededRandom(seed * 1_000 + client);
    const cluster = new BalancedCluster({ service: "orders", clock, random: own, events: meshEvents(), policy });
    cluster.update(members);
    return cluster;
  });

  const running = new Endings();
  const latenciesMs: number[] = [];
  const byEndpoint = members.map(() => 0);
  let failed = 0;
  for (let calls = 0, arrivesMs = 0; ; calls++) {
    arrivesMs += (-Math.log(1 - random.unit()) * 1_000) / callsPerSecond;
    if (arrivesMs >= seconds * 1_000) break;
    for (let ending = running.endingBy(arrivesMs); ending !== undefined; ending = running.endingBy(arrivesMs)) {
      clock.now = ending.atMs;
      ending.lease.release(ending.ok ? SUCCESS : failure("server-error"));
    }
    clock.now = arrivesMs;
    const lease = clusters[calls % clients]!.acquire(new OngoingCall(calls, "orders", arrivesMs, true));
    const at = lease.endpoint.port - 1;
    const { ms, ok } = answer(at, arrivesMs, random);
    running.add({ atMs: arrivesMs + ms, lease, ok });
    latenciesMs.push(ms);
    byEndpoint[at]!++;
    if (!ok) failed++;
  }
  return { calls: latenciesMs.length, failed, latenciesMs: Float64Array.from(latenciesMs).toSorted(), byEndpoint };
}

/** Share of the calls that were answered well within `ms`. For runs in which none fails. */
export function withinRatio({ latenciesMs }: Run, ms: number): number {
  let low = 0;
  let high = latenciesMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (latenciesMs[middle]! <= ms) low = middle + 1;
    else high = middle;
  }
  return low / latenciesMs.length;
}

/** The latency that a share of the calls did not exceed: 0.99 is the p99. */
export function percentile({ latenciesMs }: Run, ratio: number): number {
  return latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * ratio))]!;
}

interface Ending {
  readonly atMs: number;
  readonly lease: Lease;
  readonly ok: boolean;
}

/** Calls under way, the first to end first: a binary heap. */
class Endings {
  readonly #heap: Ending[] = [];

  add(ending: Ending): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.atMs <= ending.atMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = ending;
  }

  /** Takes out the first to end, if it does so by `atMs`. */
  endingBy(atMs: number): Ending | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.atMs > atMs) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(ending: Ending): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      if (heap[child]!.atMs >= ending.atMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = ending;
  }
}
