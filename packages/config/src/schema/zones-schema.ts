import * as v from "valibot";
import type { ZonesInput } from "../input/balancer-input.ts";
import { dictionary, record } from "./containers.ts";
import * as leaf from "./leaves.ts";
import { orVariable } from "./or-variable.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

/** The form of `zones`. */
export const zonesSchema: leaf.Leaf<ZonesInput> = record({
  own: may(
    orVariable(leaf.name(), "a zone", "zones do not count, and picks say so"),
    "The zone of this process, as the registry spells it, or the environment variable that has it: `{ env: ZONE }`. Absent: what the registry says of `discovery.self`.",
  ),
  callers: may(
    dictionary(leaf.nameAsKey(), leaf.number(0, 1_000_000), "an object of zones and how many callers each has"),
    "How many callers there are in each zone. Absent: as many as there are of `discovery.self` in the registry; where it knows none, each zone keeps its calls while five sevenths of it are there.",
  ),
  spill: may(
    record({
      latencyFactor: may(leaf.number(0, 1_000), "So many times the latency of the other zones. 0: never."),
      healthyRatio: may(leaf.ratio(), "Part of the zone that is fit, where all of the others is. 0: never."),
    }),
    "When calls leave a zone that has room for them, but does badly.",
  ),
});
