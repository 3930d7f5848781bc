import { WEIGHT } from "../../cluster/node-cells.ts";
import type { Node } from "../../cluster/node.ts";
import { type Draw, isOpen } from "../picker.ts";
import { secondOf } from "../two-choices.ts";
import { HOT_QUANTILE, hotLine } from "./hot-cold.ts";
import { inFlightAt, INDEX, look, LOOK_WIDTH, record, score, SCORE } from "./looks.ts";

/** A slot for each of so many endpoints at most: among fewer no pool can be kept full. Source: the formula of reuse. */
export const DENSE = 24;
/** Slots compared by a pick. All of them, and clients that know the same would all choose the same. By simulation. */
const COMPARED = 3;

/** Few endpoints: what is hot goes by all of them, and three drawn ones are compared. Source: reference 2.15, `dense`. */
export class DenseSlots {
  readonly #loads = new Float64Array(DENSE);
  readonly #open = new Int32Array(DENSE);
  readonly #drawn = new Int32Array(COMPARED);
  readonly #looks = new Float64Array(COMPARED * LOOK_WIDTH);

  /** @returns the index of the best node; below 0: none is open */
  take(nodes: readonly Node[], draw: Draw): number {
    const count = this.#findOpen(nodes, draw);
    if (count === 0) return -1;
    const looks = this.#looks;
    const line = hotLine(this.#loads, 0, 1, count, HOT_QUANTILE);
    const compared = this.#draw(count, draw);
    let best = 0;
    for (let i = 0; i < compared; i++) {
      const at = i * LOOK_WIDTH;
      look(looks, at, nodes, this.#drawn[i]!, draw);
      score(looks, at, line);
      record(looks, at, draw);
      if (looks[at + SCORE]! < looks[best + SCORE]!) best = at;
    }
    return looks[best + INDEX]!;
  }

  /** Fills `#open` and `#loads`. @returns how many are open */
  #findOpen(nodes: readonly Node[], draw: Draw): number {
    let count = 0;
    for (let i = 0; i < nodes.length; i++) {
      if (!isOpen(nodes, i, draw)) continue;
      const row = draw.places[i * 2]!;
      this.#open[count] = i;
      this.#loads[count++] = (inFlightAt(nodes[i]!, row, draw) + 1) / draw.cells[row + WEIGHT]!;
    }
    return count;
  }

  /** Fills `#drawn` with different ones of those open, in an order of chance. @returns how many */
  #draw(count: number, draw: Draw): number {
    const open = this.#open;
    const drawn = this.#drawn;
    const first = draw.random.below(count);
    if (count <= COMPARED) {
      for (let i = 0; i < count; i++) drawn[i] = open[(first + i) % count]!;
      return count;
    }
    const second = secondOf(first, count, draw);
    // As with the second: stepped over both, the lower one first.
    let third = draw.random.below(count - 2);
    if (third >= Math.min(first, second)) third++;
    if (third >= Math.max(first, second)) third++;
    drawn[0] = open[first]!;
    drawn[1] = open[second]!;
    drawn[2] = open[third]!;
    return COMPARED;
  }
}
