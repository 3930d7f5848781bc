import * as v from "valibot";
import type * as input from "../input/balancer-input.ts";
import { BALANCER_KINDS, HASH_ON_WORDS, RING_HASHES } from "../input/balancer-input.ts";
import { either, list, oneForm, record } from "./containers.ts";
import * as leaf from "./leaves.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

const cookie: leaf.Leaf<input.HashCookieInput> = record({
  name: v.pipe(leaf.token("the name of a cookie"), v.description("The cookie whose value is hashed.")),
  ttl: may(
    leaf.duration("zero allowed"),
    "Callers without the cookie are given one for so long; `0s`: until they close. Absent: they are not.",
  ),
  path: may(leaf.cookiePath(), "The path that it is given for; `/` when absent."),
});

const form = oneForm<Exclude<input.HashOnInput, string>>(
  {
    header: may(leaf.token("the name of a header"), "The header whose value is hashed."),
    cookie: may(
      either([leaf.token("the name of a cookie"), cookie], "the name of a cookie or an object"),
      "The cookie whose value is hashed.",
    ),
    query: may(
      leaf.text(/^[^\s&=#]{1,256}$/, "the name of a query parameter"),
      "The query parameter whose value is hashed, as it is written.",
    ),
    terminal: may(leaf.yesOrNo(), "When it yields something, those after it are not looked at."),
  },
  { forms: ["header", "cookie", "query"] },
);
const hashOn: leaf.Leaf<input.HashOnInput> = either(
  [leaf.oneOf(HASH_ON_WORDS), form],
  `${HASH_ON_WORDS.join(" or ")}, or an object`,
);

const points = () => leaf.wholeNumber(1, 8_388_608);
const ring: leaf.Leaf<input.RingInput> = record({
  min: may(points(), "Points, at least."),
  max: may(points(), "Points, at most: one endpoint of weight 1 beside one of a million asks for many."),
  hash: may(leaf.oneOf(RING_HASHES), "Of the points."),
});

/** The form of `balancer`. */
export const balancerSchema: leaf.Leaf<input.BalancerInput> = record({
  kind: may(leaf.oneOf(BALANCER_KINDS), "How an endpoint is picked."),
  hashOn: may(
    list(hashOn, 1, "things to hash"),
    "With ring-hash, maglev or ketama, and needed there: what of a call is hashed. All that it has are combined.",
  ),
  ring: may(ring, "With ring-hash: its ring."),
  slots: may(leaf.wholeNumber(3, 5_000_011), "With maglev: slots of its table, a prime."),
  maxLoad: may(
    leaf.number(1, 100),
    "With a balancer that hashes: how much over its share an endpoint may have under way before its keys go elsewhere; 1.25 is a quarter. Absent: however much.",
  ),
  reportsWeigh: may(
    leaf.yesOrNo(),
    "With a balancer that goes by weights, or bounds loads: weights count times what endpoints report of their load (ORCA).",
  ),
});
