import type { BalancerKind } from "@weft/config";
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

/** Whether core has this balancer already: a policy file may name some that are still to come. */
export function hasPicker(kind: BalancerKind): boolean {
  return PICKERS[kind] !== undefined;
}

export function pickerOf(kind: BalancerKind): Picker {
  const make = PICKERS[kind];
  if (make === undefined) throw new MeshError("BAD_CONFIG", `balancer.kind: ${kind} is not there yet`);
  return make();
}
