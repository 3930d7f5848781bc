import type { BalancerKind, HashingPolicy } from "@weft/config";
import {
  first,
  ketama,
  leastRequest,
  maglev,
  murmur2,
  peakEwma,
  type Picker,
  prequal,
  random,
  reportedLoad,
  ringHash,
  roundRobin,
  sourceIp,
  weightedByReports,
  weightedRoundRobin,
  xxh64,
} from "@weft/core";

type Make = (hashing: HashingPolicy | undefined) => Picker;

const PICKERS: Readonly<Record<BalancerKind, Make>> = {
  "peak-ewma": peakEwma,
  "least-request": leastRequest,
  "round-robin": roundRobin,
  "weighted-round-robin": weightedRoundRobin,
  "reported-load": reportedLoad,
  prequal,
  random,
  first,
  "ring-hash": (hashing) => {
    if (hashing === undefined) return ringHash();
    return ringHash({ size: hashing.ring, hash: RING_HASHES[hashing.ring.hash], ...boundOf(hashing) });
  },
  maglev: (hashing) => maglev(hashing && { slots: hashing.slots, ...boundOf(hashing) }),
  ketama: (hashing) => ketama(hashing && boundOf(hashing)),
  "source-ip": (hashing) => sourceIp(hashing && boundOf(hashing)),
};

const RING_HASHES = { xxh64, murmur2 };

/**
 * A picker of its own for one cluster.
 *
 * @param hashing how one that hashes does so; absent: as core's own defaults have it
 * @param reportsWeigh whether weights change with reports
 */
export function pickerOf(kind: BalancerKind, hashing?: HashingPolicy, reportsWeigh = false): Picker {
  return reportsWeigh && kind === "weighted-round-robin" ? weightedByReports() : PICKERS[kind](hashing);
}

function boundOf({ maxLoad }: HashingPolicy): { readonly maxLoad?: number } {
  return maxLoad === undefined ? {} : { maxLoad };
}
