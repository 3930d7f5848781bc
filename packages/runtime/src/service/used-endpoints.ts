import { isDeepStrictEqual } from "node:util";
import type { ServicePolicy } from "@weft/config";
import type { Endpoint, Random, Watch } from "@weft/core";
import type { Peers } from "../registry/peers.ts";
import { seedOnce, type Subset, subsetOf } from "./subset-of.ts";

export interface UsedPorts {
  readonly random: Random;
  readonly peers?: Peers;
}

/** Those endpoints of a service that this process uses, as the registry, its policy and its peers change. */
export class UsedEndpoints {
  readonly #watch: Watch;
  readonly #peers: Peers | undefined;
  readonly #seed: ReturnType<typeof seedOnce>;
  readonly #followers = new Set<() => void>();
  #policy: ServicePolicy;
  #subset: Subset;
  /** What it comes to, and what that was worked out from: asked for by each follower, and by whoever shows it. */
  #used: ReturnType<Subset> | undefined = undefined;
  #usedOf: readonly unknown[] = [];

  constructor(watch: Watch, policy: ServicePolicy, { random, peers }: UsedPorts) {
    this.#watch = watch;
    this.#peers = peers;
    this.#seed = seedOnce(random);
    this.#policy = policy;
    this.#subset = subsetOf(policy, this.#seed);
  }

  /** Which of those known these are and why, in words; undefined: all. */
  get why(): string | undefined {
    return this.#current.why;
  }

  /** Tells them with each change, and at once when any are known. @returns the way to stop it */
  follow(listener: (endpoints: readonly Endpoint[]) => void): () => void {
    const tell = (): void => listener(this.#current.endpoints);
    if (this.#known) tell();
    const stop = this.#watch.subscribe(tell);
    this.#followers.add(tell);
    return () => {
      this.#followers.delete(tell);
      stop();
    };
  }

  configure(policy: ServicePolicy): void {
    const before = this.#policy;
    this.#policy = policy;
    if (isDeepStrictEqual(decisive(before), decisive(policy))) return;
    this.#subset = subsetOf(policy, this.#seed);
    this.retell();
  }

  /** The place of this process among its peers may be another now. */
  retell(): void {
    if (this.#known) for (const tell of this.#followers) tell();
  }

  get #current(): ReturnType<Subset> {
    const { endpoints } = this.#watch.membership;
    const of = [this.#subset, endpoints, this.#peers?.view, this.#peers?.id];
    if (this.#used !== undefined && of.every((one, i) => one === this.#usedOf[i])) return this.#used;
    this.#usedOf = of;
    return (this.#used = this.#subset(endpoints, this.#peers));
  }

  get #known(): boolean {
    return this.#watch.membership.freshness.kind !== "pending";
  }
}

/** What of a policy decides which endpoints are used. */
function decisive({ subset, zones, balancer, hashing, sticky }: ServicePolicy): readonly unknown[] {
  return [subset, zones, balancer, hashing, sticky];
}
