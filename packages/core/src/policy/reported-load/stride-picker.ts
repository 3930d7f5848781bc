import type { Node } from "../../cluster/node.ts";
import { openFrom, type Picker } from "../picker.ts";
import { hasTurn, strideWeights } from "./static-stride.ts";

/**
 * Takes nodes in turn, in proportion to weights that change: by static stride, which needs no state but a counter. That
 * goes on from where it was, whatever the weights become; a sequence that began anew each time would always begin with
 * the heaviest. Cost: O(1) for a pick while weights are alike, O(greatest weight / mean) else.
 *
 * @param weightsOf read when the list changed, and again after `updateMs`
 */
export function stridePicker(
  kind: string,
  weightsOf: (nodes: readonly Node[], nowMs: number) => ArrayLike<number>,
  updateMs: number = Number.POSITIVE_INFINITY,
): Picker {
  let turn = -1;
  /** When the weights were read; -Infinity: they are to be. */
  let readMs = Number.NEGATIVE_INFINITY;
  let weights: Uint16Array = new Uint16Array(0);
  return {
    kind,
    arrange(nodes, random) {
      // From a turn of chance on: else each fresh client begins with the same endpoint.
      if (turn < 0 && nodes.length > 0) turn = random.below(2 ** 16);
      readMs = Number.NEGATIVE_INFINITY;
    },
    pick(nodes, draw) {
      if (nodes.length === 0) return undefined;
      // Also when the clock was set back.
      if (draw.nowMs - readMs >= updateMs || draw.nowMs < readMs) {
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
