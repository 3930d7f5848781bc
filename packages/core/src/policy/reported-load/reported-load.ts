import type { Node } from "../../cluster/node.ts";
import { openFrom, type Picker } from "../picker.ts";
import { hasTurn, strideWeights } from "./static-stride.ts";

/** Weights are taken over so often at most. Source: A58. */
const UPDATE_MS = 1_000;
/** With fewer known weights there is nothing to weigh against. Source: A58. */
const FEWEST_KNOWN = 2;

/**
 * Takes nodes in turn, in proportion to the weights that they themselves report with their answers (ORCA); one that
 * reports none has the mean of the others. While fewer than two report, by the weights of the registry.
 *
 * Weights are read anew once a second and scheduled by static stride, which needs no state but a counter. Cost: O(1) for
 * a pick while weights are alike, O(greatest weight / mean) else; O(endpoints) a second. Source: gRPC A58; reference 2.2 (c), (d).
 */
export function reportedLoad(): Picker {
  let turn = -1;
  /** When the weights were read; -Infinity: they are to be. */
  let readMs = Number.NEGATIVE_INFINITY;
  let weights: Uint16Array = new Uint16Array(0);
  return {
    kind: "reported-load",
    arrange(nodes, random) {
      // From a turn of chance on: else each fresh client begins with the same endpoint.
      if (turn < 0 && nodes.length > 0) turn = random.below(2 ** 16);
      readMs = Number.NEGATIVE_INFINITY;
    },
    pick(nodes, draw) {
      if (nodes.length === 0) return undefined;
      // Also when the clock was set back.
      if (draw.nowMs - readMs >= UPDATE_MS || draw.nowMs < readMs) {
        weights = strideWeights(weightsOf(nodes, draw.nowMs));
        readMs = draw.nowMs;
      }
      while (!hasTurn(weights, turn)) turn = next(turn);
      const index = turn % weights.length;
      turn = next(turn);
      return openFrom(nodes, index, draw);
    },
  };
}

/** Times a weight it stays a whole number that a double holds. */
function next(turn: number): number {
  return turn + 1 < 2 ** 36 ? turn + 1 : 0;
}

function weightsOf(nodes: readonly Node[], nowMs: number): Float64Array {
  const reported = Float64Array.from(nodes, ({ report }) => report?.weight(nowMs) ?? 0);
  const known = reported.reduce((count, weight) => (weight > 0 ? count + 1 : count), 0);
  return known < FEWEST_KNOWN ? Float64Array.from(nodes, ({ endpoint }) => endpoint.weight) : reported;
}
