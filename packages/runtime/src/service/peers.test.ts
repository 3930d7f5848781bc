import { memoryRegistry, type MemoryRegistry } from "@weft/testkit";
import type { ServicePolicyInput } from "@weft/config";
import { describe, expect, test } from "vitest";
import { Peers } from "../registry/peers.ts";
import { type Home, home } from "./home.suite.ts";
import { statsOf } from "./service-stats.ts";

/** Endpoints, or peers, each in the zone that its letter says. */
function inZones(zones: string, name = "e") {
  return [...zones].map((zone, i) => {
    return { id: `${name}${i}`, host: `10.0.${i >> 7}.${i & 127}`, port: 80, locality: { zone } };
  });
}

interface Rig extends Home {
  readonly peers: Peers;
  readonly catalog: MemoryRegistry;
}

/** A home whose process is `web5`, or that many. */
function rig(service: ServicePolicyInput, zonesOfPeers: string, id: string | undefined = "web5"): Rig {
  const catalog = memoryRegistry();
  catalog.set("web", inZones(zonesOfPeers, "web"));
  const peers = new Peers((name) => catalog.watch(name));
  peers.identify({ service: "web", id });
  return { ...home(service, () => 200, { peers }), peers, catalog };
}

const known = ({ runtime }: Home): readonly string[] => statsOf(runtime).endpoints.map(({ endpoint }) => endpoint.id);
const groups = ({ runtime }: Home) =>
  statsOf(runtime).division.groups.map(({ zone, share }) => [zone, Number(share.toFixed(3))]);
const fleet = "a".repeat(200);

describe("a subset of a process that knows its place", () => {
  test("is an arc of more than fifty endpoints by itself, and all of fifty", () => {
    const one = rig({ zones: "off" }, "a".repeat(40));
    one.registry.set("orders", inZones("a".repeat(50)));
    expect(known(one)).toHaveLength(50);
    expect(one.runtime.subset).toBeUndefined();
    one.registry.set("orders", inZones(fleet));
    expect(known(one)).toHaveLength(20);
    expect(one.runtime.subset).toMatch(/^20 of 200 endpoints, by aperture, this being \d+ of 40 peers$/);
    // Not to and fro while one more comes and goes.
    for (const [count, used] of [
      [50, "an arc"],
      [41, "an arc"],
      [40, "all"],
      [50, "all"],
    ] as const) {
      one.registry.set("orders", inZones("a".repeat(count)));
      expect(known(one).length < count ? "an arc" : "all", `${count}`).toBe(used);
    }
  });

  test("is as large as is asked for, and other peers have others, which come to all", () => {
    const used = new Map<string, number>();
    for (let i = 0; i < 10; i++) {
      const one = rig({ zones: "off", subset: { size: 5 } }, "a".repeat(10), `web${i}`);
      one.registry.set("orders", inZones("a".repeat(40)));
      for (const { endpoint } of statsOf(one.runtime).endpoints) {
        used.set(endpoint.id, (used.get(endpoint.id) ?? 0) + (endpoint.part ?? 1));
      }
    }
    expect(used.size).toBe(40);
    for (const times of used.values()) expect(times).toBeCloseTo(2, 9); // arcs of two places: 8 endpoints
  });

  test("follows the peers, and stays while the process is forgotten", () => {
    const one = rig({ zones: "off" }, "a".repeat(40));
    one.registry.set("orders", inZones(fleet));
    const told: number[] = [];
    one.runtime.onMembership((endpoints) => told.push(endpoints.length));
    const before = known(one);
    one.catalog.set("web", inZones("a".repeat(41), "web"));
    expect(known(one)).not.toEqual(before);
    one.catalog.set("web", inZones("a".repeat(7), "web"));
    const arc = known(one);
    expect(arc).toHaveLength(30); // one place of seven is 28.6 endpoints: 28 and parts of two
    one.catalog.set("web", []);
    expect(known(one)).toEqual(arc);
    one.peers.identify(undefined);
    expect(known(one)).toHaveLength(200);
    expect(told.at(-1)).toBe(200);
  });

  test("is by chance where it does not know it, when a size is asked for, and all when not", () => {
    const lost = rig({ subset: { size: 20 } }, "a".repeat(40), "web-gone");
    lost.registry.set("orders", inZones(fleet));
    expect(known(lost)).toHaveLength(20);
    expect(lost.runtime.subset).toBe(
      "20 of 200 endpoints, by chance, as the place of this process among its peers is not known",
    );
    const again = rig({ subset: { size: 20 } }, "", "web-gone");
    again.registry.set("orders", inZones(fleet));
    expect(known(again)).toEqual(known(lost)); // its id is the seed
    const other = rig({ subset: { size: 20 } }, "", "web-lost");
    other.registry.set("orders", inZones(fleet));
    expect(known(other)).not.toEqual(known(lost));
    const unasked = rig({}, "", "web-gone");
    unasked.registry.set("orders", inZones(fleet));
    expect(known(unasked)).toHaveLength(200);
  });

  test.each<[why: string, policy: ServicePolicyInput]>([
    ["it is off", { subset: "off" }],
    ["keys are to have one endpoint", { balancer: { kind: "maglev", hashOn: ["path"] } }],
    ["all are to fill the first", { balancer: { kind: "first" } }],
    ["sessions are kept", { sticky: { cookie: { name: "s" } } }],
  ])("is everything when nobody asks for a size and %s", (_, policy) => {
    const one = rig({ zones: "off", ...policy }, "a".repeat(40));
    one.registry.set("orders", inZones(fleet));
    expect(known(one)).toHaveLength(200);
  });

  test("is of those with the labels", () => {
    const one = rig({ zones: "off", subset: { labels: { version: "v2" } } }, "a".repeat(40));
    one.registry.set(
      "orders",
      inZones(fleet).map((each, i) => ({ ...each, meta: { version: i % 2 === 0 ? "v1" : "v2" } })),
    );
    expect(known(one)).toHaveLength(21);
    expect(known(one).every((id) => Number(id.slice(1)) % 2 === 1)).toBe(true);
    one.configure({ zones: "off", subset: { labels: { version: "v2" }, size: 100 } });
    expect(one.runtime.subset).toBe("100 of 200 endpoints, by its labels");
  });

  test("has its number of each zone where zones count", () => {
    const one = rig({}, "abab".repeat(10));
    one.registry.set("orders", inZones("ab".repeat(100)));
    const zones = statsOf(one.runtime).endpoints.map(({ endpoint }) => endpoint.locality?.zone);
    expect(zones.filter((zone) => zone === "a")).toHaveLength(20);
    expect(zones.filter((zone) => zone === "b")).toHaveLength(20);
    expect(one.runtime.subset).toMatch(/^40 of 200 endpoints, by aperture, this being \d+ of 20 peers in zone b$/);
  });
});

