import { healthOf, type PriorityCapacity } from "../priority/priority-loads.ts";

/** Proportions are compared in ten-thousandths, cut off. Source: Envoy. */
const WHOLE = 10_000;

/**
 * What each zone gets of this caller's calls when it is known where the callers are. Its own zone is the first.
 *
 *   L, U  = part of the callers, and of the capacity, that a zone has
 *   own   = 1 when U >= L there; else U / L, and the rest goes where U > L, in proportion of U - L
 *
 * So that each zone keeps its calls as far as it has room for them, and every endpoint gets as much as any other.
 * Source: Envoy zone-aware routing; reference 2.11.
 *
 * @param callers how many there are in each zone, >= 0
 * @param capacities of each zone, in weight of those that take traffic, >= 0
 * @returns shares whose sum is 1; undefined when there are no callers, or no capacity, to go by
 */
export function zoneShares(callers: readonly number[], capacities: readonly number[]): readonly number[] | undefined {
  const [ownCallers = 0, ...others] = proportions(callers) ?? [];
  const capacity = proportions(capacities);
  if (capacity === undefined || ownCallers === 0) return undefined;
  const [own = 0] = capacity;
  if (own >= ownCallers) return capacity.map((_, i) => (i === 0 ? 1 : 0));
  const room = others.map((wanted, i) => Math.max(0, capacity[i + 1]! - wanted));
  const rest = WHOLE - Math.floor((WHOLE * own) / ownCallers);
  const sum = room.reduce((all, one) => all + one, 0);
  // What was cut off may be all the room there was.
  if (sum === 0) return capacity.map((_, i) => (i === 0 ? 1 : 0));
  return [1 - rest / WHOLE, ...room.map((one) => (rest / WHOLE) * (one / sum))];
}

/**
 * The same when nobody knows where the other callers are: the own zone keeps all while five sevenths of it take
 * traffic; of less, it keeps its health, and the others get the rest in proportion of their capacity.
 *
 * @param own the caller's zone
 * @param capacities of the other zones
 * @returns shares whose sum is 1, the own zone's first
 * Source: priorities with over-provisioning, zones in their place; reference 2.11.
 */
export function ownZoneFirst(own: PriorityCapacity, capacities: readonly number[]): readonly number[] {
  const sum = capacities.reduce((all, one) => all + one, 0);
  const kept = sum === 0 ? 1 : healthOf(own) / 100;
  return [kept, ...capacities.map((one) => (sum === 0 ? 0 : (1 - kept) * (one / sum)))];
}

function proportions(counts: readonly number[]): number[] | undefined {
  const sum = counts.reduce((all, one) => all + one, 0);
  return sum > 0 ? counts.map((count) => Math.floor((WHOLE * count) / sum)) : undefined;
}
