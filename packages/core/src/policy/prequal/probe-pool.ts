import type { Node } from "../../cluster/node.ts";
import { type Draw, isOpen } from "../picker.ts";
import { HOT_QUANTILE, hotColdScore, hotLine } from "./hot-cold.ts";
import * as looking from "./looks.ts";
import { probeReuse } from "./probe-reuse.ts";
import { FRESH_MS } from "./told-load.ts";

// Numbers of its own, for the sake of speed: see `told-load.ts`.
const { AT, BUSY, look, LOOK_WIDTH, record, SCORE, SLOW, used } = looking;

/** Slots. Source: Prequal, m. */
const POOLED = 16;
/** Endpoints looked at for each pick. Source: Prequal, r_probe. */
const LOOKED = 3;
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
  /** What is compared: kept when something changes, as a pick changes four of sixteen. Infinity where there is none. */
  readonly #scores: Float64Array = new Float64Array(POOLED).fill(Number.POSITIVE_INFINITY);
  /** Of each entry, in the list; below 0 where there is none. */
  readonly #indices: Int32Array = new Int32Array(POOLED).fill(-1);
  /** Picks that each entry is still good for. */
  readonly #uses = new Int32Array(POOLED);
  readonly #loads = new Float64Array(POOLED);
  readonly #drawn = new Int32Array(LOOKED);
  /** The slot of each index of the list; below 0: none. */
  #slots = new Int8Array(0);
  #entries = 0;
  /** No entry was seen before that: until it is a second ago, none is too old. -Infinity: not known. */
  #sinceMs = Number.POSITIVE_INFINITY;
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
    this.#scores.fill(Number.POSITIVE_INFINITY);
    this.#slots = new Int8Array(endpoints).fill(-1);
    this.#entries = 0;
    this.#reuse = probeReuse(POOLED, endpoints, LOOKED, REMOVED) ?? 1;
    this.#picks = 0;
  }

  /** Looks at some more of so many nodes. */
  look(endpoints: number, draw: Draw): void {
    const drawn = this.#drawn;
    // All first: the memory of the one is fetched while another is looked at.
    for (let i = 0; i < LOOKED; i++) drawn[i] = draw.random.below(endpoints);
    for (let i = 0; i < LOOKED; i++) this.#add(drawn[i]!, draw);
  }

  /** Takes in what is known of a node. One that is in already is seen anew. */
  #add(index: number, draw: Draw): void {
    let slot = this.#slots[index]!;
    if (slot < 0) {
      slot = this.#oldest;
      this.#oldest = slot + 1 < POOLED ? slot + 1 : 0;
      this.#remove(slot);
      this.#slots[index] = slot;
      this.#indices[slot] = index;
      this.#entries++;
    }
    look(this.#looks, slot * LOOK_WIDTH, index, draw);
    this.#score(slot);
    this.#owed += this.#reuse;
    const uses = Math.floor(this.#owed);
    this.#owed -= uses;
    this.#uses[slot] = uses;
    if (draw.nowMs < this.#sinceMs) this.#sinceMs = Number.NEGATIVE_INFINITY;
  }

  /** @returns the index of the best node; below 0: there are not two to choose from, or the best is not open */
  take(nodes: readonly Node[], draw: Draw): number {
    if (this.#picks++ % PICKS_A_LINE === 0) this.#renewLine();
    if (Math.abs(draw.nowMs - this.#sinceMs) > FRESH_MS) this.#dropOld(draw.nowMs);
    if (this.#entries < 2) return -1;
    const best = this.#best();
    const index = this.#indices[best]!;
    if (!isOpen(nodes, index, draw)) {
      this.#remove(best);
      return -1;
    }
    this.#record(best, draw);
    const last = this.#picks % 2 === 0 ? this.#worst() : this.#oldest;
    used(this.#looks, best * LOOK_WIDTH, index, draw);
    if (--this.#uses[best]! <= 0) this.#remove(best);
    else this.#score(best);
    this.#remove(last);
    return index;
  }

  /** The slot with the lowest score. Only where there is one. */
  #best(): number {
    const scores = this.#scores;
    let best = 0;
    let least = scores[0]!;
    for (let slot = 1; slot < POOLED; slot++) {
      const score = scores[slot]!;
      if (score >= least) continue;
      least = score;
      best = slot;
    }
    return best;
  }

  /** The slot with the highest. Only where there is one. */
  #worst(): number {
    const scores = this.#scores;
    let worst = -1;
    let most = -1;
    for (let slot = 0; slot < POOLED; slot++) {
      const score = scores[slot]!;
      if (score <= most || score === Number.POSITIVE_INFINITY) continue;
      most = score;
      worst = slot;
    }
    return worst;
  }

  #score(slot: number): void {
    const looks = this.#looks;
    const at = slot * LOOK_WIDTH;
    const busy = looks[at + BUSY]!;
    looks[at + SCORE] = this.#scores[slot] = hotColdScore(busy, looks[at + SLOW]!, busy > this.#line);
  }

  /** By what was seen, also of those that are too old to be taken. */
  #renewLine(): void {
    let count = 0;
    for (let slot = 0; slot < POOLED; slot++) {
      if (this.#indices[slot]! >= 0) this.#loads[count++] = this.#looks[slot * LOOK_WIDTH + BUSY]!;
    }
    this.#line = hotLine(this.#loads, count, HOT_QUANTILE);
    for (let slot = 0; slot < POOLED; slot++) if (this.#indices[slot]! >= 0) this.#score(slot);
  }

  /** What was seen more than a second ago, or is to be by a clock that was set back. */
  #dropOld(nowMs: number): void {
    let sinceMs = nowMs;
    for (let slot = 0; slot < POOLED; slot++) {
      if (this.#indices[slot]! < 0) continue;
      const atMs = this.#looks[slot * LOOK_WIDTH + AT]!;
      if (Math.abs(nowMs - atMs) > FRESH_MS) this.#remove(slot);
      else if (atMs < sinceMs) sinceMs = atMs;
    }
    this.#sinceMs = sinceMs;
  }

  /** The chosen one first: only some are kept. */
  #record(best: number, draw: Draw): void {
    const indices = this.#indices;
    record(this.#looks, best * LOOK_WIDTH, indices[best]!, draw);
    let recorded = 1;
    for (let slot = 0; slot < POOLED && recorded < RECORDED; slot++) {
      if (slot === best || indices[slot]! < 0) continue;
      record(this.#looks, slot * LOOK_WIDTH, indices[slot]!, draw);
      recorded++;
    }
    draw.record.more(this.#entries - recorded);
  }

  /** Nothing when the slot is empty. */
  #remove(slot: number): void {
    const index = this.#indices[slot]!;
    if (index < 0) return;
    this.#slots[index] = -1;
    this.#indices[slot] = -1;
    this.#scores[slot] = Number.POSITIVE_INFINITY;
    this.#entries--;
  }
}
