import * as v from "valibot";
import type { SubsetInput } from "../input/balancer-input.ts";
import { dictionary, either, record } from "./containers.ts";
import * as leaf from "./leaves.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

const labels = () =>
  dictionary(
    leaf.nameAsKey(),
    leaf.text(/^[^\r\n\0]{0,512}$/, "the value of a label"),
    "an object of labels and their values",
  );

/** The form of `subset`. */
export const subsetSchema: leaf.Leaf<SubsetInput> = record({
  labels: may(labels(), "What an endpoint must have in its metadata, all of it. Absent: any endpoint will do."),
  fallback: may(
    either([leaf.oneOf(["none", "any"]), labels()], "none, any or an object of labels"),
    "Who is used when no endpoint has the labels: nobody, any, or those with other labels.",
  ),
  size: may(
    either([leaf.oneOf(["auto"]), leaf.wholeNumber(1, 10_000)], "auto or a whole number in 1..10000"),
    "How many of them this process uses: others than another process does. At least so many where the registry knows this process among its like (`discovery.self`), and then all together use all alike. `auto`: 20 of more than 50 there, and all elsewhere.",
  ),
});
