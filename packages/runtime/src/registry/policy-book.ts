import { isDeepStrictEqual } from "node:util";
import {
  checkPolicy,
  type Discover,
  type Home,
  type Policy,
  type Problem,
  type ServiceDefaultsInput,
  type ServicePolicy,
  type ServicePolicyInput,
} from "@weft/config";
import { MeshError } from "@weft/core";

/** What another policy changes for services, by their names. */
export interface PolicyChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Listed before and after, and called in another way. */
  readonly changed: readonly string[];
  /** Whether endpoints are looked for elsewhere now, so that a new watch is needed. Also for one that is not listed. */
  moved(name: string): boolean;
}

/**
 * The policy in force, and the services that it lists.
 *
 * It changes in one of two ways. A mesh in a program is told anew how services are called, with `change`: where they
 * are found stays, and so does which are listed. A process with a policy file is given the whole next policy, with
 * `replace`: anything may differ, and what has to be done about it is said.
 */
export class PolicyBook {
  readonly #home: Home;
  #policy: Policy;
  #listed: ReadonlySet<string>;

  /** @param policy checked for `home` */
  constructor(policy: Policy, home: Home) {
    this.#home = home;
    this.#policy = policy;
    this.#listed = new Set(policy.services.keys());
  }

  get policy(): Policy {
    return this.#policy;
  }

  names(): string[] {
    return [...this.#listed];
  }

  lists(name: string): boolean {
    return this.#listed.has(name);
  }

  /** The defaults, for a service that has no policy of its own. */
  of(name: string): ServicePolicy {
    return this.#policy.services.get(name) ?? this.#policy.defaults;
  }

  /** Where the endpoints are found. */
  discoverOf(name: string): Discover {
    return discoverOf(this.#policy, name);
  }

  /** Whether the policy says so itself, rather than leaving it to the default. */
  saysDiscover(name: string): boolean {
    const { services = {} } = this.#policy.input;
    return Object.hasOwn(services, name) && services[name]?.discover !== undefined;
  }

  /**
   * Takes over new defaults and services, each service as a whole; what is not named stays.
   *
   * @returns what is odd about it
   * @throws MeshError BAD_CONFIG that lists every mistake, or names a service that would be found elsewhere; then
   *   nothing has changed
   */
  change(
    defaults: ServiceDefaultsInput | undefined,
    services: Readonly<Record<string, ServicePolicyInput>> | undefined,
  ): readonly Problem[] {
    const { input } = this.#policy;
    const next = {
      ...input,
      ...(defaults === undefined ? {} : { defaults }),
      services: { ...input.services, ...services },
    };
    const { policy, warnings } = checkPolicy(next, { home: this.#home });
    for (const [name, { discover }] of policy.services) {
      const before = this.#policy.services.get(name);
      if (before === undefined || isDeepStrictEqual(before.discover, discover)) continue;
      throw new MeshError(
        "BAD_CONFIG",
        `services.${name}.discover: cannot change while the mesh runs; make a new mesh`,
        { service: name },
      );
    }
    this.#policy = policy;
    return warnings;
  }

  /**
   * Puts a whole other policy in the place of this one.
   *
   * @param policy checked for the same home
   */
  replace(policy: Policy): PolicyChanges {
    const before = this.#policy;
    this.#policy = policy;
    this.#listed = new Set(policy.services.keys());
    const names = [...policy.services.keys()];
    return {
      added: names.filter((name) => !before.services.has(name)),
      removed: [...before.services.keys()].filter((name) => !policy.services.has(name)),
      changed: names.filter((name) => {
        const then = before.services.get(name);
        return then !== undefined && !isDeepStrictEqual(then, policy.services.get(name));
      }),
      moved: (name) => !isDeepStrictEqual(originOf(before, name), originOf(policy, name)),
    };
  }
}

function discoverOf(policy: Policy, name: string): Discover {
  return policy.services.get(name)?.discover ?? { kind: "consul", service: name };
}

/** All that decides where the endpoints of a service come from. */
function originOf(policy: Policy, name: string): unknown {
  const discover = discoverOf(policy, name);
  return discover.kind === "consul" ? [discover, policy.discovery.consul] : discover;
}
