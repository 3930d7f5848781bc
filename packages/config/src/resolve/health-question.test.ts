import { expect, test } from "vitest";
import type { HealthInput } from "../input/policy-input.ts";
import { checkPolicy } from "./check-policy.ts";
import type { HealthQuestion } from "./service-policy.ts";

function policy(health: HealthInput, defaults: HealthInput | "off" = "off") {
  return checkPolicy({ version: 1, defaults: { health: defaults }, services: { orders: { health } } }).policy;
}

test.each<{ health: HealthInput; defaults?: HealthInput; question: HealthQuestion }>([
  { health: {}, question: { kind: "http", path: "/healthz" } },
  { health: { http: "/up" }, question: { kind: "http", path: "/up" } },
  { health: { tcp: true }, question: { kind: "tcp" } },
  { health: { grpc: "" }, question: { kind: "grpc", service: "" } },
  { health: { interval: "5s" }, defaults: { tcp: true }, question: { kind: "tcp" } },
  { health: { http: "/up" }, defaults: { tcp: true }, question: { kind: "http", path: "/up" } },
  { health: { tcp: true }, defaults: { grpc: "a.B" }, question: { kind: "tcp" } },
  { health: { grpc: "a.B" }, defaults: { http: "/up" }, question: { kind: "grpc", service: "a.B" } },
])("$health over $defaults asks $question", ({ health, defaults, question }) => {
  expect(policy(health, defaults).services.get("orders")?.health?.question).toEqual(question);
});

test("a way to ask that was replaced is not explained", () => {
  const fields = policy({ tcp: true }, { http: "/up" }).explain("orders") ?? [];
  const ways = fields.filter(({ field }) => /^health\.(http|tcp|grpc)$/.test(field));
  expect(ways).toEqual([{ field: "health.tcp", value: true, from: "services.orders.health.tcp" }]);
});
