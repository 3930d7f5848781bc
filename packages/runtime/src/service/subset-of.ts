import type { SubsetPolicy } from "@weft/config";
import { type Endpoint, labelSubset, type Random, randomSubset, Word64 } from "@weft/core";

/** Tells of the endpoints that the registry knows those that this process uses. */
export type Subset = (endpoints: readonly Endpoint[]) => readonly Endpoint[];

const ALL: Subset = (endpoints) => endpoints;

/**
 * The subset that a policy asks for. Applied to what the registry says, before anybody else sees it: an endpoint that
 * is not used is not checked, and has no connection.
 *
 * @param random of the seed, which makes this process use others than the next
 */
export function subsetOf(policy: SubsetPolicy | undefined, random: Random): Subset {
  if (policy === undefined) return ALL;
  if (policy.size === Number.POSITIVE_INFINITY) return (endpoints) => labelSubset(endpoints, policy);
  const seed = new Word64(random.below(2 ** 32), random.below(2 ** 32));
  return (endpoints) => randomSubset(labelSubset(endpoints, policy), policy.size, seed);
}
