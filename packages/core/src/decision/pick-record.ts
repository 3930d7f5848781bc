import type { Node } from "../cluster/node.ts";

/** Where a picker says what it looked at. */
export interface PickRecord {
  /**
   * @param load      what was compared; 0 where the picker compares nothing, Infinity for a node that is not open
   * @param latencyMs the latency part of it, 0 where there is none
   * @param failures  the failure part, in [0, 1]
   */
  candidate(node: Node, load: number, latencyMs: number, failures: number): void;
}
