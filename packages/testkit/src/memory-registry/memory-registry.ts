import { type Clock, type Discovery, type Endpoint, endpoint, MeshError } from "@weft/core";
import { realTime } from "../real-time.ts";
import { type Mode, RegistryEntry } from "./registry-entry.ts";

/** What an endpoint needs to be registered; the rest takes its usual value. */
export type EndpointLike = Parameters<typeof endpoint>[0];

/**
 * A registry in memory, and the discovery that reads it: a test decides what it says and when it fails.
 *
 * It answers at once: a watch is live from its first moment, and a change reaches every listener before `set` returns.
 * A service nobody registered is answered with no endpoints, as Consul does. Whatever a listener throws reaches the
 * test that made the change.
 */
export interface MemoryRegistry extends Discovery {
  /**
   * Registers these endpoints for the service, in place of those it had.
   *
   * @throws RangeError for a port, weight or host that no endpoint can have
   */
  set(service: string, endpoints: readonly EndpointLike[]): void;
  /** Takes the service out: it is answered with no endpoints. */
  remove(service: string): void;
  /** From now on answers nothing: new watches stay pending, changes are not delivered, and nobody is told. */
  stall(): void;
  /** From now on every question fails: what is known turns stale, what is not stays pending with the error. */
  fail(error: string): void;
  /** Answers again, with whatever was set meanwhile. */
  recover(): void;
  /**
   * Starts a service as from disk: these endpoints, written `ageMs` ms ago, until the registry answers. For that it
   * must not have answered yet: `stall` or `fail` it first.
   *
   * @throws Error for a service that the registry has answered for; RangeError as `set`
   */
  restore(service: string, endpoints: readonly EndpointLike[], ageMs: number): void;
  /** Watches of the service that are open. 0 at the end of a test shows that nothing leaked. */
  watches(service: string): number;
}

export interface MemoryRegistryOptions {
  /** Dates the memberships. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
}

/** Makes a registry that knows no service and answers. */
export function memoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  const clock = options.clock ?? realTime;
  const services = new Map<string, RegistryEntry>();
  let mode: Mode = { kind: "answers" };
  let closed = false;

  function entryOf(service: string, registered: readonly Endpoint[] = []): RegistryEntry {
    let entry = services.get(service);
    if (entry === undefined) {
      entry = new RegistryEntry(service, registered);
      services.set(service, entry);
      entry.ask(mode, clock.nowMs());
    }
    return entry;
  }

  function become(next: Mode): void {
    mode = next;
    for (const entry of services.values()) entry.ask(mode, clock.nowMs());
  }

  function set(service: string, known: readonly EndpointLike[]): void {
    const endpoints = known.map(endpoint);
    const entry = services.get(service);
    if (entry === undefined) {
      entryOf(service, endpoints);
      return;
    }
    entry.registered = endpoints;
    if (mode.kind === "answers") entry.ask(mode, clock.nowMs());
  }

  return {
    watch(service) {
      if (closed) throw new MeshError("CLOSED", "the registry is closed: watch before close()", { service });
      return entryOf(service).watch();
    },
    async close() {
      closed = true;
      for (const entry of services.values()) entry.close();
    },
    set,
    remove: (service) => set(service, []),
    stall: () => become({ kind: "stalls" }),
    fail: (error) => become({ kind: "fails", error }),
    recover: () => become({ kind: "answers" }),
    restore(service, endpoints, ageMs) {
      entryOf(service).restore(endpoints.map(endpoint), ageMs);
    },
    watches: (service) => services.get(service)?.watches ?? 0,
  };
}
