import { openFrom, type Picker } from "../picker.ts";

/**
 * Takes the first node that is below its limit, in the order of the registry, so that those at the end stay idle and
 * can be switched off. Source: HAProxy `balance first`.
 *
 * Cost: one step for each full endpoint before the one taken, so at most calls in flight / callsPerEndpoint.
 */
export function first(): Picker {
  return {
    kind: "first",
    arrange() {},
    pick: (nodes, draw) => openFrom(nodes, 0, draw),
  };
}
