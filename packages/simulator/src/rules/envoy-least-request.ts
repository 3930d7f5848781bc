import { isOpen, openFrom, type Picker, taken } from "@weft/core";

/**
 * Envoy's least request: of two endpoints drawn with replacement, the one with fewer attempts under way; the first of
 * equal ones. For comparison only: with two endpoints the busier one still gets a quarter of the picks.
 *
 * Source: envoyproxy/envoy least_request_lb.cc, choice_count 2, equal weights.
 */
export function envoyLeastRequest(): Picker {
  return {
    kind: "envoy-least-request",
    arrange() {},
    pick(nodes, draw) {
      if (nodes.length === 0) return undefined;
      const a = draw.random.below(nodes.length);
      const b = draw.random.below(nodes.length);
      const best = nodes[b]!.pending < nodes[a]!.pending ? b : a;
      return isOpen(nodes, best, draw) ? taken(nodes, best, draw) : openFrom(nodes, best, draw);
    },
  };
}
