import type { HealthQuestion, Policy, ServicePolicy } from "@weft/config";
import type { Discovery, Endpoint, Events, ProbeResult, Random, Time } from "@weft/core";
import { staticDiscovery } from "@weft/discovery";
import type { ServicePoolsOptions } from "@weft/http";
import {
  type CallLog,
  Peers,
  PolicyBook,
  Registry,
  type RuntimePorts,
  type Self,
  selfOf,
  ServiceRuntime,
} from "@weft/runtime";
import { SidecarService, type SidecarServicePorts } from "./sidecar-service.ts";

export interface ServicesPorts extends SidecarServicePorts {
  readonly time: Time;
  readonly random: Random;
  readonly events: Events;
  readonly nextCall: () => number;
  readonly calls: CallLog;
  /** Instead of Consul. */
  readonly registry?: Discovery | undefined;
  /** A service that nobody used for long is let go of. For counters. */
  readonly forgotten: (name: string) => void;
}

/** How long a call waits for the registry's first answer. */
const READY_MS = 5_000;
/** A service that the policy does not list is let go of after so long without a call. */
const UNUSED_MS = 300_000;
const SWEEP_MS = 15_000;
/** Services that the policy does not list, at once: a caller may name anything. */
const MOST_UNLISTED = 1_000;

/**
 * Every service of the sidecar by name, made when it is first asked for: so only what is used is watched. Those that
 * the policy lists stay; others are let go of when nobody has used them for a time.
 */
export class Services {
  readonly #ports: ServicesPorts;
  readonly #book: PolicyBook;
  readonly #registry: Registry;
  readonly #peers: Peers = new Peers((service) => this.#registry.watch(service));
  /** Which instance the app has become by its registration; undefined: it has none. */
  #registered: Self | undefined = undefined;
  readonly #known = new Map<string, SidecarService>();
  readonly #closing = new Set<Promise<void>>();
  readonly #pinned = new Set<string>();
  /** Those with one endpoint that are not of the mesh. */
  readonly #singles = new Set<string>();
  #stopSweep: () => void;
  #closed = false;

