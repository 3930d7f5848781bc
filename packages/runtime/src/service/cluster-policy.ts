import type { ServicePolicy } from "@weft/config";
import { type ClusterPolicy, HEALTH_DEFAULTS, type Picker, type Random } from "@weft/core";
import type { StickySessions } from "../call/sticky-sessions.ts";
import { pickerOf } from "../registry/picker-of.ts";
import type { PeerView } from "../registry/peers.ts";
import { endpointLimitOf } from "./adaptive-rules.ts";
import { zonesOf } from "./zones-of.ts";

/** What a policy is to the cluster. @param peers where this process is, as far as the registry knows */
export function clusterPolicy(
  policy: ServicePolicy,
  sticky: StickySessions | undefined,
  peers: PeerView | undefined,
  random: Random,
): ClusterPolicy {
  const { balancer, hashing, reportsWeigh, zones, outliers, health, slowStartMs } = policy;
  const { callsPerEndpoint, adaptivePerEndpoint } = policy.limits;
  const picker = (): Picker => pickerOf(balancer, hashing, reportsWeigh);
  const grouping = { picker, zones: zonesOf(zones, peers) };
  const own = { outliers, callsPerEndpoint, health: health ?? HEALTH_DEFAULTS, slowStartMs, reportsWeigh };
  const endpointLimit = endpointLimitOf(adaptivePerEndpoint, callsPerEndpoint, random);
  return { picker: picker(), grouping, ...own, endpointLimit, sessions: sticky?.rules };
}
