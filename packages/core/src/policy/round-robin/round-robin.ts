import { isOpen, type Picker, taken } from "../picker.ts";

/**
 * Takes the nodes in turn, whatever their weight.
 *
 * Starts at a random one: otherwise every fresh client sends its first call to the first endpoint
 * (envoyproxy/envoy#2593, #37369). Cost: O(1).
 */
export function roundRobin(): Picker {
  let next = -1;
  return {
    kind: "round-robin",
    arrange(nodes, random) {
      if (next < 0 && nodes.length > 0) next = random.below(nodes.length);
    },
    pick(nodes, draw) {
      for (let tries = 0; tries < nodes.length; tries++) {
        if (next >= nodes.length) next = 0;
        const index = next++;
        if (isOpen(nodes, index, draw)) return taken(nodes, index, draw);
      }
      return undefined;
    },
  };
}
