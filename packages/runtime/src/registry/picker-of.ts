import type { BalancerKind, Policy } from "@weft/config";
import {
  first,
  leastRequest,
  MeshError,
  peakEwma,
  type Picker,
  random,
  roundRobin,
  weightedRoundRobin,
} from "@weft/core";

const PICKERS: Readonly<Partial<Record<BalancerKind, () => Picker>>> = {
  "peak-ewma": peakEwma,
  "least-request": leastRequest,
  "round-robin": roundRobin,
  "weighted-round-robin": weightedRoundRobin,
  random,
  first,
};

/** Whether core has this balancer already: a policy may name some that are still to come. */
function hasPicker(kind: BalancerKind): boolean {
  return PICKERS[kind] !== undefined;
}

/** A picker of its own for one cluster. @throws MeshError BAD_CONFIG for a balancer that is still to come */
export function pickerOf(kind: BalancerKind): Picker {
  const make = PICKERS[kind];
  if (make === undefined) throw new MeshError("BAD_CONFIG", `balancer.kind: ${kind} is not there yet`);
  return make();
}

/** @throws MeshError BAD_CONFIG that lists every balancer of the policy that is still to come */
export function checkPickers(policy: Policy): void {
  const services = [...policy.services].map(([name, { balancer }]) => ({ at: `services.${name}`, balancer }));
  const mistakes = [{ at: "defaults", balancer: policy.defaults.balancer }, ...services]
    .filter(({ balancer }) => !hasPicker(balancer))
    .map(({ at, balancer }) => `${at}.balancer.kind: ${balancer} is not there yet`);
  if (mistakes.length > 0) throw new MeshError("BAD_CONFIG", mistakes.join("; "));
}
