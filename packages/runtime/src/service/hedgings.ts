import { isDeepStrictEqual } from "node:util";
import type { CallPolicy, ServicePolicy } from "@weft/config";
import { Hedging } from "@weft/core";

/** What was measured for hedging, by the policy it was measured under: the calls of one rule may take another time. */
export type Hedgings = ReadonlyMap<CallPolicy, Hedging>;

/** One for the service and each of its rules that hedge. Those that hedge as before keep what was measured. */
export function hedgingsOf(policy: ServicePolicy, before?: ServicePolicy, measured?: Hedgings): Hedgings {
  const earlier = before === undefined ? [] : waysOf(before);
  const hedgings = new Map<CallPolicy, Hedging>();
  waysOf(policy).forEach((way, i) => {
    if (way.hedge === undefined) return;
    const same = earlier[i] !== undefined && isDeepStrictEqual(earlier[i].hedge, way.hedge);
    const known = same ? measured?.get(earlier[i]!) : undefined;
    hedgings.set(way, known ?? new Hedging(way.hedge));
  });
  return hedgings;
}

function waysOf(policy: ServicePolicy): readonly CallPolicy[] {
  return [policy, ...policy.rules.map((rule) => rule.policy)];
}
