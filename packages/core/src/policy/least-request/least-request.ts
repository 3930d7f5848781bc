import type { Node } from "../../cluster/node.ts";
import { type Draw, isOpen, openFrom, type Picker } from "../picker.ts";
import { lower, SCANNED, secondOf } from "../two-choices.ts";

/**
 * Of two different nodes drawn, takes the one with fewer leases for its weight: (pending + 1) / weight.
 *
 * Drawn with replacement, as Envoy does, the worst of two nodes still gets a quarter of the picks; drawn distinct, none.
 * Up to three nodes are all compared. A tie goes to the one unused for longer. Source: reference 2.3. Cost: O(1).
 */
export function leastRequest(): Picker {
  return {
    kind: "least-request",
    arrange() {},
    pick(nodes, draw) {
      if (nodes.length <= SCANNED) return scan(nodes, draw);
      const first = draw.random.below(nodes.length);
      const a = nodes[first]!;
      const b = nodes[secondOf(first, nodes.length, draw)]!;
      const loadA = load(a, draw);
      const loadB = load(b, draw);
      const best = lower(a, loadA, b, loadB);
      return isOpen(best, draw) ? best : openFrom(nodes, first + 1, draw);
    },
  };
}

function scan(nodes: readonly Node[], draw: Draw): Node | undefined {
  let best: Node | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const node of nodes) {
    const value = load(node, draw);
    if (value === Number.POSITIVE_INFINITY) continue;
    best = best === undefined ? node : lower(best, least, node, value);
    if (best === node) least = value;
  }
  return best;
}

function load(node: Node, draw: Draw): number {
  const value = isOpen(node, draw) ? (node.pending + 1) / node.endpoint.weight : Number.POSITIVE_INFINITY;
  draw.record.candidate(node, value, 0, 0);
  return value;
}
