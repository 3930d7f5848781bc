import type { Node } from "../../cluster/node.ts";
import { type Draw, isOpen } from "../picker.ts";
import { secondOf } from "../two-choices.ts";
import { hotColdScore, lessBusyThanHot } from "./hot-cold.ts";
import * as looking from "./looks.ts";

// Numbers of its own, for the sake of speed: see `told-load.ts`.
const { BUSY, busyAt, look, LOOK_WIDTH, record, SCORE, SLOW } = looking;

/** A slot for each of so many endpoints at most: among fewer no pool can be kept full. Source: the formula of reuse. */
export const DENSE = 24;
/** Slots compared by a pick: three are as good as all, and two are not, as both may be bad. By simulation. */
const COMPARED = 3;

/** Few endpoints: what is hot goes by all of them, and three drawn ones are compared. Source: reference 2.15, `dense`. */
export class DenseSlots {
  readonly #drawn = new Int32Array(COMPARED);
  readonly #looks = new Float64Array(COMPARED * LOOK_WIDTH);
  /** For each of those drawn: how many of all the nodes are less busy. */
  readonly #lessBusy = new Int32Array(COMPARED);

  /** @returns the index of the best node; below 0: none of those drawn is open */
  take(nodes: readonly Node[], draw: Draw): number {
    const looks = this.#looks;
    const compared = this.#draw(nodes.length, draw);
    for (let i = 0; i < compared; i++) look(looks, i * LOOK_WIDTH, this.#drawn[i]!, draw);
    this.#rank(nodes.length, draw);
    const hotFrom = lessBusyThanHot(nodes.length);
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < compared; i++) {
      const at = i * LOOK_WIDTH;
      const index = this.#drawn[i]!;
      const hot = this.#lessBusy[i]! >= hotFrom;
      const open = isOpen(nodes, index, draw);
      const score = open ? hotColdScore(looks[at + BUSY]!, looks[at + SLOW]!, hot) : Number.POSITIVE_INFINITY;
      looks[at + SCORE] = score;
      record(looks, at, index, draw);
      if (score >= least) continue;
      least = score;
      best = index;
    }
    return best;
  }

  /**
   * Counts for each of those compared how many are less busy. For each pick anew: what has become hot since the last one
   * is the first to be left alone.
   */
  #rank(count: number, { cells, places, nowMs }: Draw): void {
    const looks = this.#looks;
    const first = looks[BUSY]!;
    const second = looks[LOOK_WIDTH + BUSY]!;
    const third = looks[2 * LOOK_WIDTH + BUSY]!;
    let belowFirst = 0;
    let belowSecond = 0;
    let belowThird = 0;
    for (let i = 0; i < count; i++) {
      const busy = busyAt(cells, places[i * 2]!, nowMs);
      if (busy < first) belowFirst++;
      if (busy < second) belowSecond++;
      if (busy < third) belowThird++;
    }
    this.#lessBusy[0] = belowFirst;
    this.#lessBusy[1] = belowSecond;
    this.#lessBusy[2] = belowThird;
  }

  /** Fills `#drawn` with different ones, in an order of chance. @returns how many */
  #draw(count: number, draw: Draw): number {
    const drawn = this.#drawn;
    const first = draw.random.below(count);
    if (count <= COMPARED) {
      for (let i = 0; i < count; i++) drawn[i] = (first + i) % count;
      return count;
    }
    const second = secondOf(first, count, draw);
    // As with the second: stepped over both, the lower one first.
    let third = draw.random.below(count - 2);
    if (third >= Math.min(first, second)) third++;
    if (third >= Math.max(first, second)) third++;
    drawn[0] = first;
    drawn[1] = second;
    drawn[2] = third;
    return COMPARED;
  }
}
