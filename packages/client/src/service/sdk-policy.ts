import {
  checkPolicy,
  type DiscoveryInput,
  type Policy,
  type Problem,
  problemLine,
  type ServiceDefaultsInput,
} from "@weft/config";
import type { ServicesInput } from "../mesh-options.ts";

export interface SdkPolicyInputs {
  readonly discovery?: DiscoveryInput;
  readonly defaults?: ServiceDefaultsInput;
  readonly services?: ServicesInput;
}

/**
 * The options of a mesh as the policy that a file with the same in it would be. What is odd about it is a warning of
 * the process.
 *
 * @throws MeshError BAD_CONFIG that lists every mistake
 */
export function sdkPolicy({ discovery, defaults, services }: SdkPolicyInputs): Policy {
  const input = {
    version: 1,
    ...(discovery === undefined ? {} : { discovery }),
    ...(defaults === undefined ? {} : { defaults }),
    ...(services === undefined ? {} : { services }),
  };
  const { policy, warnings } = checkPolicy(input, { home: "sdk" });
  warn(warnings);
  return policy;
}

/** Makes each a warning of the process. */
export function warn(problems: readonly Problem[]): void {
  for (const problem of problems) process.emitWarning(problemLine(problem), "WeftPolicyWarning");
}
