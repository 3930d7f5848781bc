import { expect, test } from "vitest";
import type { ServicePolicyInput } from "../input/policy-input.ts";
import { problems } from "./problems.suite.ts";

test.each<{ readonly service: ServicePolicyInput; readonly says: string }>([
  {
    service: { timeout: { total: "1s", attempt: "1001ms" } },
    says: "error services.orders.timeout.attempt: 1001ms is over timeout.total, 1s",
  },
  {
    service: { timeout: { total: "500ms" } },
    says: "error services.orders.timeout.total: 500ms is under timeout.connect, 1s",
  },
  {
    service: { retry: { backoff: { max: "1ms" } } },
    says: "error services.orders.retry.backoff.max: 1ms is under retry.backoff.base, 25ms",
  },
  {
    service: { retry: { backoff: { max: "0s" } } },
    says: "error services.orders.retry.backoff.max: 0s is under retry.backoff.base, 25ms",
  },
  {
    service: { outliers: { baseEjection: "1h" } },
    says: "error services.orders.outliers.baseEjection: 1h is over outliers.maxEjection, 5m",
  },
  {
    service: { health: { timeout: "3s" } },
    says: "error services.orders.health.timeout: 3s is over health.interval, 2s",
  },
  {
    service: { retry: { budget: { ratio: 0, minPerSecond: 0 } } },
    says: "warning services.orders.retry.budget.minPerSecond: 0 with a ratio of 0 forbids every retry",
  },
  {
    service: { retry: { maxRetries: 0 }, hedge: {} },
    says: "error services.orders.retry.maxRetries: hedge is on and retry is off",
  },
  {
    service: { protocol: "tcp", retry: { on: ["never-sent", "timeout", 503] } },
    says: "error services.orders.retry.on: timeout, 503 cannot be repeated with protocol tcp",
  },
  {
    service: { protocol: "http1", retry: { on: ["never-sent", "unavailable", "internal"] } },
    says: "error services.orders.retry.on: unavailable, internal: statuses of gRPC, which protocol http1 cannot carry",
  },
  {
    service: { protocol: "grpc", retry: { on: ["deadline-exceeded"] } },
    says: "warning services.orders.retry.on: deadline-exceeded: an endpoint is told how long the caller waits",
  },
  {
    service: { protocol: "http1", rules: [{ when: {}, retry: { on: ["cancelled"] } }] },
    says: "error services.orders.rules[0].retry.on: cancelled: statuses of gRPC",
  },
  {
    service: { protocol: "grpc", health: { http: "/up" } },
    says: "warning services.orders.health: asks GET /up, which few servers of gRPC answer",
  },
  {
    service: { protocol: "tcp", health: {} },
    says: "warning services.orders.health: asks GET /healthz of endpoints that protocol tcp says nothing of",
  },
  {
    service: { health: { tcp: true, grpc: "" } },
    says: "error services.orders.health: tcp and grpc: an endpoint is asked in one way",
  },
  {
    service: { protocol: "http1", health: { grpc: "" } },
    says: "error services.orders.health.grpc: asks in gRPC, which protocol http1 cannot carry",
  },
  { service: { tls: { cert: "a.pem" } }, says: "error services.orders.tls.cert: needs its key" },
  { service: { tls: { key: { env: "KEY" } } }, says: "error services.orders.tls.key: belongs to a certificate" },
  {
    service: { protocol: "tcp", tls: {} },
    says: "error services.orders.protocol: tls is on and protocol is tcp",
  },
  {
    service: { tls: { verify: false } },
    says: "warning services.orders.tls.verify: false takes any certificate: whoever stands in between can read",
  },
  {
    service: { tls: { verify: false, ca: "ca.pem" } },
    says: "warning services.orders.tls.verify: false takes any certificate, so tls.ca means nothing",
  },
  {
    service: { balancer: { hashOn: [{ cookie: "id" }] } },
    says: "error services.orders.balancer.hashOn: hashOn is set and balancer.kind is peak-ewma",
  },
  {
    service: { balancer: { kind: "maglev" } },
    says: 'error services.orders.balancer.kind: "maglev" needs balancer.hashOn',
  },
  {
    service: { balancer: { kind: "maglev", hashOn: ["path"], slots: 65_536 } },
    says: "error services.orders.balancer.slots: 65536 is not a prime: 65521 is",
  },
  {
    service: { balancer: { kind: "ring-hash", hashOn: ["path"], ring: { max: 100 } } },
    says: "error services.orders.balancer.ring.max: a ring of 1024 to 100 points has no size",
  },
  {
    service: { balancer: { kind: "source-ip", hashOn: ["path"] } },
    says: "error services.orders.balancer.hashOn: hashOn is set and balancer.kind is source-ip",
  },
  {
    service: { balancer: { kind: "maglev", hashOn: ["path"] }, subset: { size: 20 } },
    says: "warning services.orders.balancer.kind: subset.size is set: each caller has other endpoints",
  },
  {
    service: { protocol: "tcp", balancer: { kind: "maglev", hashOn: [{ header: "x" }, "path"] } },
    says: "error services.orders.balancer.hashOn: header, path cannot be hashed with protocol tcp: only source-address",
  },
  {
    service: { protocol: "tcp", balancer: { kind: "maglev", hashOn: [{ cookie: "id" }, "source-address"] } },
    says: "warning services.orders.balancer.hashOn: cookie cannot be hashed with protocol tcp: only source-address",
  },
  {
    service: { balancer: { maxLoad: 1.5 } },
    says: "warning services.orders.balancer.maxLoad: means nothing with balancer.kind peak-ewma",
  },
  {
    service: { balancer: { kind: "source-ip", slots: 7 } },
    says: "warning services.orders.balancer.slots: means nothing with balancer.kind source-ip",
  },
  {
    service: { zones: { callers: { a: 1 } } },
    says: "warning services.orders.zones: means nothing without own, the zone of this process, or discovery.self",
  },
  {
    service: { zones: { own: "b", callers: { a: 1 } } },
    says: "error services.orders.zones.callers: names no caller in b, where this one is",
  },
  {
    service: { balancer: { kind: "maglev", hashOn: ["path"] }, zones: { own: "b" } },
    says: "warning services.orders.zones: means nothing with balancer.kind maglev: it goes by keys",
  },
  {
    service: { limits: { calls: 10 } },
    says: "warning services.orders.limits.calls: callsPerEndpoint is over calls, so it is never reached",
  },
  {
    service: { rules: [{ when: {}, timeout: { total: "100ms" } }] },
    says: "error services.orders.rules[0].timeout.total: 100ms is under timeout.connect, 1s",
  },
])("$says", ({ service, says }) => {
  const told = problems(service);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(says);
});

