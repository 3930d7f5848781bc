import { expect, test } from "vitest";
import type { BalancerInput } from "../input/balancer-input.ts";
import { checkPolicy } from "./check-policy.ts";
import type { HashOn } from "./hashing-policy.ts";

function hashed(balancer: BalancerInput, defaults: BalancerInput = {}): readonly HashOn[] {
  const { policy } = checkPolicy(
    { version: 1, defaults: { balancer: defaults }, services: { orders: { balancer } } },
    { home: "sidecar" },
  );
  return policy.services.get("orders")!.hashing.on;
}

test("each form of what is hashed becomes one kind, headers in lower case", () => {
  const hashOn: BalancerInput["hashOn"] = [
    { header: "X-User", terminal: true },
    { cookie: "id" },
    { cookie: { name: "id", ttl: "1h" } },
    { cookie: { name: "id", ttl: "0s", path: "/shop" } },
    { query: "user" },
    "path",
    "source-address",
  ];
  expect(hashed({ kind: "maglev", hashOn })).toEqual([
    { kind: "header", name: "x-user", terminal: true },
    { kind: "cookie", name: "id", mint: undefined, terminal: false },
    { kind: "cookie", name: "id", mint: { ttlMs: 3_600_000, path: "/" }, terminal: false },
    { kind: "cookie", name: "id", mint: { ttlMs: 0, path: "/shop" }, terminal: false },
    { kind: "query", name: "user", terminal: false },
    { kind: "path", terminal: false },
    { kind: "source-address", terminal: false },
  ]);
});

test("source-ip hashes the caller's address, and needs not be told", () => {
  expect(hashed({ kind: "source-ip" })).toEqual([{ kind: "source-address", terminal: false }]);
});

test("a service with a balancer that does not hash leaves what it inherits to hash alone", () => {
  expect(hashed({ kind: "round-robin" }, { kind: "maglev", hashOn: ["path"] })).toEqual([]);
});

test("the SDK says what it does not use: addresses of callers, and cookies that they would be given", () => {
  const balancer: BalancerInput = {
    kind: "maglev",
    hashOn: [{ header: "x" }, "source-address", { cookie: { name: "id", ttl: "1h" } }],
  };
  const { warnings } = checkPolicy(
    { version: 1, services: { orders: { balancer }, web: { balancer: { kind: "source-ip" } } } },
    { home: "sdk" },
  );
  expect(warnings.map(({ path }) => path)).toEqual([
    "services.orders.balancer.hashOn[1]",
    "services.orders.balancer.hashOn[2].cookie.ttl",
    "services.web.balancer.kind",
  ]);
});
