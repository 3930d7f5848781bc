import * as cell from "../cluster/node-cells.ts";
import type { Node } from "../cluster/node.ts";
import * as part from "../decision/pick-record.ts";
import type { PickRecord } from "../decision/pick-record.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Word64 } from "../hash/word64.ts";
import type { Random } from "../time/time.ts";
import { zoneOf } from "./zone-aware/zone-preference.ts";

// Numbers of its own, for the sake of speed: see `prequal/told-load.ts`.
const { beside, LEARNED_MOST, PENDING, WEIGHT } = cell;
const { FAILURE_PART, HOLD_PART, LATENCY_PART, LOAD, PENDING_PART, WEIGHT_PART } = part;

/** What one pick is made with. One object for each cluster, filled anew for each pick. */
export interface Draw {
  readonly nowMs: number;
  readonly random: Random;
  /** What an answer takes in this cluster, in ms. */
  readonly typicalMs: number;
  /** Endpoints the call has been to; empty for a first attempt. */
  readonly tried: readonly Endpoint[];
  /** Whether the others in the zones of those are as good as tried. */
  readonly zonesTried: boolean;
  /** What the call is hashed by; undefined when it has no key, or nobody asked for one. */
  readonly hash: Word64 | undefined;
  /** Attempts under way in the whole cluster. */
  readonly pending: number;
  /** An endpoint with that many leases takes no more. */
  readonly callsPerEndpoint: number;
  /** Whether some take fewer, as was learned. */
  readonly learns: boolean;
  /** The numbers of the nodes: see `NodeCells`. */
  readonly cells: Float64Array;
  /**
   * Two numbers for each node in the list: the offset of its row in `cells`, and its number for the record. Looked up
   * here, a candidate's own object is not touched.
   */
  readonly places: Int32Array;
  /** Told what was looked at, for `explain`. */
  readonly record: PickRecord;
}

/**
 * Chooses one node out of those available. Holds at most a position of its own, never the nodes.
 *
 * The list is in the order of the membership and changes only when membership or fitness does; then `arrange` is
 * called before the next pick. That keeps a pick independent of the number of endpoints.
 */
export interface Picker {
  /** As in a policy file: `round-robin`. */
  readonly kind: string;
  /** Goes by the call's hash: a call without one is picked for by chance, and `explain` says so. Absent: no. */
  readonly hashes?: boolean;
  /**
   * The list changed: whatever was derived from it is derived anew.
   *
   * @param members all that the registry knows, also those that take no traffic now
   */
  arrange(nodes: readonly Node[], random: Random, members: readonly Node[]): void;
  /** @returns undefined when no node is open */
  pick(nodes: readonly Node[], draw: Draw): Node | undefined;
}

/** Whether the node at `index` may take this attempt: below its limit, and new to the call. */
export function isOpen(nodes: readonly Node[], index: number, draw: Draw): boolean {
  const row = draw.places[index * 2]!;
  const pending = draw.cells[row + PENDING]!;
  if (pending >= draw.callsPerEndpoint) return false;
  if (draw.learns && pending >= draw.cells[beside(draw.cells, row) + LEARNED_MOST]!) return false;
  return draw.tried.length === 0 || !wasTried(nodes[index]!.endpoint, draw);
}

function wasTried(endpoint: Endpoint, { tried, zonesTried }: Draw): boolean {
  const zone = zonesTried ? zoneOf(endpoint) : undefined;
  for (let i = 0; i < tried.length; i++) {
    const one = tried[i]!;
    if (one.id === endpoint.id || (zone !== undefined && zoneOf(one) === zone)) return true;
  }
  return false;
}

/**
 * The first open node from `start` on, around the list once.
 *
 * Usually ends after as many steps as the call has tried endpoints; only with most endpoints at their limit is it long.
 */
export function openFrom(nodes: readonly Node[], start: number, draw: Draw): Node | undefined {
  for (let i = 0; i < nodes.length; i++) {
    const index = (start + i) % nodes.length;
    if (isOpen(nodes, index, draw)) return taken(nodes, index, draw);
  }
  return undefined;
}

/** The node at `index`, recorded as the only one looked at. */
export function taken(nodes: readonly Node[], index: number, draw: Draw): Node {
  const { ring } = draw.record;
  const row = draw.places[index * 2]!;
  const at = draw.record.candidate(draw.places[index * 2 + 1]!);
  ring[at + LOAD] = ring[at + LATENCY_PART] = ring[at + FAILURE_PART] = ring[at + HOLD_PART] = 0;
  ring[at + PENDING_PART] = draw.cells[row + PENDING]!;
  ring[at + WEIGHT_PART] = draw.cells[row + WEIGHT]!;
  return nodes[index]!;
}
