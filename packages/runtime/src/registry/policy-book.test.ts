import { checkPolicy, type Policy, type PolicyInput } from "@weft/config";
import { describe, expect, test } from "vitest";
import { PolicyBook } from "./policy-book.ts";

function policy(input: Omit<PolicyInput, "version">): Policy {
  return checkPolicy({ version: 1, ...input }, { home: "sidecar" }).policy;
}

const orders = { discover: { static: ["10.0.0.1:80"] } } as const;

describe("a policy book", () => {
  test("gives a service its policy, and any other the defaults", () => {
    const book = new PolicyBook(policy({ defaults: { limits: { calls: 5 } }, services: { orders } }), "sidecar");
    expect(book.of("orders").limits.calls).toBe(5);
    expect(book.of("constructor").limits.calls).toBe(5);
    expect([book.lists("orders"), book.lists("constructor")]).toEqual([true, false]);
    expect([book.saysDiscover("orders"), book.saysDiscover("constructor")]).toEqual([true, false]);
    expect(book.discoverOf("web")).toEqual({ kind: "consul", service: "web" });
  });
});

describe("a change", () => {
  test("takes services over as a whole, leaves others as they are, and lists no new one", () => {
    const book = new PolicyBook(policy({ services: { orders, web: { limits: { calls: 3 } } } }), "sidecar");
    book.change({ limits: { connections: 9 } }, { orders: { ...orders, limits: { calls: 4 } }, other: {} });
    expect(book.of("orders").limits).toMatchObject({ calls: 4, connections: 9 });
    expect(book.of("web").limits).toMatchObject({ calls: 3, connections: 9 });
    expect(book.names()).toEqual(["orders", "web"]);
    book.change(undefined, undefined);
    expect(book.of("orders").limits).toMatchObject({ calls: 4, connections: 9 });
  });

  test("resolves for the home: only a sidecar has a total timeout of its own", () => {
    const sdk = new PolicyBook(checkPolicy({ version: 1 }, { home: "sdk" }).policy, "sdk");
    sdk.change(undefined, { orders });
    expect(sdk.of("orders").timeout.totalMs).toBe(Number.POSITIVE_INFINITY);
    const sidecar = new PolicyBook(policy({}), "sidecar");
    sidecar.change(undefined, { orders });
    expect(sidecar.of("orders").timeout.totalMs).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test("cannot move a service, and then changes nothing", () => {
    const book = new PolicyBook(policy({ services: { orders } }), "sidecar");
    const moved = { discover: { static: ["10.0.0.2:80"] }, limits: { calls: 4 } } as const;
    expect(() => book.change({ limits: { calls: 9 } }, { orders: moved })).toThrow("services.orders.discover: cannot");
    expect(book.of("orders").limits.calls).not.toBe(9);
  });

  test("tells what is odd", () => {
    const book = new PolicyBook(policy({ services: { orders } }), "sidecar");
    const warnings = book.change(undefined, { orders: { ...orders, limits: { calls: 4 } } });
    expect(warnings.map(({ path }) => path)).toEqual(["services.orders.limits.calls"]);
  });
});

describe("a replacement", () => {
  const before = policy({
    discovery: { consul: { url: "http://127.0.0.1:8500" } },
    services: { orders, web: {}, gone: {}, tagged: { discover: { consul: "tagged", tag: "v1" } } },
  });

  test("says what came, went and changed", () => {
    const book = new PolicyBook(before, "sidecar");
    const changes = book.replace(
      policy({
        services: {
          orders: { discover: { static: ["10.0.0.2:80"] } },
          web: { limits: { calls: 3 } },
          tagged: { discover: { consul: "tagged", tag: "v1" } },
          fresh: {},
        },
      }),
    );
    expect(changes).toMatchObject({ added: ["fresh"], removed: ["gone"], changed: ["orders", "web"] });
    expect(book.names()).toEqual(["orders", "web", "tagged", "fresh"]);
    const moved = ["orders", "web", "tagged", "gone", "unlisted"].filter((name) => changes.moved(name));
    expect(moved).toEqual(["orders"]);
  });

  test("moves all that Consul knows when another agent is asked", () => {
    const book = new PolicyBook(before, "sidecar");
    const changes = book.replace(
      policy({
        discovery: { consul: { url: "http://127.0.0.1:8501" } },
        services: { orders, web: {}, tagged: { discover: { consul: "tagged", tag: "v2" } } },
      }),
    );
    const moved = ["orders", "web", "tagged", "unlisted"].filter((name) => changes.moved(name));
    expect(moved).toEqual(["web", "tagged", "unlisted"]);
  });

  test("by one that says the same changes nothing", () => {
    const book = new PolicyBook(before, "sidecar");
    const { added, removed, changed, moved } = book.replace(policy(before.input));
    expect([added, removed, changed, moved("web"), moved("unlisted")]).toEqual([[], [], [], false, false]);
  });
});
