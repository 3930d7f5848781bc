import type { Node } from "../../cluster/node.ts";
import type { Picker } from "../picker.ts";
import { stridePicker } from "./stride-picker.ts";

/** Weights are taken over so often at most. Source: A58. */
const UPDATE_MS = 1_000;
/** With fewer known weights there is nothing to weigh against. Source: A58. */
const FEWEST_KNOWN = 2;

/**
 * Takes nodes in turn, in proportion to the weights that they themselves report with their answers (ORCA); one that
 * reports none has the mean of the others. While fewer than two report, by the weights of the registry.
 *
 * Weights are read anew once a second. Cost: as `stridePicker`, and O(endpoints) a second. Source: gRPC A58; reference
 * 2.2 (c), (d).
 */
export function reportedLoad(): Picker {
  return stridePicker("reported-load", weightsOf, UPDATE_MS);
}

function weightsOf(nodes: readonly Node[], nowMs: number): Float64Array {
  const reported = Float64Array.from(nodes, ({ report }) => report?.weight(nowMs) ?? 0);
  const known = reported.reduce((count, weight) => (weight > 0 ? count + 1 : count), 0);
  return known < FEWEST_KNOWN ? Float64Array.from(nodes, ({ endpoint }) => endpoint.weight) : reported;
}
