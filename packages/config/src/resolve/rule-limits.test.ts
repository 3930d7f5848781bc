import { expect, test } from "vitest";
import type { RuleInput } from "../input/policy-input.ts";
import type { LimitsInput } from "../input/limits-input.ts";
import { checkPolicy } from "./check-policy.ts";
import { problems } from "./problems.suite.ts";

function ofRule(rule: Omit<RuleInput, "when">, limits: LimitsInput = {}) {
  const orders = { limits, rules: [{ when: {} }, { when: {}, ...rule }] };
  const { policy } = checkPolicy({ version: 1, services: { orders } }, { home: "sidecar" });
  return { policy: policy.services.get("orders")!, explained: policy.explain("orders")! };
}

test("a rule has limits of its own where it says so, and the rest of them from the service", () => {
  const { policy, explained } = ofRule({ limits: { calls: 10 } }, { adaptive: "vegas" });
  expect(policy.rules.map((rule) => rule.policy.ruleLimits)).toEqual([
    undefined,
    { name: "rules[1]", calls: 10, adaptive: "vegas" },
  ]);
  expect(policy.limits).toMatchObject({ calls: 1_024, adaptive: "vegas" });
  expect(explained.filter(({ field }) => field.startsWith("rules"))).toEqual([
    { field: "rules[1].limits.calls", value: 10, from: "services.orders.rules[1].limits.calls" },
  ]);
  expect(ofRule({ limits: { adaptive: "auto" } }).policy.rules[1]!.policy.ruleLimits).toEqual({
    name: "rules[1]",
    calls: 1_024,
    adaptive: "auto",
  });
});

test("more calls than the service may have are never reached", () => {
  expect(problems({ limits: { calls: 300 }, rules: [{ when: {}, limits: { calls: 301 } }] })).toEqual([
    "warning services.orders.rules[0].limits.calls: 301 is over limits.calls of the service, 300, so it is never reached",
  ]);
});

test("a limit below one is refused where it stands", () => {
  expect(problems({ rules: [{ when: {}, limits: { calls: 0 } }] })[0]).toMatch(/rules\[0\]\.limits\.calls: 0 is not/);
});
