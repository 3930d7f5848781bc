import type { ZonesPolicy } from "@weft/config";
import type { ZonePreference } from "@weft/core";
import { fromEnvironment } from "../registry/from-environment.ts";
import type { PeerView } from "../registry/peers.ts";

/**
 * The zone that calls are to stay in, and where the callers are: as the policy says, else as the registry knows this
 * process and its peers. A variable that is not set is no zone: calls go anywhere then, and picks say so. To refuse to
 * start for it would be to fail where one can work.
 *
 * @returns undefined when zones do not count, since the policy says so, or neither it nor the registry knows the own one
 */
export function zonesOf(policy: ZonesPolicy | undefined, peers: PeerView | undefined): ZonePreference | undefined {
  if (policy === undefined) return undefined;
  const own = policy.own === undefined ? peers?.zone : (fromEnvironment(policy.own) ?? "");
  if (own === undefined) return undefined;
  const { byZone = {} } = peers ?? {};
  return { own, callers: policy.callers ?? (Object.hasOwn(byZone, own) ? byZone : undefined), spill: policy.spill };
}
