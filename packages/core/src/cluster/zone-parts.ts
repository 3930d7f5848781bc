import { limitedShares } from "../policy/zone-aware/zone-limit.ts";
import { type ZonePreference, zoneOf } from "../policy/zone-aware/zone-preference.ts";
import { ownZoneFirst, zoneShares } from "../policy/zone-aware/zone-shares.ts";
import type { ZoneSpill } from "../policy/zone-aware/zone-spill.ts";
import { capacityOf, knownWeight } from "./capacity.ts";
import type { Node } from "./node.ts";

/** Those of one zone that take traffic, and the part of the calls that they get. */
export interface ZonePart {
  readonly zone: string;
  /** Above 0 and up to 1. */
  readonly share: number;
  /** Why the own zone gives calls away that it has room for, in words; undefined: it does not. */
  readonly spill: string | undefined;
  /** All of the zone. */
  readonly members: readonly Node[];
}

/** Fewer than so many and there is nothing to choose between. Source: reference 2.11; Envoy asks for six. */
const LEAST = 2;

/**
 * How the calls to these nodes divide among their zones.
 *
 * @param nodes of one priority, also those that take no traffic
 * @param limit of what the own zone keeps by how it does; undefined: not looked at
 * @returns the own zone first when it gets any; or why zones do not count, in words
 */
export function zoneParts(
  nodes: readonly Node[],
  { own, callers }: ZonePreference,
  limit: ZoneSpill | undefined,
): readonly ZonePart[] | string {
  if (own === "") return "this process does not know its zone";
  const zones = Map.groupBy(nodes, ({ endpoint }) => zoneOf(endpoint) ?? NO_ZONE);
  const ownNodes = zones.get(own);
  if (zones.size === 0 || (zones.size === 1 && zones.has(NO_ZONE))) return "no endpoint says its zone";
  if (ownNodes === undefined) return `no endpoint is in zone ${own}`;
  if (zones.size === 1) return `all endpoints are in zone ${own}`;
  if (nodes.filter(({ available }) => available).length < LEAST) return `fewer than ${LEAST} endpoints are available`;

  const order = [own, ...[...zones.keys()].filter((zone) => zone !== own)];
  const capacities = order.map((zone) => capacityOf(zones.get(zone)!));
  const roomy =
    callers === undefined
      ? ownZoneFirst({ available: capacities[0]!, total: knownWeight(ownNodes) }, capacities.slice(1))
      : zoneShares(
          order.map((zone) => (Object.hasOwn(callers, zone) ? callers[zone]! : 0)),
          capacities,
        );
  if (roomy === undefined) return `zones.callers names no caller in zone ${own}`;
  const shares = limit === undefined ? roomy : limitedShares(roomy, limit.limit, capacities);
  const spill = shares[0] === roomy[0] ? undefined : `zone ${own} spills ${percent(1 - shares[0]!)}: ${limit?.why}`;
  return order
    .map((zone, i) => ({ zone, share: shares[i]!, spill, members: zones.get(zone)! }))
    .filter(({ share }) => share > 0);
}

/** Those that say nothing are a zone of their own: no registry has one without a name. */
const NO_ZONE = "";

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
