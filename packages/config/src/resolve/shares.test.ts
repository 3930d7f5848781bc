import { expect, test } from "vitest";
import type { LimitsInput } from "../input/limits-input.ts";
import { checkPolicy } from "./check-policy.ts";
import { problems } from "./problems.suite.ts";

function sharesOf(limits: LimitsInput, defaults: LimitsInput = {}): unknown {
  const { policy } = checkPolicy(
    { version: 1, defaults: { limits: defaults }, services: { orders: { limits } } },
    { home: "sidecar" },
  );
  return policy.services.get("orders")!.limits.shares;
}

test("shares of a limit are inherited one by one, and 0 where nobody says any", () => {
  expect(sharesOf({})).toBeUndefined();
  expect(sharesOf({ shares: { critical: 0.5 } })).toEqual({ critical: 0.5, normal: 0, low: 0 });
  expect(sharesOf({ shares: { low: 0.1 } }, { shares: { critical: 0.5 } })).toEqual({
    critical: 0.5,
    normal: 0,
    low: 0.1,
  });
  expect(sharesOf({ shares: { critical: 0 } }, { shares: { critical: 0.5 } })).toBeUndefined();
});

test("a limit is shared out once", () => {
  expect(problems({ limits: { shares: { critical: 0.5, normal: 0.3, low: 0.2 } } })).toEqual([]);
  expect(problems({ limits: { shares: { critical: 0.7, normal: 0.7 } } })).toEqual([
    "error services.orders.limits.shares: are 1.4 together, and a limit can be shared out once",
  ]);
  const inbound = { listen: "127.0.0.1:1", app: "127.0.0.1:2", limits: { shares: { low: 0.6, normal: 0.6 } } } as const;
  const check = () => checkPolicy({ version: 1, sidecar: { service: "orders", inbound } }, { home: "sidecar" });
  expect(check).toThrow("sidecar.inbound.limits.shares: are 1.2 together");
});
