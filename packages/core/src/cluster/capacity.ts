import type { Node } from "./node.ts";

/**
 * The weight of those that take traffic.
 *
 * @param part of its weight that each counts for, in [0, 1]. Absent: all of it
 */
export function availableWeight(nodes: readonly Node[], part: (node: Node) => number = () => 1): number {
  return nodes.reduce((sum, node) => (node.available ? sum + weightOf(node) * part(node) : sum), 0);
}

/** What those that take traffic have room for: who starts slowly has little yet. */
export function capacityOf(nodes: readonly Node[]): number {
  return availableWeight(nodes, ({ newcomer }) => newcomer?.ratio ?? 1);
}

/** The weight of those that are to take traffic, fit or not: who drains does so on purpose, and is not missed. */
export function knownWeight(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => (node.endpoint.state === "draining" ? sum : sum + weightOf(node)), 0);
}

/** Of one at the edge of a subset, what is not another caller's. */
function weightOf({ endpoint, part }: Node): number {
  return endpoint.weight * part;
}
