import { MeshError } from "@weft/core";
import { memoryRegistry, type MemoryRegistry } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { Peers, viewOf } from "./peers.ts";

/** Peers named by number, each in the zone that its letter says; "-" is none. */
function web(zones: string, named: (i: number) => string = (i) => `web-${i}`) {
  return [...zones].map((zone, i) => {
    return { id: named(i), host: `10.0.0.${i + 1}`, port: 80, ...(zone !== "-" && { locality: { zone } }) };
  });
}

function followed(registry: MemoryRegistry = memoryRegistry()) {
  const peers = new Peers((service) => registry.watch(service));
  const places: string[] = [];
  const stop = peers.follow(() => {
    const place = peers.view?.place;
    places.push(place === undefined ? "none" : `${place.self} of ${place.clients}`);
  });
  return { registry, peers, places, stop };
}

describe("the peers of a process", () => {
  test("are not asked for before it is known who it is, nor when nobody follows", () => {
    const { registry, peers, stop } = followed();
    expect(registry.watches("web")).toBe(0);
    peers.identify({ service: "web", id: "web-1" });
    expect(registry.watches("web")).toBe(1);
    peers.identify({ service: "web", id: "web-1" });
    const again = peers.follow(() => {});
    expect(registry.watches("web")).toBe(1);
    stop();
    expect(registry.watches("web")).toBe(1);
    again();
    expect(registry.watches("web")).toBe(0);
    expect(peers.view).toBeUndefined();
  });

  test("are counted in one order, whatever the registry's, and followed as they come and go", () => {
    const { registry, peers, places } = followed();
    peers.identify({ service: "web", id: "web-1" });
    registry.set("web", web("aab").toReversed());
    registry.set("web", web("aabb"));
    registry.set("web", web("aabb").slice(1));
    expect(places).toEqual(["none", "1 of 3", "1 of 4", "0 of 3"]);
    expect(peers.view).toEqual({
      place: { self: 0, clients: 3 },
      zone: "a",
      placeInZone: { self: 0, clients: 1 },
      byZone: { a: 1, b: 2 },
    });
  });

  test("count whatever their checks say", () => {
    const { registry, peers } = followed();
    peers.identify({ service: "web", id: "web-1" });
    registry.set(
      "web",
      web("aaa").map((one) => ({ ...one, state: "failing" as const })),
    );
    expect(peers.view?.place).toEqual({ self: 1, clients: 3 });
  });

  test("stay as they were while the registry has forgotten the process, or is away", () => {
    const { registry, peers } = followed();
    peers.identify({ service: "web", id: "web-1" });
    registry.set("web", web("aaa"));
    registry.set("web", web("aaa").slice(2));
    expect(peers.view?.place).toEqual({ self: 1, clients: 3 });
    registry.fail("connect ECONNREFUSED");
    expect(peers.view?.place).toEqual({ self: 1, clients: 3 });
    registry.recover();
    registry.set("web", web("aaaa"));
    expect(peers.view?.place).toEqual({ self: 1, clients: 4 });
  });

  test("are not known before the registry answers", () => {
    const registry = memoryRegistry();
    registry.stall();
    const { peers } = followed(registry);
    peers.identify({ service: "web", id: "web-1" });
    expect(peers.view).toBeUndefined();
    registry.recover();
    expect(peers.view).toMatchObject({ place: undefined, byZone: {} });
  });

  test("are not known while the registry cannot be watched, and asked for again by whoever follows next", () => {
    const registry = memoryRegistry();
    registry.set("web", web("ab"));
    let token = "";
    const peers = new Peers((service) => {
      if (token === "") throw new MeshError("BAD_CONFIG", "the token is missing");
      return registry.watch(service);
    });
    peers.identify({ service: "web", id: "web-1" });
    peers.follow(() => {});
    expect(peers.view).toBeUndefined();
    token = "secret";
    peers.follow(() => {});
    expect(peers.view?.place).toEqual({ self: 1, clients: 2 });
  });

  test("are others when the process is said to be another", () => {
    const { registry, peers, places } = followed();
    registry.set("web", web("ab"));
    registry.set(
      "shop",
      web("aaa", (i) => `shop-${i}`),
    );
    peers.identify({ service: "web", id: "web-1" });
    peers.identify({ service: "shop", id: "shop-2" });
    peers.identify(undefined);
    expect(places).toEqual(["1 of 2", "2 of 3", "none"]);
    expect([registry.watches("web"), registry.watches("shop")]).toEqual([0, 0]);
  });

  test("leave nothing open when closed", () => {
    const { registry, peers, places } = followed();
    peers.identify({ service: "web", id: "web-1" });
    peers.close();
    registry.set("web", web("aab"));
    expect(registry.watches("web")).toBe(0);
    expect(places).toEqual(["none"]);
  });
});

describe("a process finds itself", () => {
  const registry = memoryRegistry();
  const peersOf = (ids: readonly string[]) => {
    registry.set(
      "web",
      web("a".repeat(ids.length), (i) => ids[i]!),
    );
    return registry.watch("web").membership.endpoints;
  };

  test.each([
    { ids: ["web-1", "web-2"], id: "web-2", self: 1, why: "by its id" },
    { ids: ["n1/web-1", "n2/web-2"], id: "web-2", self: 1, why: "by the id that Consul has on its node" },
    { ids: ["n1/web", "n2/web"], id: "web", self: undefined, why: "not when two nodes have that id" },
    { ids: ["n1/web", "n2/web"], id: "n2/web", self: 1, why: "but when it says which" },
    { ids: ["web-11", "web-12"], id: "web-1", self: undefined, why: "not by a part of an id" },
    { ids: ["web-1"], id: undefined, self: undefined, why: "not without an id" },
    { ids: [], id: "web-1", self: undefined, why: "not among none" },
  ])("$why: $id among $ids", ({ ids, id, self }) => {
    expect(viewOf(peersOf(ids), id).place?.self).toBe(self);
  });

  test("and its zone, while those without one are counted in none", () => {
    registry.set("web", web("a-b-"));
    const { endpoints } = registry.watch("web").membership;
    expect(viewOf(endpoints, "web-1")).toMatchObject({
      place: { self: 1, clients: 4 },
      zone: undefined,
      placeInZone: undefined,
      byZone: { a: 1, b: 1 },
    });
    registry.set("web", [{ host: "10.0.0.1", port: 1, id: "x", locality: { zone: "__proto__" } }]);
    expect(Object.entries(viewOf(registry.watch("web").membership.endpoints, "x").byZone)).toEqual([["__proto__", 1]]);
  });
});
