import { describe, expect, test, vi } from "vitest";
import { home } from "./home.suite.ts";
import { statsOf } from "./service-stats.ts";

const PATHS = Array.from({ length: 40 }, (_, i) => `/users/${i}?page=${i}`);

describe("a balancer that hashes", () => {
  const maglev = { kind: "maglev", hashOn: ["path"] } as const;

  test("sends calls of one key to one endpoint, whatever else is in their path", async () => {
    const { ask } = home({ balancer: maglev });
    const homes = new Map<string, string>();
    for (const path of PATHS) homes.set(path, (await ask(path)).endpoint);
    expect(new Set(homes.values())).toEqual(new Set(["a", "b"]));
    for (const path of PATHS) expect((await ask(path.replace(/\?.*/, "?page=0"))).endpoint).toBe(homes.get(path));
  });

  test("can be put in the place of another, and told to hash something else", async () => {
    const { ask, configure, runtime } = home({});
    expect(runtime.hashKeys).toBeUndefined();
    configure({ balancer: maglev });
    const endpoint = (await ask("/x")).endpoint;
    expect((await ask("/x")).endpoint).toBe(endpoint);
    configure({ balancer: { kind: "maglev", hashOn: [{ header: "x-user" }] } });
    await ask("/x");
    expect(runtime.cluster.explain().find((one) => one.kind === "pick" && one.verdict === "unkeyed")).toBeDefined();
    configure({ balancer: { kind: "round-robin" } });
    expect(runtime.hashKeys).toBeUndefined();
    expect(statsOf(runtime).balancer).toBe("round-robin");
  });
});

describe("a subset", () => {
  const labelled = ["a", "b", "c"].map((id, i) => {
    return { id, host: `10.0.0.${i + 1}`, port: 80, meta: { version: id === "a" ? "v1" : "v2" } };
  });

  test("by labels is all that is known of the service, and changes with the policy", () => {
    const { runtime, registry, configure } = home({ subset: { labels: { version: "v2" } } });
    const ids = (): string[] => statsOf(runtime).endpoints.map(({ endpoint }) => endpoint.id);
    const told: number[] = [];
    runtime.onMembership((endpoints) => told.push(endpoints.length));
    expect(ids()).toEqual([]);
    registry.set("orders", labelled);
    expect(ids()).toEqual(["b", "c"]);
    configure({ subset: { labels: { version: "v3" }, fallback: { version: "v1" } } });
    expect(ids()).toEqual(["a"]);
    configure({});
    expect(ids()).toEqual(["a", "b", "c"]);
    expect(told).toEqual([0, 2, 1, 3]);
  });

  test("of a size stays the same through changes of the policy that are not about it", () => {
    const { runtime, registry, configure } = home({ subset: { size: 5 } });
    const many = Array.from({ length: 60 }, (_, i) => ({ id: `e${i}`, host: "10.0.0.1", port: 1 + i }));
    registry.set("orders", many);
    const ids = (): string[] => statsOf(runtime).endpoints.map(({ endpoint }) => endpoint.id);
    const before = ids();
    expect(before).toHaveLength(5);
    configure({ subset: { size: 5 }, limits: { calls: 7 } });
    registry.set("orders", many.toReversed());
    expect(ids().toSorted()).toEqual(before.toSorted());
  });
});

describe("zones and priorities", () => {
  const placed = ["a", "b", "a", "b"].map((zone, i) => {
    return { id: `${zone}${i}`, host: `10.0.0.${i + 1}`, port: 80, locality: { zone } };
  });

  test("are followed by the policy in force", async () => {
    const { ask, registry, configure, runtime } = home({ zones: { own: "a" } });
    registry.set("orders", placed);
    const zones = async (): Promise<Set<string>> => {
      const asked = await Promise.all(PATHS.map(ask));
      return new Set(asked.map(({ endpoint }) => endpoint[0]!));
    };
    expect(await zones()).toEqual(new Set(["a"]));
    expect(statsOf(runtime).division.groups).toMatchObject([{ zone: "a", share: 1, endpoints: 2 }]);
    configure({ zones: { own: "a", callers: { a: 1 } } });
    expect(statsOf(runtime).division.groups.map(({ share }) => share)).toEqual([0.5, 0.5]);
    configure({ zones: { own: "b" } });
    expect(await zones()).toEqual(new Set(["b"]));
    configure({ zones: { own: { env: "WEFT_TEST_NO_ZONE" } } });
    expect(statsOf(runtime).division.zonesOff).toBe("this process does not know its zone");
    vi.stubEnv("WEFT_TEST_ZONE", "a");
    configure({ zones: { own: { env: "WEFT_TEST_ZONE" } } });
    expect(await zones()).toEqual(new Set(["a"]));
    vi.unstubAllEnvs();
    configure({ zones: { own: "c" } });
    expect(statsOf(runtime).division).toEqual({ zonesOff: "no endpoint is in zone c", groups: [] });
    configure({});
    expect(await zones()).toEqual(new Set(["a", "b"]));
  });

  test("need no policy where the registry says whose turn is first", async () => {
    const { ask, registry } = home({});
    registry.set(
      "orders",
      placed.map((one) => ({ ...one, meta: { priority: one.id === "b1" ? "0" : "1" } })),
    );
    for (const path of PATHS) expect((await ask(path)).endpoint).toBe("b1");
  });
});
