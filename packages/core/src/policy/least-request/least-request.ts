import { PENDING, WEIGHT } from "../../cluster/node-cells.ts";
import type { Node } from "../../cluster/node.ts";
import { FAILURE_PART, HOLD_PART, LATENCY_PART, LOAD, PENDING_PART, WEIGHT_PART } from "../../decision/pick-record.ts";
import { type Draw, isOpen, openFrom, type Picker } from "../picker.ts";
import { longerUnused, lower, SCANNED, secondOf, shuffleUnused } from "../two-choices.ts";

/**
 * Of two different nodes drawn, takes the one with fewer leases for its weight: (pending + 1) / weight.
 *
 * Drawn with replacement, as Envoy does, the worst of two nodes still gets a quarter of the picks; drawn distinct, none.
 * Up to three nodes are all compared. A tie goes to the one unused for longer. Source: reference 2.3. Cost: O(1).
 */
export function leastRequest(): Picker {
  return {
    kind: "least-request",
    arrange: shuffleUnused,
    pick(nodes, draw) {
      if (nodes.length <= SCANNED) return scan(nodes, draw);
      const a = draw.random.below(nodes.length);
      const b = secondOf(a, nodes.length, draw);
      const tie = longerUnused(nodes, a, b);
      const best = lower(tie, a, weigh(nodes, a, draw), b, weigh(nodes, b, draw), draw);
      return isOpen(nodes, best, draw) ? nodes[best] : openFrom(nodes, a + 1, draw);
    },
  };
}

function scan(nodes: readonly Node[], draw: Draw): Node | undefined {
  if (nodes.length === 0) return undefined;
  let best = 0;
  let atBest = weigh(nodes, 0, draw);
  for (let i = 1; i < nodes.length; i++) {
    const at = weigh(nodes, i, draw);
    if (lower(longerUnused(nodes, best, i), best, atBest, i, at, draw) === best) continue;
    best = i;
    atBest = at;
  }
  return draw.record.ring[atBest + LOAD]! < Number.POSITIVE_INFINITY ? nodes[best] : undefined;
}

/** @returns the offset of its numbers in the record */
function weigh(nodes: readonly Node[], index: number, draw: Draw): number {
  const { cells } = draw;
  const row = draw.places[index * 2]!;
  const pending = cells[row + PENDING]!;
  const weight = cells[row + WEIGHT]!;
  const value = isOpen(nodes, index, draw) ? (pending + 1) / weight : Number.POSITIVE_INFINITY;
  const { ring } = draw.record;
  const at = draw.record.candidate(draw.places[index * 2 + 1]!);
  ring[at + LOAD] = value;
  ring[at + LATENCY_PART] = ring[at + FAILURE_PART] = ring[at + HOLD_PART] = 0;
  ring[at + PENDING_PART] = pending;
  ring[at + WEIGHT_PART] = weight;
  return at;
}
