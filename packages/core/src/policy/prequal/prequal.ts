import { FAILURES_AT } from "../../cluster/node-cells.ts";
import type { Node } from "../../cluster/node.ts";
import { UNSEEN } from "../../decision/pick-record.ts";
import { type Draw, isOpen, openFrom, type Picker } from "../picker.ts";
import { DENSE, DenseSlots } from "./dense-slots.ts";
import { isUnseen, look, LOOK_WIDTH, record, SCORE } from "./looks.ts";
import { ProbePool } from "./probe-pool.ts";

/** Of so many picks one may go to an endpoint of which nothing was heard lately. */
const PICKS_FOR_UNSEEN = 100;

/**
 * Takes the endpoint that answers soonest among those that are not hot, by what endpoints say of themselves with their
 * answers: how many requests they have in flight, and what one takes.
 *
 *   hot    in flight / weight above the 84 % quantile, or more than a quarter of its attempts fail
 *   cold   the lowest  latency * sqrt(1 + 150 f^2)  wins; when all are hot, the fewest in flight
 *
 * Up to 24 endpoints, what is hot goes by all of them, and three drawn ones are compared; of more, a pool of sixteen is
 * kept that changes with each pick. No probes are sent: an endpoint of which nothing was heard for a second gets one pick
 * in a hundred. Who reports nothing is judged by our own attempts at it, and what they took.
 * Source: Prequal (NSDI 2024), changed as reference 2.15 has it. Cost: O(1), among up to 24 endpoints O(endpoints).
 */
export function prequal(): Picker {
  const slots = new DenseSlots();
  const pool = new ProbePool();
  const unseen = new Float64Array(LOOK_WIDTH);
  let picks = 0;
  return {
    kind: "prequal",
    arrange: (nodes) => pool.reset(nodes.length),
    pick(nodes, draw) {
      if (nodes.length === 0) return undefined;
      if (++picks >= PICKS_FOR_UNSEEN) {
        picks = 0;
        const index = unseenOf(nodes, draw);
        if (index >= 0) {
          look(unseen, 0, index, draw);
          unseen[SCORE] = UNSEEN;
          record(unseen, 0, index, draw);
          return nodes[index];
        }
      }
      let index: number;
      if (nodes.length <= DENSE) index = slots.take(nodes, draw);
      else {
        pool.look(nodes.length, draw);
        index = pool.take(nodes, draw);
      }
      return index < 0 ? openFrom(nodes, draw.random.below(nodes.length), draw) : nodes[index];
    },
  };
}

/** The one of which nothing was heard for the longest, of some from anywhere in the list. Below 0: of each of them was. */
function unseenOf(nodes: readonly Node[], draw: Draw): number {
  const start = draw.random.below(nodes.length);
  let found = -1;
  let sinceMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < Math.min(nodes.length, DENSE); i++) {
    const index = (start + i) % nodes.length;
    const row = draw.places[index * 2]!;
    const heardMs = draw.cells[row + FAILURES_AT]!;
    if (!isUnseen(row, draw) || !isOpen(nodes, index, draw)) continue;
    if (found >= 0 && heardMs >= sinceMs) continue;
    found = index;
    sinceMs = heardMs;
  }
  return found;
}
