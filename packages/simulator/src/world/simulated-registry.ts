import type { Clock, Endpoint, Watch } from "@weft/core";
import { type MemoryRegistry, memoryRegistry } from "@weft/testkit";
import type { ScenarioEvent } from "../scenario/scenario.ts";

/** A registry that says what the scenario has it say. */
export class SimulatedRegistry {
  readonly #registry: MemoryRegistry;
  readonly #clock: Clock;
  readonly #service: string;
  readonly #endpoints: readonly Endpoint[];
  readonly #events: RegistryEvents;
  #stale = false;

  constructor(service: string, endpoints: readonly Endpoint[], events: RegistryEvents, clock: Clock) {
    this.#registry = memoryRegistry({ clock });
    this.#clock = clock;
    this.#service = service;
    this.#endpoints = endpoints;
    this.#events = events;
    this.#registry.set(service, this.#known());
  }

  watch(): Watch {
    return this.#registry.watch(this.#service);
  }

  /** An event began or ended: looks at what the registry knows now. */
  reconsider(): void {
    const stale = this.#now(({ registryStale }) => registryStale);
    if (stale && !this.#stale) this.#registry.fail("the registry does not answer");
    this.#registry.set(this.#service, this.#known());
    if (!stale && this.#stale) this.#registry.recover();
    this.#stale = stale;
  }

  close(): Promise<void> {
    return this.#registry.close();
  }

  #known(): readonly Endpoint[] {
    return this.#endpoints.filter((_endpoint, index) => {
      const own = this.#events.byEndpoint[index]!; // there is a list for each
      const added = own.filter(({ add }) => add);
      if (added.length > 0 && !added.some((event) => this.#during(event))) return false;
      return !own.some((event) => event.remove && this.#during(event));
    });
  }

  #now(is: (event: ScenarioEvent) => boolean): boolean {
    return this.#events.all.some((event) => is(event) && this.#during(event));
  }

  #during({ atMs, untilMs }: ScenarioEvent): boolean {
    const nowMs = this.#clock.nowMs();
    return atMs <= nowMs && nowMs < untilMs;
  }
}

export interface RegistryEvents {
  readonly all: readonly ScenarioEvent[];
  /** By index of the endpoint, those that are about it. */
  readonly byEndpoint: readonly (readonly ScenarioEvent[])[];
}
