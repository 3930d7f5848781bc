import type { Node } from "../../cluster/node.ts";
import { type Draw, isOpen } from "../picker.ts";
import { HOT_QUANTILE, hotColdScore, hotLine } from "./hot-cold.ts";
import { AT, BUSY, look, LOOK_WIDTH, record, SCORE, SLOW, used } from "./looks.ts";
import { probeReuse } from "./probe-reuse.ts";
import { FRESH_MS } from "./told-load.ts";

/** Slots. Source: Prequal, m. */
const POOLED = 16;
/** Endpoints looked at for each pick. Source: Prequal, r_probe. */
export const LOOKED = 3;
/** Entries taken out for each pick. Source: Prequal, r_remove. */
const REMOVED = 1;
/** Where hot begins is worked out for every so many picks: it moves slowly. */
const PICKS_A_LINE = 8;
/** Entries in the record of a pick. */
const RECORDED = 4;

/**
 * What was seen of some endpoints lately: each pick looks at three more by chance, chooses among all that are in the
 * pool, and takes one out, the oldest and the worst in turn. So a pick compares sixteen at most however many there are,
 * and two clients seldom the same.
 *
 * An entry is good for some picks, each of which adds to its load, and for a second; a new one takes the slot of the
 * oldest. Source: Prequal; reference 2.15.
 */
export class ProbePool {
  readonly #looks = new Float64Array(POOLED * LOOK_WIDTH);
  /** Of each entry, in the list; below 0 where there is none. */
  readonly #indices: Int32Array = new Int32Array(POOLED).fill(-1);
  /** Picks that each entry is still good for. */
  readonly #uses = new Int32Array(POOLED);
  readonly #loads = new Float64Array(POOLED);
  /** The slot of each index of the list; below 0: none. */
  #slots = new Int8Array(0);
  /** The oldest slot: the next to be filled. */
  #oldest = 0;
  #reuse = 1;
  /** What rounding `#reuse` down has left. */
  #owed = 0;
  #line = 0;
  #picks = 0;

  /** The list has changed: what was seen of it stands at other places now. */
  reset(endpoints: number): void {
    this.#indices.fill(-1);
    this.#slots = new Int8Array(endpoints).fill(-1);
    this.#reuse = probeReuse(POOLED, endpoints, LOOKED, REMOVED) ?? 1;
    this.#picks = 0;
  }

  /** Takes in what is known of a node. One that is in already is seen anew. */
  add(index: number, draw: Draw): void {
    let slot = this.#slots[index]!;
    if (slot < 0) {
      slot = this.#oldest;
      this.#oldest = (slot + 1) % POOLED;
      this.#remove(slot);
      this.#slots[index] = slot;
      this.#indices[slot] = index;
    }
    look(this.#looks, slot * LOOK_WIDTH, index, draw);
    this.#owed += this.#reuse;
    const uses = Math.floor(this.#owed);
    this.#owed -= uses;
    this.#uses[slot] = uses;
  }

  /** @returns the index of the best node; below 0: there are not two to choose from, or the best is not open */
  take(nodes: readonly Node[], draw: Draw): number {
    const looks = this.#looks;
    const indices = this.#indices;
    const { nowMs } = draw;
    if (this.#picks++ % PICKS_A_LINE === 0) this.#renewLine();
    const line = this.#line;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    let worst = -1;
    let most = -1;
    let seen = 0;
    for (let slot = 0; slot < POOLED; slot++) {
      const at = slot * LOOK_WIDTH;
      if (indices[slot]! < 0) continue;
      if (Math.abs(nowMs - looks[at + AT]!) > FRESH_MS) {
        this.#remove(slot);
        continue;
      }
      seen++;
      const score = hotColdScore(looks[at + BUSY]!, looks[at + SLOW]!, line);
      looks[at + SCORE] = score;
      if (score < least) {
        least = score;
        best = slot;
      }
      if (score > most) {
        most = score;
        worst = slot;
      }
    }
    if (seen < 2) return -1;
    const index = indices[best]!;
    if (!isOpen(nodes, index, draw)) {
      this.#remove(best);
      return -1;
    }
    this.#record(best, seen, draw);
    used(looks, best * LOOK_WIDTH, index, draw);
    if (--this.#uses[best]! <= 0) this.#remove(best);
    this.#remove(this.#picks % 2 === 0 ? worst : this.#oldest);
    return index;
  }

  #renewLine(): void {
    let count = 0;
    for (let slot = 0; slot < POOLED; slot++) {
      if (this.#indices[slot]! >= 0) this.#loads[count++] = this.#looks[slot * LOOK_WIDTH + BUSY]!;
    }
    this.#line = hotLine(this.#loads, count, HOT_QUANTILE);
  }

  /** The chosen one first: only some are kept. */
  #record(best: number, seen: number, draw: Draw): void {
    const indices = this.#indices;
    record(this.#looks, best * LOOK_WIDTH, indices[best]!, draw);
    let recorded = 1;
    for (let slot = 0; slot < POOLED && recorded < RECORDED; slot++) {
      if (slot === best || indices[slot]! < 0) continue;
      record(this.#looks, slot * LOOK_WIDTH, indices[slot]!, draw);
      recorded++;
    }
    draw.record.more(seen - recorded);
  }

  /** Nothing when the slot is empty. */
  #remove(slot: number): void {
    const index = this.#indices[slot]!;
    if (index < 0) return;
    this.#slots[index] = -1;
    this.#indices[slot] = -1;
  }
}
