import { expect, test } from "vitest";
import type { BalancerInput } from "../input/balancer-input.ts";
import { problems } from "./problems.suite.ts";

const at = "warning services.orders.balancer.reportsWeigh: changes nothing with balancer.kind";
const hashOn: BalancerInput["hashOn"] = [{ header: "x-user" }];

test.each<[balancer: BalancerInput, told: readonly string[]]>([
  [{}, []],
  [{ kind: "least-request" }, []],
  [{ kind: "weighted-round-robin" }, []],
  [{ kind: "random" }, []],
  [{ kind: "prequal" }, [`${at} prequal: it goes by reports already`]],
  [{ kind: "round-robin" }, [`${at} round-robin: it goes by no weight; weighted-round-robin does`]],
  [{ kind: "maglev", hashOn }, [`${at} maglev: keys stay where they are; with maxLoad, its bound goes by reports`]],
  [{ kind: "maglev", hashOn, maxLoad: 1.25 }, []],
])("reports that are to weigh with %j", (balancer, told) => {
  expect(problems({ balancer: { ...balancer, reportsWeigh: true } })).toEqual(told);
});

test("what is inherited is not judged", () => {
  expect(problems({ balancer: { kind: "first" } }, { balancer: { reportsWeigh: true } })).toEqual([]);
});
