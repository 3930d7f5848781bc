import {
  duration,
  either,
  file,
  type Leaf,
  list,
  number,
  oneForm,
  oneOf,
  ratio,
  record,
  serviceBeside,
  serviceSchema,
  text,
  wholeNumber,
  yesOrNo,
} from "@weft/config/forms";
import * as v from "valibot";
import { RULE_NAMES } from "./scenario.ts";
import type * as input from "./scenario-input.ts";

const says = v.description;
const may = <T>(schema: Leaf<T>, meaning: string) => v.optional(v.pipe(schema, says(meaning)));
const must = <T>(schema: Leaf<T>, meaning: string) => v.pipe(schema, says(meaning));

const latency = oneForm<input.LatencyInput>(
  {
    constant: may(duration("zero allowed"), "Always the same."),
    exponential: may(record({ mean: must(duration(), "The mean.") }), "Exponential: the median is 0.69 of the mean."),
    lognormal: may(
      record({ p50: must(duration(), "The median."), p99: must(duration(), "One in a hundred takes longer.") }),
      "Log-normal, as answers of real services nearly are.",
    ),
    file: may(file(), "A file of latencies in ms, one a line; each is as likely. A path from the scenario's folder."),
  },
  { forms: ["constant", "exponential", "lognormal", "file"] },
);

const rate = {
  ratePerSecond: must(number(0, 10_000_000), "Calls a second, of all clients together."),
  process: may(oneOf(["poisson", "uniform"]), "At times of chance, the default, or evenly spaced."),
};
const arrivals: Leaf<input.ArrivalsInput> = record(rate);
const phase: Leaf<input.PhaseInput> = record({ at: must(duration("zero allowed"), "When the rate begins."), ...rate });

const keys: Leaf<input.KeysInput> = record({
  count: may(wholeNumber(1, 1_000_000), "Different keys, each as likely. Default 1,000."),
  hotRatio: may(ratio(), "Share of the calls that bring the first key besides. Default 0."),
});

const importance: Leaf<input.ImportanceInput> = record({
  critical: may(ratio(), "Share of the calls that say `x-priority: critical`. Default 0."),
  low: may(ratio(), "Share of the calls that say `x-priority: low`. Default 0."),
});

const endpoints: Leaf<input.EndpointsInput> = record({
  count: may(wholeNumber(1, 10_000), "So many alike. Default 1."),
  workers: may(
    either([wholeNumber(1, 1_000_000), oneOf(["unlimited"])], "a whole number in 1..1000000, or unlimited"),
    "Attempts that one works on at once; others wait in line. Default `unlimited`: it works on all that come.",
  ),
  unlimited: may(yesOrNo(), "The same as `workers: unlimited`."),
  latency: must(latency, "How long it works on an attempt."),
  weight: may(number(0.001, 1_000_000_000), "What the registry says of its weight. Default 1."),
  zone: may(text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "the name of a zone"), "What it says of its zone."),
  priority: may(wholeNumber(0, 128), "What it says of its priority: those of 0 take calls first. Default 0."),
});

const fail: Leaf<input.FailInput> = record({
  ratio: may(ratio(), "Share of the attempts. Default 1."),
  status: may(wholeNumber(400, 599), "Answered with this. Default 503."),
  reset: may(yesOrNo(), "The connection ends instead, without an answer."),
  after: may(duration("zero allowed"), "When the failure comes. Absent: when the answer would have."),
});

const index = () => wholeNumber(0, 9_999);
const event: Leaf<input.EventInput> = record({
  at: must(duration("zero allowed"), "When it begins."),
  until: may(duration(), "When it ends. Absent: with the scenario."),
  endpoint: may(
    either([index(), list(index(), 1, "indices")], "the index of an endpoint, or a list of them"),
    "Whom it is about, by place in the list, from 0. Absent: every one.",
  ),
  latency: may(latency, "Works on an attempt for so long instead."),
  factor: may(number(0.001, 10_000), "Works so many times as long. Of several events at once, the product counts."),
  fail: may(fail, "Attempts fail."),
  hang: may(yesOrNo(), "Attempts that come are never answered."),
  refuse: may(yesOrNo(), "Connections are refused."),
  remove: may(yesOrNo(), "The registry no longer knows it. What it has under way it finishes."),
  add: may(yesOrNo(), "The registry knows it from now on, and did not before."),
  registryStale: may(yesOrNo(), "The registry does not answer: what changes is learned at the end of this."),
});

const compared: Leaf<input.ComparedInput> = serviceBeside({
  name: must(text(/^[^\r\n\t\0]{1,40}$/, "a name of 1 to 40 characters"), "How it stands in the results."),
  policy: may(
    serviceSchema,
    "The policy: a service's block of a policy file, whose fields may also stand here. Inherits nothing.",
  ),
  rule: may(oneOf(RULE_NAMES), "Balances by another mesh's rule instead of `balancer`, to be compared with."),
});

/** The form of a scenario. What contradicts what is checked apart, in `resolve-scenario.ts`. */
export const scenarioSchema: Leaf<input.ScenarioInput> = record({
  seed: may(wholeNumber(0, 4_294_967_295), "What chance goes by: the same seed, the same results. Default 1."),
  duration: must(duration(), "For how long calls arrive. Those under way at the end are waited for, up to a minute."),
  successWithin: may(duration(), "An answer that took longer is no success. Absent: any answer is in time."),
  clients: may(wholeNumber(1, 10_000), "Clients, each with a mesh of its own; calls come to them in turn. Default 1."),
  arrivals: must(
    either([arrivals, list(phase, 1, "phases")], "an object with ratePerSecond, or a list of phases"),
    "When calls arrive.",
  ),
  keys: may(keys, "Callers: what calls are hashed by, whatever a policy hashes, and whose sessions they belong to."),
  importance: may(
    importance,
    "How much calls matter, drawn for each, and what became of those of each. Absent: all alike.",
  ),
  endpoints: must(list(endpoints, 1, "endpoints"), "Who answers."),
  events: may(list(event, 0, "events"), "What goes wrong, and when."),
  policy: may(serviceSchema, "What is tried: a service's block of a policy file. Absent: the defaults of the sidecar."),
  compare: may(list(compared, 0, "policies"), "What it is compared with."),
});