test.each<{ readonly service: ServicePolicyInput; readonly why: string }>([
  { service: { timeout: { total: "1s", attempt: "1s" }, retry: "off" }, why: "as long is not longer" },
  { service: { timeout: { total: "0s", attempt: "1h" } }, why: "0s is no limit" },
  { service: { timeout: { total: "500ms", connect: "0s" } }, why: "0s is no limit" },
  { service: { retry: { backoff: { base: "0s", max: "0s" } } }, why: "no pause is not longer than none" },
  { service: { retry: { budget: { ratio: 0 } } }, why: "the reserve is left" },
  { service: { retry: { maxRetries: 0, budget: { ratio: 0, minPerSecond: 0 } } }, why: "there is nothing to forbid" },
  {
    service: { protocol: "tcp", balancer: { kind: "maglev", hashOn: ["source-address"] } },
    why: "a connection comes from somewhere",
  },
  { service: { protocol: "tcp" }, why: "the built-in list was not asked for" },
  { service: { protocol: "tcp", retry: { on: ["never-sent", "connect-failure"] } }, why: "nothing was sent" },
  {
    service: { protocol: "grpc", timeout: { attempt: "1s" }, retry: { on: ["deadline-exceeded"] } },
    why: "an attempt may end before its call",
  },
  { service: { protocol: "grpc", health: { grpc: "" } }, why: "that is what it speaks" },
  { service: { protocol: "tcp", health: { tcp: true } }, why: "a connection is all there is" },
  { service: { tls: {} }, why: "the public authorities are known" },
  { service: { tls: { cert: "a.pem", key: "a.key" } }, why: "they belong together" },
  { service: { balancer: { kind: "ring-hash", hashOn: [{ header: "x" }] } }, why: "it says what to hash" },
])("$service is no contradiction: $why", ({ service }) => {
  expect(problems(service)).toEqual([]);
});

test("a contradiction between two levels is told where the smaller was written", () => {
  expect(problems({ timeout: { attempt: "20s" } }, { timeout: { total: "10s" } })).toEqual([
    expect.stringContaining("services.orders.timeout.attempt: 20s is over timeout.total, 10s"),
  ]);
});

test("a contradiction in defaults is told once, not for each service that inherits it", () => {
  expect(problems({}, { timeout: { total: "1s", attempt: "2s" } })).toEqual([
    expect.stringContaining("error defaults.timeout.attempt: 2s is over timeout.total, 1s"),
  ]);
});

test("a list of gRPC statuses that is inherited says nothing of a service that does not speak it", () => {
  expect(problems({ protocol: "http1" }, { retry: { on: ["unavailable"] } })).toEqual([]);
});

test("a service may turn off the TLS that it would inherit, whatever is wrong with it", () => {
  expect(problems({ tls: "off" }, { tls: { verify: true } })).toEqual([]);
});

test("a hedge that is inherited ends quietly where retries are turned off", () => {
  expect(problems({ retry: "off" }, { hedge: { after: "p95" } })).toEqual([]);
});
