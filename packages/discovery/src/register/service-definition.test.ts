import { expect, test } from "vitest";
import { type ServiceCheck, serviceDefinition } from "./service-definition.ts";

test.each<{ check: ServiceCheck; asks: object }>([
  { check: { ttlMs: 9_000 }, asks: { TTL: "9000ms", Status: "passing" } },
  { check: { tcp: "10.0.0.1:80" }, asks: { TCP: "10.0.0.1:80", Interval: "5000ms", Timeout: "2000ms" } },
  { check: { http: "http://a/healthz", intervalMs: 1_000 }, asks: { HTTP: "http://a/healthz", Interval: "1000ms" } },
  { check: { http: "https://a/healthz", verify: false }, asks: { HTTP: "https://a/healthz", TLSSkipVerify: true } },
])("Consul is asked for $asks", ({ check, asks }) => {
  const { Check } = serviceDefinition({ name: "web", port: 80, check });
  expect(Check).toMatchObject({ ...asks, DeregisterCriticalServiceAfter: "600000ms" });
  if (!("verify" in check)) expect(Check).not.toHaveProperty("TLSSkipVerify");
});
