import { SET_BACK_MS } from "../time/time.ts";
import type { Node } from "./node.ts";

/** Reports are weighed anew so often at most. Source: gRPC A58. */
const REVIEW_MS = 1_000;
/** With fewer known ones there is nothing to weigh against. Source: gRPC A58. */
const FEWEST_KNOWN = 2;
/** Ratios stand on a scale of so many steps for each doubling: reports that waver by a few per cent change nothing. */
const STEPS = 8;
/** Steps to either side of 1, at most: nobody counts for 100 times as much as another. Source: reference 5. */
const MOST_STEPS = 26;

/**
 * Multiplies the weights of nodes with what they report of themselves.
 *
 *   ratio = weight by its report / mean of those known       1 for who reports nothing, and while fewer than two do
 *
 * Whole steps of an eighth of a doubling, 1 to 90 between any two. Holds no timer: a pick that finds it due reviews.
 * Cost: a comparison for a pick; O(nodes) once a second.
 */
export class ReportedWeights {
  /** Whether reports weigh: then a pick asks `isDue`. */
  active: boolean;
  #dueMs = Number.NEGATIVE_INFINITY;

  constructor(active: boolean) {
    this.active = active;
  }

  /** Also when the clock was set back. */
  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueMs || nowMs < this.#dueMs - REVIEW_MS - SET_BACK_MS;
  }

  /** @returns whether a weight changed */
  configure(active: boolean, nodes: readonly Node[], nowMs: number): boolean {
    if (active === this.active) return false;
    this.active = active;
    return this.review(nodes, nowMs);
  }

  /** @returns whether a weight changed */
  review(nodes: readonly Node[], nowMs: number): boolean {
    this.#dueMs = nowMs + REVIEW_MS;
    const weights = Float64Array.from(nodes, ({ report }) => (this.active ? (report?.weight(nowMs) ?? 0) : 0));
    let sum = 0;
    let known = 0;
    for (const weight of weights) {
      sum += weight;
      if (weight > 0) known++;
    }
    let changed = false;
    nodes.forEach((node, i) => {
      const weight = weights[i]!;
      const ratio = weight === 0 || known < FEWEST_KNOWN ? 1 : stepped((weight * known) / sum);
      if (ratio === node.reportedRatio) return;
      node.reportedRatio = ratio;
      changed = true;
    });
    return changed;
  }
}

function stepped(ratio: number): number {
  const steps = Math.round(Math.log2(ratio) * STEPS);
  return 2 ** (Math.min(MOST_STEPS, Math.max(-MOST_STEPS, steps)) / STEPS);
}
