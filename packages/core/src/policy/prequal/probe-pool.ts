import type { Node } from "../../cluster/node.ts";
import { type Draw, isOpen } from "../picker.ts";
import { HOT_QUANTILE, hotLine } from "./hot-cold.ts";
import { AT, BUSY, FRESH_MS, INDEX, look, LOOK_WIDTH, record, score, SCORE, used } from "./looks.ts";
import { probeReuse } from "./probe-reuse.ts";

/** Entries. Source: Prequal, m. */
export const POOLED = 16;
/** Endpoints looked at for each pick. Source: Prequal, r_probe. */
export const LOOKED = 3;
/** Entries taken out for each pick. Source: Prequal, r_remove. */
const REMOVED = 1;

/**
 * What was seen of some endpoints lately: each pick looks at three more by chance, chooses among all that are in the
 * pool, and takes one out, the oldest and the worst in turn. So a pick compares sixteen however many there are, and two
 * clients seldom the same.
 *
 * An entry is good for some picks, each of which adds to its load, and for a second. Source: Prequal; reference 2.15.
 */
export class ProbePool {
  readonly #looks = new Float64Array(POOLED * LOOK_WIDTH);
  readonly #uses = new Float64Array(POOLED);
  #size = 0;
  #reuse = 1;
  #oldestNext = false;

  /** The list has changed: what was seen of it stands at other places now. */
  reset(endpoints: number): void {
    this.#size = 0;
    this.#reuse = probeReuse(POOLED, endpoints, LOOKED, REMOVED) ?? 1;
  }

  /** Takes in what is known of a node. One that is in already is seen anew. */
  add(nodes: readonly Node[], index: number, draw: Draw): void {
    const looks = this.#looks;
    let entry = 0;
    while (entry < this.#size && looks[entry * LOOK_WIDTH + INDEX] !== index) entry++;
    if (entry === POOLED) this.#remove(this.#oldest());
    if (entry >= this.#size) entry = this.#size++;
    look(looks, entry * LOOK_WIDTH, nodes, index, draw);
    const certain = Math.floor(this.#reuse);
    this.#uses[entry] = certain + (draw.random.unit() < this.#reuse - certain ? 1 : 0);
  }

  /** @returns the index of the best node; below 0: fewer than two are there to choose from */
  take(nodes: readonly Node[], draw: Draw): number {
    this.#expire(draw.nowMs);
    const looks = this.#looks;
    const line = hotLine(looks, BUSY, LOOK_WIDTH, this.#size, HOT_QUANTILE);
    let best = -1;
    let open = 0;
    for (let entry = 0; entry < this.#size; entry++) {
      const at = entry * LOOK_WIDTH;
      score(looks, at, line);
      if (!isOpen(nodes, looks[at + INDEX]!, draw)) continue;
      open++;
      if (best < 0 || looks[at + SCORE]! < looks[best * LOOK_WIDTH + SCORE]!) best = entry;
    }
    if (open < 2) return -1;
    this.#record(best, draw);
    const index = looks[best * LOOK_WIDTH + INDEX]!;
    used(looks, best * LOOK_WIDTH, draw);
    if (--this.#uses[best]! <= 0) this.#remove(best);
    this.#removeOne();
    return index;
  }

  /** The chosen one first: of the others only some are kept. */
  #record(best: number, draw: Draw): void {
    record(this.#looks, best * LOOK_WIDTH, draw);
    for (let entry = 0; entry < this.#size; entry++) {
      if (entry !== best) record(this.#looks, entry * LOOK_WIDTH, draw);
    }
  }

  #expire(nowMs: number): void {
    for (let entry = this.#size - 1; entry >= 0; entry--) {
      if (nowMs - this.#looks[entry * LOOK_WIDTH + AT]! > FRESH_MS) this.#remove(entry);
    }
  }

  /** In turn the oldest, which tells of the past, and the worst, which would never be chosen and never leave. */
  #removeOne(): void {
    if (this.#size === 0) return;
    this.#oldestNext = !this.#oldestNext;
    this.#remove(this.#oldestNext ? this.#oldest() : this.#most(SCORE));
  }

  #oldest(): number {
    let oldest = 0;
    for (let entry = 1; entry < this.#size; entry++) {
      if (this.#looks[entry * LOOK_WIDTH + AT]! < this.#looks[oldest * LOOK_WIDTH + AT]!) oldest = entry;
    }
    return oldest;
  }

  #most(of: number): number {
    let most = 0;
    for (let entry = 1; entry < this.#size; entry++) {
      if (this.#looks[entry * LOOK_WIDTH + of]! > this.#looks[most * LOOK_WIDTH + of]!) most = entry;
    }
    return most;
  }

  /** The last entry takes its place. */
  #remove(entry: number): void {
    const last = --this.#size;
    this.#looks.copyWithin(entry * LOOK_WIDTH, last * LOOK_WIDTH, (last + 1) * LOOK_WIDTH);
    this.#uses[entry] = this.#uses[last]!;
  }
}
