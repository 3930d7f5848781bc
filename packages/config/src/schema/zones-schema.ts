import * as v from "valibot";
import type { ZonesInput } from "../input/balancer-input.ts";
import { dictionary, either, record } from "./containers.ts";
import * as leaf from "./leaves.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

const fromEnvironment: leaf.Leaf<{ readonly env: string }> = record({
  env: v.pipe(
    leaf.text(/^[A-Za-z_][A-Za-z0-9_]{0,255}$/, "the name of an environment variable"),
    v.description("The variable that has it. Not set: zones do not count, and picks say so."),
  ),
});

/** The form of `zones`. */
export const zonesSchema: leaf.Leaf<ZonesInput> = record({
  own: may(
    either([leaf.name(), fromEnvironment], 'a zone, or the environment variable that has it as { env: "ZONE" }'),
    "The zone of this process, as the registry spells it, or the environment variable that has it: `{ env: ZONE }`. Needed.",
  ),
  callers: may(
    dictionary(leaf.nameAsKey(), leaf.number(0, 1_000_000), "an object of zones and how many callers each has"),
    "How many callers there are in each zone. Absent: nobody knows, and each zone keeps its calls while five sevenths of it are there.",
  ),
});
