import { isDeepStrictEqual } from "node:util";
import {
  checkPolicy,
  type DiscoveryInput,
  type Policy,
  problemLine,
  type ServiceDefaultsInput,
  type ServicePolicy,
} from "@weft/config";
import { MeshError } from "@weft/core";
import type { ServicesInput } from "../mesh-options.ts";
import { hasPicker } from "./picker-of.ts";

export interface PolicyInputs {
  readonly discovery?: DiscoveryInput;
  readonly defaults?: ServiceDefaultsInput | undefined;
  readonly services?: ServicesInput | undefined;
}

/** What the user wrote about each service, checked as a policy file is, and the policies that follow from it. */
export class PolicyBook {
  #inputs: PolicyInputs;
  #policy: Policy;

  /** @throws MeshError BAD_CONFIG that lists every mistake */
  constructor(inputs: PolicyInputs) {
    this.#inputs = inputs;
    this.#policy = check(inputs);
  }

  get consul(): Policy["discovery"]["consul"] {
    return this.#policy.discovery.consul;
  }

  names(): string[] {
    return [...this.#policy.services.keys()];
  }

  of(name: string): ServicePolicy {
    return this.#policy.services.get(name) ?? this.#policy.defaults;
  }

  /** Takes over new defaults and services, each service as a whole; what is not named stays. */
  change(defaults: ServiceDefaultsInput | undefined, services: ServicesInput | undefined): void {
    const inputs: PolicyInputs = {
      ...this.#inputs,
      defaults: defaults ?? this.#inputs.defaults,
      services: { ...this.#inputs.services, ...services },
    };
    const policy = check(inputs);
    for (const [name, { discover }] of policy.services) {
      const before = this.#policy.services.get(name);
      if (before === undefined || isDeepStrictEqual(before.discover, discover)) continue;
      throw new MeshError(
        "BAD_CONFIG",
        `services.${name}.discover: cannot change while the mesh runs; make a new mesh`,
        { service: name },
      );
    }
    this.#inputs = inputs;
    this.#policy = policy;
  }
}

function check({ discovery, defaults, services }: PolicyInputs): Policy {
  const { policy, warnings } = checkPolicy({
    version: 1,
    ...(discovery === undefined ? {} : { discovery }),
    ...(defaults === undefined ? {} : { defaults }),
    ...(services === undefined ? {} : { services }),
  });
  for (const [name, { balancer }] of [["", policy.defaults] as const, ...policy.services]) {
    if (hasPicker(balancer)) continue;
    const where = name === "" ? "defaults" : `services.${name}`;
    throw new MeshError("BAD_CONFIG", `${where}.balancer.kind: ${balancer} is not there yet in the SDK`);
  }
  for (const warning of warnings) process.emitWarning(problemLine(warning), "WeftPolicyWarning");
  return policy;
}