  /**
   * @param takesUnlisted whether any name may be one of Consul's; asked each time
   * @throws MeshError BAD_CONFIG for a policy that cannot be acted on
   */
  constructor(policy: Policy, takesUnlisted: () => boolean, ports: ServicesPorts) {
    const { time, random, events, registry } = ports;
    this.#ports = ports;
    this.#book = new PolicyBook(policy, "sidecar");
    this.#registry = new Registry({ takesUnlisted, ...(registry && { registry }) }, this.#book, {
      time,
      random,
      events,
    });
    this.#peers.identify(selfOf(policy));
    this.#stopSweep = time.after(SWEEP_MS, () => this.#sweep());
  }

  /** Listed by the policy. */
  names(): string[] {
    return this.#registry.names();
  }

  lists(name: string): boolean {
    return this.#registry.lists(name);
  }

  /** Those that are in use, by name. */
  get inUse(): ReadonlyMap<string, SidecarService> {
    return this.#known;
  }

  /** Whether a call may be for it. */
  knows(name: string): boolean {
    return this.#known.has(name) || this.#registry.knows(name);
  }

  /** @throws MeshError BAD_CONFIG for what cannot be watched */
  of(name: string): SidecarService {
    return this.#known.get(name) ?? this.#make(name, this.#registry.watch(name), this.#book.of(name));
  }

  /** The policy of a service that has none of its own. */
  get defaults(): ServicePolicy {
    return this.#book.policy.defaults;
  }

  /** A service with one endpoint that is not a service of the mesh: a host that calls are passed through to, or the app. */
  single(
    name: string,
    address: string,
    policy: ServicePolicy = plain(this.defaults),
    target?: ServicePoolsOptions["target"],
  ): SidecarService {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { time, events } = this.#ports;
    this.#singles.add(name);
    const discovery = staticDiscovery({ [name]: [address] }, { time, events });
    return this.#make(name, discovery.watch(name), policy, target);
  }

  /** Puts another policy in force. What was measured stays with each service that stays where it was. */
  replace(policy: Policy): void {
    const { removed, moved } = this.#book.replace(policy);
    this.#identify(moved);
    for (const [name, service] of this.#known) {
      if (this.#pinned.has(name)) continue;
      if (removed.includes(name) || moved(name)) this.#drop(name, service, "the service was changed");
      else service.configure(this.#singles.has(name) ? plain(this.#book.of(name)) : this.#book.of(name));
    }
  }

  /** Which instance the app is by its registration, unless the policy says; undefined: it has none. */
  registeredAs(self: Self | undefined): void {
    if (this.#closed) return;
    this.#registered = self;
    this.#identify(() => false);
  }

  /** Never let go of for want of use, nor changed by a new policy: the app. */
  pin(name: string): void {
    this.#pinned.add(name);
  }

  /** Cuts what still runs after `drainMs`. */
  async close(drainMs: number): Promise<void> {
    this.#closed = true;
    this.#stopSweep();
    for (const [name, service] of this.#known) this.#drop(name, service, "the sidecar is closing", drainMs);
    await Promise.all(this.#closing);
    this.#peers.close();
    await this.#registry.close();
  }

  #make(
    name: string,
    watch: ConstructorParameters<typeof ServiceRuntime>[1],
    policy: ServicePolicy,
    target?: ServicePoolsOptions["target"],
  ): SidecarService {
    const { time, random, events, timeouts, nextCall, calls } = this.#ports;
    const ports: RuntimePorts = {
      time,
      random,
      events,
      timeouts,
      readyMs: READY_MS,
      nextCall,
      calls,
      peers: this.#peers,
      probe: (endpoint, question, of, signal) => this.#probe(endpoint, question, of, signal),
    };
    const service = new SidecarService(new ServiceRuntime(name, watch, policy, ports), this.#ports, target);
    this.#known.set(name, service);
    if (this.#known.size > MOST_UNLISTED) this.#dropOldest();
    return service;
  }

  /** @param moved whether a service is found elsewhere now */
  #identify(moved: (name: string) => boolean): void {
    const self = selfOf(this.#book.policy) ?? this.#registered;
    if (self !== undefined && moved(self.service)) this.#peers.identify(undefined);
    this.#peers.identify(self);
  }

  async #probe(endpoint: Endpoint, question: HealthQuestion, name: string, signal: AbortSignal): Promise<ProbeResult> {
    const service = this.#known.get(name);
    if (service === undefined) return { kind: "failed", why: "the service is not in use any more" };
    return service.probe(endpoint, question, signal);
  }

  #drop(name: string, service: SidecarService, why: string, drainMs = 30_000): void {
    this.#known.delete(name);
    this.#singles.delete(name);
    const closing = service.close(drainMs, why);
    this.#closing.add(closing);
    void closing.finally(() => {
      this.#closing.delete(closing);
      if (!this.#known.has(name)) this.#ports.forgotten(name);
    });
  }

  #dropOldest(): void {
    let oldest: readonly [string, SidecarService] | undefined;
    for (const entry of this.#known) {
      if (this.#stays(entry[0])) continue;
      if (oldest === undefined || entry[1].usedMs < oldest[1].usedMs) oldest = entry;
    }
    if (oldest !== undefined) this.#drop(oldest[0], oldest[1], "too many services are in use");
  }

  #stays(name: string): boolean {
    return this.#pinned.has(name) || this.#registry.lists(name);
  }

  #sweep(): void {
    const { time } = this.#ports;
    const unusedSinceMs = time.nowMs() - UNUSED_MS;
    for (const [name, service] of this.#known) {
      if (!this.#stays(name) && service.usedMs < unusedSinceMs && service.runtime.calls.running === 0) {
        this.#drop(name, service, "nobody used the service");
      }
    }
    if (!this.#closed) this.#stopSweep = time.after(SWEEP_MS, () => this.#sweep());
  }
}

/**
 * What is passed through is called as its caller meant it: that host knows nothing of the mesh's TLS, zones or sessions,
 * and a cookie to hash by would be one that nobody asked for.
 */
function plain(policy: ServicePolicy): ServicePolicy {
  return {
    ...policy,
    tls: undefined,
    protocol: "auto",
    hashing: { ...policy.hashing, on: [] },
    subset: undefined,
    zones: undefined,
    sticky: undefined,
  };
}
