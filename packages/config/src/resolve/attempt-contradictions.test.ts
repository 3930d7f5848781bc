import { expect, test } from "vitest";
import type { ServicePolicyInput } from "../input/policy-input.ts";
import { problems } from "./problems.suite.ts";

test.each<{ readonly service: ServicePolicyInput; readonly says: string }>([
  {
    service: { timeout: { total: "5s", attempt: "2s" }, retry: { maxRetries: 2 } },
    says: "warning services.orders.timeout.attempt: 3 attempts of 2s take 6s, and timeout.total is 5s, so there is time for 2: set timeout.attempt to 1666ms, or retry.maxRetries to 1",
  },
  {
    service: { timeout: { attempt: "10s" } },
    says: "warning services.orders.timeout.attempt: 2 attempts of 10s take 20s, and timeout.total is 15s, so there is time for 1: set timeout.attempt to 7500ms, or retry.maxRetries to 0",
  },
  {
    service: { rules: [{ when: {}, timeout: { attempt: "1s", total: "3s" }, retry: { maxRetries: 5 } }] },
    says: "warning services.orders.rules[0].timeout.attempt: 6 attempts of 1s take 6s",
  },
  {
    service: { timeout: { total: "1ms", attempt: "1ms", connect: "1ms" }, retry: { retryAfter: { max: "0s" } } },
    says: "set timeout.attempt to 1ms",
  },
  {
    service: { timeout: { attempt: "1s" }, hedge: { after: "1s" } },
    says: "warning services.orders.hedge.after: hedge.after is 1s, and timeout.attempt 1s: the first attempt is over before a second one starts",
  },
  {
    service: { timeout: { total: "2s" }, hedge: { after: "3s" } },
    says: "warning services.orders.hedge.after: hedge.after is 3s, and timeout.total 2s",
  },
  {
    service: { hedge: { maxExtraRatio: 0 } },
    says: "warning services.orders.hedge.maxExtraRatio: 0 forbids every hedge: say hedge: off",
  },
  {
    service: { retry: { retryAfter: { max: "30s" } } },
    says: "warning services.orders.retry.retryAfter.max: 30s is over timeout.total, 15s",
  },
  {
    service: { retry: { methods: ["GET", "post", "PATCH"] } },
    says: "warning services.orders.retry.methods: POST, PATCH: repeated although it may have been done already",
  },
])("$says", ({ service, says }) => {
  const told = problems(service);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(says);
});

test.each<{ readonly service: ServicePolicyInput; readonly why: string }>([
  { service: { timeout: { total: "6s", attempt: "2s" }, retry: { maxRetries: 2 } }, why: "all fit" },
  { service: { timeout: { total: "5s", attempt: "5s" }, retry: "off" }, why: "there is one attempt" },
  { service: { timeout: { total: "0s", attempt: "1h" } }, why: "0s is no limit" },
  {
    service: { timeout: { total: "5s", attempt: "4s" }, retry: { on: ["never-sent"] } },
    why: "what took too long is not repeated",
  },
  { service: { timeout: { attempt: "1s" }, hedge: { after: "p99" } }, why: "nobody knows how long that is" },
  { service: { timeout: { attempt: "1s" }, hedge: { after: "999ms" } }, why: "it starts" },
  { service: { timeout: { total: "500ms", connect: "100ms" } }, why: "the longest Retry-After is built in" },
  { service: { rules: [{ when: { path: "/a.B/**" }, retry: { methods: ["POST"] } }] }, why: "those calls bear it" },
  { service: { retry: { methods: ["GET", "PUT"] } }, why: "a PUT may be repeated" },
])("$service is no contradiction: $why", ({ service }) => {
  expect(problems(service)).toEqual([]);
});

test("where retries are turned off, the times of an inherited hedge are not judged", () => {
  const service: ServicePolicyInput = { retry: "off", timeout: { total: "5s" } };
  expect(problems(service, { hedge: { after: "10s" } })).toEqual([]);
});

test("a rule that leaves a hedge no time is told where the hedge was written", () => {
  const rules = [{ when: { path: "/fast" }, timeout: { attempt: "100ms" } }] as const;
  expect(problems({ hedge: { after: "200ms" }, rules })).toEqual([
    expect.stringContaining("services.orders.hedge.after: hedge.after is 200ms, and timeout.attempt 100ms"),
  ]);
});
