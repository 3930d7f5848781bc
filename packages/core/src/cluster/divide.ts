import type { PickGroup } from "../decision/pick-group.ts";
import { priorityOf } from "../policy/priority/endpoint-priority.ts";
import { priorityLoads } from "../policy/priority/priority-loads.ts";
import type { ZonePreference } from "../policy/zone-aware/zone-preference.ts";
import { availableWeight, knownWeight } from "./capacity.ts";
import type { Node } from "./node.ts";
import { zoneParts } from "./zone-parts.ts";
import type { ZoneWatch } from "./zone-watch.ts";

/** A group as it comes out of the division. */
export interface Part extends PickGroup {
  readonly priority: number;
  /** Those that calls go to, at least one. */
  readonly nodes: readonly Node[];
  /** All that belong to it. */
  readonly members: readonly Node[];
}

/**
 * Divides the nodes by priority, and those of each priority by zone.
 *
 * A priority in panic uses also those that fail checks, as these may be wrong. An ejection stays: it has a floor of its
 * own, and most of those that refuse connections are ejected.
 *
 * @param zones undefined: they do not count
 * @param hashes the balancer's kind when it goes by keys: another zone would have another endpoint for each key
 * @param watch what zones keep by how they do
 * @returns in the order of priority, the own zone first; shares add up to 1. Empty: all that were to get calls are ejected
 */
export function divide(
  all: readonly Node[],
  zones: ZonePreference | undefined,
  hashes: string | undefined,
  watch: ZoneWatch,
): readonly Part[] {
  const priorities = [...Map.groupBy(all, ({ endpoint }) => priorityOf(endpoint))].toSorted(([a], [b]) => a - b);
  const loads = priorityLoads(
    priorities.map(([, nodes]) => ({ available: availableWeight(nodes), total: knownWeight(nodes) })),
  );
  const several = priorities.length > 1;
  const parts = priorities.flatMap(([priority, members], i): readonly Part[] => {
    const { load, panic } = loads[i]!;
    if (load === 0) return [];
    const whole = { priority, share: load / 100, panic: several && panic, members };
    const undivided = { ...whole, zone: undefined, spill: undefined, lookFrom: undefined };
    if (undivided.panic) {
      const nodes = members.filter(({ endpoint, fitness }) => {
        return endpoint.state !== "draining" && fitness.state.kind === "fit";
      });
      return [{ ...undivided, nodes, zonesOff: zones && "too few of the priority pass their checks" }];
    }
    const found =
      zones &&
      (hashes === undefined ? zoneParts(members, zones, watch.of(priority)) : `${hashes} goes by the call's key`);
    if (found === undefined || typeof found === "string") {
      return [{ ...undivided, nodes: available(members), zonesOff: found }];
    }
    return found.map(({ zone, share, spill, members: inZone }) => {
      const part = { zone, share: undivided.share * share, spill, members: inZone, nodes: available(inZone) };
      return { ...undivided, ...part, zonesOff: undefined };
    });
  });
  return sharedOut(parts.filter(({ nodes }) => nodes.length > 0));
}

function available(nodes: readonly Node[]): readonly Node[] {
  return nodes.filter((node) => node.available);
}

/** Who has nobody to call leaves its share to the others. */
function sharedOut(parts: readonly Part[]): readonly Part[] {
  const sum = parts.reduce((all, { share }) => all + share, 0);
  return parts.map((part) => ({ ...part, share: part.share / sum }));
}
