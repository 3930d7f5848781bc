import { ABSENCE_CODES, ejectionCode } from "../decision/decision.ts";
import { ABSENT_WIDTH, MOST_ABSENT } from "../decision/record.ts";
import type { Node } from "./node.ts";
import { absencesOf, type Usable } from "./usable.ts";

/**
 * The endpoints that take no traffic, as picks write them into their records: four numbers for each, the node's, why,
 * until when, and what ejected it. Three at most, ejected ones first; made when the membership is arranged, so that picks copy numbers.
 */
export function absentNodes(ejected: readonly Node[], all: readonly Node[], usable: Usable): Float64Array {
  const absent = ejected.slice(0, MOST_ABSENT);
  for (let i = 0; i < all.length && absent.length < MOST_ABSENT; i++) {
    const node = all[i]!;
    if (!node.available && !absent.includes(node)) absent.push(node);
  }
  const numbers = new Float64Array(absent.length * ABSENT_WIDTH);
  absent.forEach((node, i) => {
    const { state } = node.fitness;
    const [why = "ejected"] = absencesOf(node, usable);
    const at = i * ABSENT_WIDTH;
    numbers[at] = node.number;
    numbers[at + 1] = ABSENCE_CODES[why];
    numbers[at + 2] = state.kind === "ejected" ? state.untilMs : Number.POSITIVE_INFINITY;
    numbers[at + 3] = state.kind === "ejected" ? ejectionCode(state.reason) : 0;
  });
  return numbers;
}
