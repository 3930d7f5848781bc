import type { Node } from "../cluster/node.ts";
import type { PickRecord } from "../decision/pick-record.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Random } from "../time/time.ts";

/** What one pick is made with. One object for each cluster, filled anew for each pick. */
export interface Draw {
  readonly nowMs: number;
  readonly random: Random;
  /** What an answer takes in this cluster, in ms. */
  readonly typicalMs: number;
  /** Endpoints the call has been to; empty for a first attempt. */
  readonly tried: readonly Endpoint[];
  /** An endpoint with that many leases takes no more. */
  readonly callsPerEndpoint: number;
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
  /** The list changed: whatever was derived from it is derived anew. */
  arrange(nodes: readonly Node[], random: Random): void;
  /** @returns undefined when no node is open */
  pick(nodes: readonly Node[], draw: Draw): Node | undefined;
}

/** Whether a node may take this attempt: below its limit, and new to the call. */
export function isOpen(node: Node, draw: Draw): boolean {
  if (node.pending >= draw.callsPerEndpoint) return false;
  const { tried } = draw;
  for (let i = 0; i < tried.length; i++) if (tried[i]!.id === node.endpoint.id) return false;
  return true;
}

/**
 * The first open node from `start` on, around the list once.
 *
 * Usually ends after as many steps as the call has tried endpoints; only with most endpoints at their limit is it long.
 */
export function openFrom(nodes: readonly Node[], start: number, draw: Draw): Node | undefined {
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[(start + i) % nodes.length]!;
    if (isOpen(node, draw)) return node;
  }
  return undefined;
}
