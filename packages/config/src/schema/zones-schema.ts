import * as v from "valibot";
import type { ZonesInput } from "../input/policy-input.ts";
import { dictionary, record } from "./containers.ts";
import * as leaf from "./leaves.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

/** The form of `zones`. */
export const zonesSchema: leaf.Leaf<ZonesInput> = record({
  own: may(leaf.name(), "The zone of this process, as the registry spells it. Needed."),
  callers: may(
    dictionary(leaf.nameAsKey(), leaf.number(0, 1_000_000), "an object of zones and how many callers each has"),
    "How many callers there are in each zone. Absent: nobody knows, and each zone keeps its calls while five sevenths of it are there.",
  ),
});
