import type { EjectionReason, Events, RetryDenial } from "@weft/core";

/** How often core reported something about one service. */
export interface EventCounts {
  membershipChanges: number;
  panics: number;
  /** By what led to it. */
  readonly ejections: Map<EjectionReason, number>;
  /** Deserved, and not done because too few would be left; by the same. */
  readonly ejectionsKept: Map<EjectionReason, number>;
  returns: number;
  retries: number;
  /** Retries that were wanted and not allowed, by reason. */
  readonly retriesDenied: Map<RetryDenial, number>;
  hedges: number;
  hedgesWon: number;
  sessionsMoved: number;
  /** Changes of the circuit breaker, by what it became. */
  readonly breakerChanges: { closed: number; open: number; "half-open": number };
  /** Calls refused, by the limit that was reached. A closed set: the limits of a policy. */
  readonly limitsReached: Map<string, number>;
  /** How often the registry stopped answering. */
  stale: number;
  answersHeld: number;
}

/** All zero. */
export function eventCounts(): EventCounts {
  return {
    membershipChanges: 0,
    panics: 0,
    ejections: new Map(),
    ejectionsKept: new Map(),
    returns: 0,
    retries: 0,
    retriesDenied: new Map(),
    hedges: 0,
    hedgesWon: 0,
    sessionsMoved: 0,
    breakerChanges: { closed: 0, open: 0, "half-open": 0 },
    limitsReached: new Map(),
    stale: 0,
    answersHeld: 0,
  };
}

/**
 * Counts what core reports, each into the counts of its service. None of these events is on the way of a call that goes well.
 *
 * @returns the way to stop
 */
export function countEvents(events: Events, of: (service: string) => EventCounts): () => void {
  const stops = [
    events.on("membership.changed", ({ service }) => of(service).membershipChanges++),
    events.on("membership.panic", ({ service, on }) => (of(service).panics += on ? 1 : 0)),
    events.on("endpoint.ejected", ({ service, reason }) => countUp(of(service).ejections, reason)),
    events.on("endpoint.kept", ({ service, reason }) => countUp(of(service).ejectionsKept, reason)),
    events.on("endpoint.returned", ({ service }) => of(service).returns++),
    events.on("retry.started", ({ service }) => of(service).retries++),
    events.on("retry.denied", ({ service, reason }) => countUp(of(service).retriesDenied, reason)),
    events.on("hedge.started", ({ service }) => of(service).hedges++),
    events.on("hedge.won", ({ service }) => of(service).hedgesWon++),
    events.on("session.moved", ({ service }) => of(service).sessionsMoved++),
    events.on("breaker.changed", ({ service, to }) => of(service).breakerChanges[to]++),
    events.on("limit.reached", ({ service, limit }) => countUp(of(service).limitsReached, limit)),
    events.on("discovery.freshness", ({ service, to }) => (of(service).stale += to === "stale" ? 1 : 0)),
    events.on("discovery.held", ({ service }) => of(service).answersHeld++),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** How often calls were refused by this limit. */
export function limitReached({ limitsReached }: EventCounts, limit: string): number {
  return limitsReached.get(limit) ?? 0;
}

/** Over all reasons. */
export function sumOf(counts: ReadonlyMap<unknown, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

function countUp<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
