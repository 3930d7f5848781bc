import { describe, expect, test } from "vitest";
import type { ServicePolicyInput } from "../input/policy-input.ts";
import type { StickyInput } from "../input/sticky-input.ts";
import { checkPolicy } from "./check-policy.ts";
import { problems } from "./problems.suite.ts";
import type { StickyPolicy } from "./sticky-policy.ts";

const home = { cookie: { name: "home" } } as const;

function resolved(sticky: StickyInput | "off", defaults: StickyInput | "off" = "off"): StickyPolicy | undefined {
  const { policy } = checkPolicy({ version: 1, defaults: { sticky: defaults }, services: { orders: { sticky } } });
  return policy.services.get("orders")!.sticky;
}

describe("sticky sessions", () => {
  test("are off unless somebody asks for them, and a name is enough to ask", () => {
    expect(checkPolicy({ version: 1 }).policy.defaults.sticky).toBeUndefined();
    expect(resolved(home)).toEqual({
      cookie: { name: "home", ttlMs: 0, path: "/", secure: false, httpOnly: true, sameSite: "lax" },
      moves: true,
    });
  });

  test("take every field, and what is absent from the defaults", () => {
    const cookie = {
      name: "home",
      ttl: "90s",
      path: "/shop",
      secure: true,
      httpOnly: false,
      sameSite: "none",
    } as const;
    expect(resolved({ onUnavailable: "fail" }, { cookie })).toEqual({
      cookie: { name: "home", ttlMs: 90_000, path: "/shop", secure: true, httpOnly: false, sameSite: "none" },
      moves: false,
    });
    expect(resolved("off", home)).toBeUndefined();
  });

  test.each<[says: string, service: ServicePolicyInput]>([
    ["error services.orders.sticky: needs cookie.name", { sticky: {} }],
    [
      "error services.orders.sticky.cookie: browsers refuse one that is sameSite: none and not secure",
      { sticky: { cookie: { name: "home", sameSite: "none" } } },
    ],
    [
      "error services.orders.sticky.cookie: browsers refuse __Secure-... that is not secure",
      { sticky: { cookie: { name: "__Secure-home" } } },
    ],
    [
      "error services.orders.sticky.cookie: browsers refuse __Host-home for a path of its own",
      { sticky: { cookie: { name: "__Host-home", secure: true, path: "/shop" } } },
    ],
    ["error services.orders.sticky: means nothing with protocol tcp", { protocol: "tcp", retry: "off", sticky: home }],
    [
      "error services.orders.sticky.cookie: balancer.hashOn has the cookie home, too",
      { balancer: { kind: "maglev", hashOn: [{ cookie: "home" }] }, sticky: home },
    ],
    [
      "warning services.orders.sticky: balancer.kind maglev only tells where a session begins",
      { balancer: { kind: "maglev", hashOn: [{ header: "x-user" }] }, sticky: home },
    ],
    ["warning services.orders.sticky: subset.size is set", { subset: { size: 5 }, sticky: home }],
    ["warning services.orders.sticky: hedge is on, and calls of a session are not", { hedge: {}, sticky: home }],
    [
      "warning services.orders.sticky: the list has one endpoint",
      { discover: { static: ["127.0.0.1:80"] }, sticky: home },
    ],
    ["error services.orders.sticky.cookie.name: ", { sticky: { cookie: { name: "a b" } } }],
    ["error services.orders.sticky.cookie.path: ", { sticky: { cookie: { name: "a", path: "/;Secure" } } }],
  ])("%s", (says, service) => {
    const told = problems(service);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(says);
  });

  test("with an object of the defaults are judged where they are written", () => {
    expect(problems({ hedge: {} }, { sticky: home })).toEqual([]);
    expect(problems({ hedge: {}, sticky: {} }, { sticky: home })).toHaveLength(1);
  });
});
