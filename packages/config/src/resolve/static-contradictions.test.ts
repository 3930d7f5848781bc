import { expect, test } from "vitest";
import type { ServicePolicyInput } from "../input/policy-input.ts";
import { problems } from "./problems.suite.ts";

/** A list of so many endpoints. */
function listed(count: number): NonNullable<ServicePolicyInput["discover"]> {
  return { static: Array.from({ length: count }, (_, i) => `10.0.0.${i + 1}:80` as const) };
}

const hashOn = ["path"] as const;

test.each<{ readonly service: ServicePolicyInput; readonly says: string }>([
  {
    service: { discover: listed(1), outliers: { consecutiveFailures: 3 } },
    says: "warning services.orders.outliers: the list has one endpoint, which is never ejected",
  },
  {
    service: { discover: listed(3), outliers: { maxEjectedRatio: 0.1 } },
    says: "warning services.orders.outliers.maxEjectedRatio: 0.1 of 3 endpoints is less than one, and one always may be ejected: say 0.334 for one",
  },
  {
    service: { discover: listed(3), outliers: { tests: ["success-rate"] } },
    says: "warning services.orders.outliers.tests: success-rate needs 5 endpoints to compare, and the list has 3: it never ejects",
  },
  {
    service: {
      discover: listed(3),
      outliers: { tests: ["failure-percentage"], failurePercentage: { minimumEndpoints: 4 } },
    },
    says: "warning services.orders.outliers.failurePercentage.minimumEndpoints: failure-percentage needs 4",
  },
  {
    service: { discover: listed(4), outliers: { tests: ["success-rate"], successRate: { minimumEndpoints: 3 } } },
    says: "warning services.orders.outliers.tests: among 4 endpoints none can be 1.9 deviations below the mean",
  },
  {
    service: { discover: listed(3), subset: { size: 3 } },
    says: "warning services.orders.subset.size: 3 of a list of 3 is all of it",
  },
  {
    service: { discover: listed(3), subset: { labels: { version: "v2" } } },
    says: "error services.orders.subset.labels: the endpoints of a list have no labels, so none is ever used",
  },
  {
    service: { discover: listed(3), subset: { labels: { version: "v2" }, fallback: "any" } },
    says: "warning services.orders.subset.labels: the endpoints of a list have no labels, so all are used, by fallback",
  },
  {
    service: { discover: listed(5), balancer: { kind: "ring-hash", hashOn, ring: { min: 1, max: 20 } } },
    says: "warning services.orders.balancer.ring.max: 20 points for 5 endpoints: their shares are far from even, so say 50",
  },
  {
    service: { discover: listed(5), balancer: { kind: "ring-hash", hashOn, ring: { min: 1, max: 4 } } },
    says: "error services.orders.balancer.ring.max: 4 points for 5 endpoints: some get no calls, so say 50",
  },
  {
    service: { discover: listed(3), balancer: { kind: "ring-hash", hashOn, ring: { min: 10 } } },
    says: "warning services.orders.balancer.ring.min: a ring of 10 points for 3 endpoints: shares are uneven, so say ring.min: 300",
  },
  {
    service: { discover: listed(50), balancer: { kind: "ring-hash", hashOn } },
    says: "warning services.orders.balancer.kind: a ring of 1024 points for 50 endpoints: shares are uneven",
  },
  {
    service: { discover: listed(5), balancer: { kind: "maglev", hashOn, slots: 101 } },
    says: "warning services.orders.balancer.slots: 101 slots for 5 endpoints: their shares are far from even, so say 500",
  },
  {
    service: { discover: listed(5), balancer: { kind: "maglev", hashOn, slots: 3 } },
    says: "error services.orders.balancer.slots: 3 slots for 5 endpoints: some get no calls",
  },
  {
    service: { discover: listed(3), zones: { own: "a" } },
    says: "warning services.orders.zones: the endpoints of a list are in no zone",
  },
  {
    service: { discover: { static: ["10.0.0.1:80", "10.0.0.1:80"] }, outliers: {} },
    says: "warning services.orders.outliers: the list has one endpoint",
  },
])("$says", ({ service, says }) => {
  const told = problems(service);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(says);
});

test.each<{ readonly service: ServicePolicyInput; readonly why: string }>([
  { service: { discover: listed(1) }, why: "nobody asked for ejections" },
  { service: { discover: listed(1), outliers: "off" }, why: "there are none" },
  { service: { discover: listed(10), outliers: { maxEjectedRatio: 0.1 } }, why: "that is one" },
  { service: { discover: listed(5), outliers: { tests: ["success-rate"] } }, why: "five can be compared" },
  { service: { discover: listed(3), subset: { size: 2 } }, why: "one is left out" },
  { service: { discover: listed(3), balancer: { kind: "maglev", hashOn } }, why: "the table is large enough" },
  { service: { discover: { dns: "orders.local" }, subset: { size: 3 } }, why: "nobody knows how many there are" },
])("$service is no contradiction: $why", ({ service }) => {
  expect(problems(service)).toEqual([]);
});

test("what is inherited is not judged by one service's list", () => {
  const defaults = { outliers: { maxEjectedRatio: 0.1 }, subset: { size: 20 } } as const;
  expect(problems({ discover: listed(3) }, defaults)).toEqual([]);
});