describe("zones of a process that the registry knows", () => {
  test("count by themselves, the own one by its entry, and the callers by its peers", () => {
    const one = rig({}, "aaaabb", "web0");
    one.registry.set("orders", inZones("aabbbb"));
    // Two thirds of the callers and a third of the endpoints are in a.
    expect(groups(one)).toEqual([
      ["a", 0.5],
      ["b", 0.5],
    ]);
    one.catalog.set("web", inZones("aabbbb", "web"));
    expect(groups(one)).toEqual([["a", 1]]);
    one.catalog.set("web", inZones("bbbbbb", "web"));
    expect(groups(one)).toEqual([
      ["b", 0.667],
      ["a", 0.333],
    ]);
  });

  test("go by the own zone first where it knows its zone and none of its peers does", () => {
    const one = rig({ zones: { own: "a" } }, "");
    one.registry.set("orders", inZones("abbbbb"));
    expect(groups(one)).toEqual([["a", 1]]);
    one.catalog.set("web", inZones("aaab", "web"));
    expect(groups(one)).toEqual([
      ["a", 0.222],
      ["b", 0.778],
    ]);
    one.configure({ zones: { own: "a", callers: { a: 1, b: 5 } } });
    expect(groups(one)).toEqual([["a", 1]]);
  });

  test("are not spoken of when neither the policy nor the registry knows the own one", () => {
    const one = rig({}, "ab", "web-gone");
    one.registry.set("orders", inZones("ab"));
    expect(statsOf(one.runtime).division).toEqual({ zonesOff: undefined, groups: [] });
  });

  test("do not count when the policy says so", () => {
    const one = rig({ zones: "off" }, "ab", "web0");
    one.registry.set("orders", inZones("ab"));
    expect(statsOf(one.runtime).division).toEqual({ zonesOff: undefined, groups: [] });
  });

  test("and its peers are let go of when the service closes", async () => {
    const one = rig({}, "ab", "web0");
    expect(one.catalog.watches("web")).toBe(1);
    await one.runtime.close(0);
    expect(one.catalog.watches("web")).toBe(0);
    one.catalog.set("web", inZones("abab", "web"));
  });
});
