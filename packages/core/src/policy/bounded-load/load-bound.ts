import { PENDING, WEIGHT } from "../../cluster/node-cells.ts";
import type { Node } from "../../cluster/node.ts";
import type { Draw } from "../picker.ts";

/**
 * Bounds how far over its share an endpoint may be loaded before its keys go on to the next.
 *
 *   slots in all     = trunc(((attempts under way + 1) * factor + 99) / 100)       factor: 100 * maxLoad
 *   slots of one     = max(1, ceil(slots in all * its share of the weight))
 *   admitted         while it has no more under way than slots
 *
 * Source: Envoy `hash_balance_factor`, thread_aware_lb_impl.cc; Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing
 * with Bounded Loads". Cost: O(1).
 */
export class LoadBound {
  readonly #factor: number;
  #weight = 0;

  /** @param maxLoad 1.25: a quarter over its share. At least 1. @throws RangeError below that */
  constructor(maxLoad: number) {
    if (!(maxLoad >= 1)) throw new RangeError(`maxLoad ${maxLoad} is not a number from 1 on`);
    this.#factor = Math.round(maxLoad * 100);
  }

  arrange(nodes: readonly Node[]): void {
    this.#weight = nodes.reduce((sum, { weight }) => sum + weight, 0);
  }

  admits(index: number, { cells, places, pending }: Draw): boolean {
    const row = places[index * 2]!;
    const slots = Math.trunc(((pending + 1) * this.#factor + 99) / 100);
    return cells[row + PENDING]! <= Math.max(1, Math.ceil((slots * cells[row + WEIGHT]!) / this.#weight));
  }
}
