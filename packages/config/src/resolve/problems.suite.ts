import type { ServiceDefaultsInput, ServicePolicyInput } from "../input/policy-input.ts";
import { problemsOf } from "../problem/policy-error.ts";
import { checkPolicy } from "./check-policy.ts";

/** Every problem of the service `orders`, errors and warnings, as `severity path: message`. */
export function problems(orders: ServicePolicyInput, defaults: ServiceDefaultsInput = {}): readonly string[] {
  const told = (): ReturnType<typeof problemsOf> => {
    try {
      return checkPolicy({ version: 1, defaults, services: { orders } }, { home: "sidecar" }).warnings;
    } catch (error) {
      const found = problemsOf(error);
      if (found.length === 0) throw error;
      return found;
    }
  };
  return told().map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
}
