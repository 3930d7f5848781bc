import { expect, test } from "vitest";
import type { ServicePolicyInput } from "../input/policy-input.ts";
import { problems } from "./problems.suite.ts";

test.each<{ readonly service: ServicePolicyInput; readonly says: string }>([
  {
    service: { outliers: { observe: ["relative", "latency"] } },
    says: "warning services.orders.outliers.observe: latency: not made, so there is nothing to report; add it to tests",
  },
  {
    service: { outliers: { successRate: { deviations: 3 } } },
    says: "warning services.orders.outliers.successRate: means nothing without the test: add success-rate to tests",
  },
  {
    service: { outliers: { tests: [], latency: { factor: 3 } } },
    says: "warning services.orders.outliers.latency: means nothing without the test: add latency to tests",
  },
  {
    service: { outliers: { failurePercentage: {} } },
    says: "warning services.orders.outliers.failurePercentage: means nothing",
  },
  {
    service: { outliers: { maxEjectedRatio: 0 } },
    says: "warning services.orders.outliers.maxEjectedRatio: 0 is not off: one endpoint always may be ejected",
  },
])("$says", ({ service, says }) => {
  const told = problems(service);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(says);
});

test("a test that is made may be observed, and have options", () => {
  const outliers = { tests: ["relative", "latency"], observe: ["latency"], latency: { factor: 3 } } as const;
  expect(problems({ outliers })).toEqual([]);
});

test("the options that are inherited are not judged by a service's own tests", () => {
  const defaults = { outliers: { tests: ["latency"], latency: { factor: 3 } } } as const;
  expect(problems({ outliers: { tests: ["relative"] } }, defaults)).toEqual([]);
});
