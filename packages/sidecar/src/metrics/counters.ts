import type { Events } from "@weft/core";
import { countEvents, type EventCounts, eventCounts } from "./event-counts.ts";
import { ListenerCounters } from "./listener-counters.ts";
import { ServiceCounters } from "./service-counters.ts";

/** Where services beyond the most are counted, all together. No service of a policy or registry has this name. */
export const OTHER_SERVICES = "(other)";

/** What is counted about one service. */
export interface CountedService {
  readonly counters: ServiceCounters;
  readonly events: EventCounts;
}

/**
 * Every number that `/metrics` shows and nobody else keeps. Handles are taken once, by name, and counted on directly.
 *
 * Its size is bounded: at most so many services, the endpoints that they have now, the listeners of the policy.
 */
export class Counters {
  readonly #mostServices: number;
  readonly #services = new Map<string, CountedService>();
  readonly #listeners = new Map<string, ListenerCounters>();
  readonly #stops: readonly (() => void)[];

  /** @param mostServices >= 1; those beyond share one. Default 1,000. */
  constructor(events: Events, mostServices = 1_000) {
    this.#mostServices = mostServices;
    this.#stops = [
      countEvents(events, (service) => this.#counted(service).events),
      events.on("membership.changed", ({ service, removed }) => {
        for (const id of removed) this.service(service).endpointLeft(id);
      }),
    ];
  }

  /** A service's counters, made on first use: to be taken once and held. */
  service(name: string): ServiceCounters {
    return this.#counted(name).counters;
  }

  /** A listener's counters, made on first use: to be taken once and held. */
  listener(name: string): ListenerCounters {
    const known = this.#listeners.get(name);
    if (known !== undefined) return known;
    const made = new ListenerCounters();
    this.#listeners.set(name, made);
    return made;
  }

  /** The service is not used any more: it is no longer listed. When it comes back, it starts at zero. */
  forgetService(name: string): void {
    this.#services.delete(name);
  }

  /** The listener was closed. */
  forgetListener(name: string): void {
    this.#listeners.delete(name);
  }

  get services(): ReadonlyMap<string, CountedService> {
    return this.#services;
  }

  get listeners(): ReadonlyMap<string, ListenerCounters> {
    return this.#listeners;
  }

  /** Listens to no event any more. */
  close(): void {
    for (const stop of this.#stops) stop();
  }

  #counted(name: string): CountedService {
    const known = this.#services.get(name);
    if (known !== undefined) return known;
    const apart = this.#services.size - (this.#services.has(OTHER_SERVICES) ? 1 : 0);
    if (apart >= this.#mostServices && name !== OTHER_SERVICES) return this.#counted(OTHER_SERVICES);
    const made = { counters: new ServiceCounters(name === OTHER_SERVICES ? 0 : undefined), events: eventCounts() };
    this.#services.set(name, made);
    return made;
  }
}
