import { checkPolicy, type Policy, PolicyError, type ServicePolicy, type ServicePolicyInput } from "@weft/config";
import type { Finding } from "@weft/config/forms";
import type { Resolving } from "./resolve-scenario.ts";

const SERVICE = "simulated";

/**
 * Resolves a service's block by the rules of policy files, for the home that uses all of it: the sidecar.
 *
 * @param at where it stands in the scenario; what it says of itself is told there
 */
export function resolvePolicy(
  written: ServicePolicyInput,
  at: Finding["path"],
  { findings }: Resolving,
): ServicePolicy {
  const told = (problems: PolicyError["problems"]): void => {
    for (const { severity, path, message } of problems) {
      findings.push({ severity, path: [...at, ...stepsIn(path)], message });
    }
  };
  try {
    const { policy, warnings } = checked(written);
    told(warnings);
    return serviceOf(policy);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    told(error.problems);
    return serviceOf(checked({}).policy); // the scenario is refused anyway
  }
}

function checked(written: ServicePolicyInput): ReturnType<typeof checkPolicy> {
  return checkPolicy({ version: 1, services: { [SERVICE]: written } }, { home: "sidecar" });
}

function serviceOf({ services }: Policy): ServicePolicy {
  return services.get(SERVICE)!; // it has just been put there
}

/** The steps within the service's block of a path such as `services.simulated.retry.on[1]`. */
function stepsIn(path: string): Finding["path"] {
  const steps = [...path.matchAll(/\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]|([\w-]+)/g)];
  return steps
    .slice(2)
    .map(([, index, quoted, word]) => (index === undefined ? (quoted ?? word ?? "") : Number(index)));
}
