import { expect, test } from "vitest";
import type { ServiceDefaultsInput, ServicePolicyInput } from "../input/policy-input.ts";
import { problems } from "./problems.suite.ts";

test.each<{ readonly service: ServicePolicyInput; readonly defaults?: ServiceDefaultsInput; readonly says: string }>([
  {
    service: { rateLimit: { perSecond: 50 }, limits: { adaptive: "vegas" } },
    says: "warning services.orders.limits.adaptive: both refuse calls: rateLimit beyond 50 a second",
  },
  {
    service: { rateLimit: { perSecond: 50 } },
    defaults: { limits: { adaptive: "gradient2" } },
    says: "warning services.orders.rateLimit: both refuse calls",
  },
  {
    service: { admission: {}, breaker: {} },
    says: "warning services.orders.admission: both refuse calls of a service that fails: admission a share of them, below 95 % successes; breaker all of them, from 50 % failures on",
  },
  {
    service: { breaker: { failureRatio: 0.3 } },
    defaults: { admission: {} },
    says: "warning services.orders.breaker: both refuse calls of a service that fails",
  },
  {
    service: { breaker: { minimumCalls: 200, window: "10s" }, rateLimit: { perSecond: 10, burst: 50 } },
    says: "warning services.orders.breaker.minimumCalls: the breaker waits for 200 calls in 10s, and rateLimit lets 150 through: it never trips, so set breaker.minimumCalls to 150 at most",
  },
  {
    service: { breaker: {}, rateLimit: { perSecond: 0.5 } },
    says: "warning services.orders.rateLimit.perSecond: the breaker waits for 20 calls in 10s, and rateLimit lets 6 through",
  },
  {
    service: { admission: { minPerSecond: 20 }, rateLimit: { perSecond: 10 } },
    says: "warning services.orders.admission.minPerSecond: admission begins at 20 calls a second, and rateLimit lets 10 through",
  },
])("$says", ({ service, defaults, says }) => {
  const told = problems(service, defaults);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(says);
});

test.each<{ readonly service: ServicePolicyInput; readonly defaults?: ServiceDefaultsInput; readonly why: string }>([
  { service: { breaker: {}, rateLimit: {} }, why: "enough calls come" },
  { service: { breaker: {}, rateLimit: { perSecond: 1, burst: 10 } }, why: "just enough calls come" },
  { service: { admission: {}, limits: { adaptive: "vegas" } }, why: "one is about failures, one about times" },
  { service: { admission: "off", breaker: {} }, defaults: { admission: {} }, why: "it was turned off" },
])("$service over $defaults is no contradiction: $why", ({ service, defaults }) => {
  expect(problems(service, defaults)).toEqual([]);
});

test("what defaults say together is told once, there", () => {
  expect(problems({}, { admission: {}, breaker: {} })).toEqual([
    expect.stringContaining("warning defaults.admission: both refuse calls"),
  ]);
});
