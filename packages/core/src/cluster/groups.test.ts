import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sentence } from "../decision/sentence.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { Word64 } from "../hash/word64.ts";
import { failure, SUCCESS } from "../outcome.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { maglev } from "../policy/maglev/maglev.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { Picker } from "../policy/picker.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { weightedRoundRobin } from "../policy/weighted-round-robin/weighted-round-robin.ts";
import type { ZonePreference } from "../policy/zone-aware/zone-preference.ts";
import type { Lease } from "./lease.ts";
import { type Stage, stage } from "./stage.suite.ts";

/** Endpoints named after their zone and place: `a0 a1 b0`. A zone `-` is none. */
function inZones(zones: string, changes: (id: string) => Partial<Endpoint> = () => ({})): Endpoint[] {
  const counts = new Map<string, number>();
  return [...zones].map((zone, i) => {
    const nth = counts.get(zone) ?? 0;
    counts.set(zone, nth + 1);
    const id = `${zone}${nth}`;
    const locality = zone === "-" ? {} : { locality: { zone } };
    return endpoint({ id, host: "10.0.0.1", port: 1 + i, ...locality, ...changes(id) });
  });
}

/** Endpoints named after their priority and place: `00 01 10`. */
function ofPriorities(priorities: string, changes: (id: string) => Partial<Endpoint> = () => ({})): Endpoint[] {
  return inZones(priorities, (id) => ({ ...changes(id), meta: { priority: id[0]! } }));
}

const failing = { state: "failing" } as const;
const OWN: ZonePreference = { own: "a", callers: undefined };

function grouped(
  endpoints: readonly Endpoint[],
  zones: ZonePreference | "off" = OWN,
  picker: () => Picker = peakEwma,
): Stage {
  return stage(endpoints, { picker: picker(), grouping: { picker, zones: zones === "off" ? undefined : zones } });
}

/** How many of 1,000 calls each zone, or priority, gets: the first letter of an id. */
function counts({ cluster, call }: Stage): Record<string, number> {
  const found: Record<string, number> = {};
  for (let i = 0; i < 1_000; i++) {
    const lease = cluster.acquire(call());
    const [first = ""] = lease.endpoint.id;
    found[first] = (found[first] ?? 0) + 1;
    lease.release(SUCCESS);
  }
  return found;
}

const lastSentence = ({ cluster }: Stage): string => sentence(cluster.explain().at(-1)!);

const pickers = [peakEwma, leastRequest, roundRobin, weightedRoundRobin].map((picker) => ({
  kind: picker().kind,
  picker,
}));

describe.each(pickers)("zones with $kind", ({ picker }) => {
  test("keep their calls while five sevenths of the own one are there", () => {
    expect(counts(grouped(inZones("aaaaaaabbc"), OWN, picker))).toEqual({ a: 1_000 });
    const two = grouped(
      inZones("aaaaaaabbc", (id) => (id === "a0" || id === "a1" ? failing : {})),
      OWN,
      picker,
    );
    expect(counts(two)).toEqual({ a: 1_000 });
  });

  test("give the others what the own one cannot take, in proportion of their weight", () => {
    const half = inZones("aabbc", (id) => (id === "a0" ? failing : id === "c0" ? { weight: 4 } : {}));
    const found = counts(grouped(half, OWN, picker));
    // 140 % of half are 70 %: the rest is 10 % for b, with a third of the others' weight, and 20 % for c. Drawn by
    // chance: within 4 standard deviations.
    expect(Math.abs(found["a"]! - 700)).toBeLessThan(58);
    expect(Math.abs(found["b"]! - 100)).toBeLessThan(38);
    expect(Math.abs(found["c"]! - 200)).toBeLessThan(51);
  });
});

describe("zones", () => {
  test("go by where the callers are when that is known", () => {
    const lab = grouped(inZones("abbccc"), { own: "a", callers: { a: 2, b: 1, c: 1 } });
    const shares = lab.cluster.snapshot().division.groups.map(({ zone, share }) => [zone, Number(share.toFixed(4))]);
    expect(shares).toEqual([
      ["a", 0.3332],
      ["b", 0.1666],
      ["c", 0.5002],
    ]);
  });

  test.each<[why: string, endpoints: Endpoint[], zones?: ZonePreference, picker?: () => Picker]>([
    ["no endpoint says its zone", inZones("--")],
    ["no endpoint is in zone a", inZones("bbc")],
    ["this process does not know its zone", inZones("a-"), { own: "", callers: undefined }],
    ["all endpoints are in zone a", inZones("aaa")],
    ["all endpoints are in zone a", inZones("a")],
    ["fewer than 2 endpoints are available", inZones("ab", (id) => (id === "b0" ? failing : {}))],
    ["zones.callers names no caller in zone a", inZones("aab"), { own: "a", callers: { b: 3 } }],
    ["maglev goes by the call's key", inZones("aab"), OWN, maglev],
  ])("are off because %s, and say so", (why, endpoints, zones = OWN, picker = peakEwma) => {
    const lab = grouped(endpoints, zones, picker);
    expect(lab.cluster.snapshot().division).toEqual({ zonesOff: why, groups: [] });
    lab.cluster.acquire(lab.call()).release(SUCCESS);
    expect(lab.cluster.explain()[0]).toMatchObject({ group: { priority: undefined, zonesOff: why } });
    expect(sentence(lab.cluster.explain()[0]!)).toContain(`; zone-aware: off because ${why}`);
  });

  test("say so, too, where no pick can tell of it", () => {
    const draining = grouped(inZones("ab", () => ({ state: "draining" })));
    expect(draining.cluster.snapshot().division).toEqual({ zonesOff: "no endpoint is available", groups: [] });
    // The first priority has all the load, as in the test of priorities below.
    const heavy = inZones("ab").map((one) => ({ ...one, weight: 1e9 }));
    const standby = inZones("c".repeat(200), (id) => ({ meta: { priority: "1" }, ...(id !== "c0" && failing) }));
    const lab = grouped([...heavy, ...standby.map((one) => ({ ...one, port: one.port + 2 }))]);
    lab.cluster.eject("a0", 60_000);
    lab.cluster.eject("b0", 60_000);
    const why = "those that are to get the calls are all ejected";
    expect(lab.cluster.snapshot().division).toEqual({ zonesOff: why, groups: [] });
  });

  test("are off in a priority that is in panic, and say so", () => {
    const endpoints = inZones("aabb", (id) => ({ meta: { priority: "0" }, ...(id !== "a0" && failing) }));
    const standby = endpoint({ id: "s", host: "10.0.0.2", port: 1, ...failing, meta: { priority: "1" } });
    const lab = grouped([...endpoints, standby]);
    const why = "too few of the priority pass their checks";
    expect(lab.cluster.snapshot().division.zonesOff).toBe(why);
    lab.cluster.acquire(lab.call()).release(SUCCESS);
    expect(sentence(lab.cluster.explain()[0]!)).toContain(`; zone-aware: off because ${why}`);
  });

  test("are not spoken of when nobody asked for them", () => {
    const lab = stage(inZones("aab"), { grouping: { picker: peakEwma, zones: undefined } });
    expect(lab.cluster.snapshot().division).toEqual({ zonesOff: undefined, groups: [] });
    lab.cluster.acquire(lab.call()).release(SUCCESS);
    expect(lab.cluster.explain()[0]).toMatchObject({ group: undefined, beyondGroup: false });
  });

  test("are read from the metadata, too, and stand in the record of each pick", () => {
    const lab = grouped(inZones("--", (id) => ({ meta: { zone: id === "-0" ? "a" : "b" } })));
    lab.cluster.acquire(lab.call()).release(SUCCESS);
    expect(lastSentence(lab)).toBe("attempt 1 at -0: success after 0.0 ms");
    expect(sentence(lab.cluster.explain()[0]!)).toContain("; in zone a, priority 0, which gets 100 % of the picks");
  });

  test("are left by a retry when the own one has nobody else, and by a call when it is full", () => {
    const lab = stage(inZones("abb"), { grouping: { picker: peakEwma, zones: OWN }, callsPerEndpoint: 1 });
    const call = lab.call();
    lab.cluster.acquire(call).release(SUCCESS);
    call.attempt++;
    expect(lab.cluster.acquire(call).endpoint.id).toMatch(/^b/);
    expect(lab.cluster.explain().at(-1)).toMatchObject({ kind: "pick", beyondGroup: true, group: { zone: "a" } });
    expect(lastSentence(lab)).toContain(
      "; among all, as nobody was open in zone a, priority 0, which gets 100 % of the picks",
    );
    const held = [lab.cluster.acquire(lab.call()), lab.cluster.acquire(lab.call())];
    expect(held.map(({ endpoint: { id } }) => id[0])).toEqual(["a", "b"]);
  });

  test("are those of the membership that came last, and of the policy", () => {
    const lab = grouped(inZones("aab"));
    lab.cluster.update(inZones("ab", (id) => ({ locality: { zone: id === "a0" ? "b" : "a" } })));
    expect(counts(lab)).toEqual({ b: 1_000 });
    lab.cluster.configure({ grouping: { picker: peakEwma, zones: { own: "b", callers: undefined } } });
    expect(counts(lab)).toEqual({ a: 1_000 });
    lab.cluster.configure({ grouping: { picker: peakEwma, zones: undefined } });
    expect(Object.keys(counts(lab)).toSorted()).toEqual(["a", "b"]);
  });

  test("let a newcomer have its part of what its zone gets", () => {
    const slow = { slowStartMs: 30_000, picker: roundRobin(), grouping: { picker: roundRobin, zones: OWN } };
    const lab = stage(inZones("aabbbb"), slow);
    lab.cluster.update(inZones("aaabbbb"));
    counts(lab);
    const { attempts } = lab.cluster.snapshot().endpoints[2]!;
    // 0.1 of 2.1, and the two that it may have saved.
    expect(attempts).toBeGreaterThan(44);
    expect(attempts).toBeLessThan(51);
  });
});

describe("priorities", () => {
  test("leave a standby alone while five sevenths of the first are there, and say so", () => {
    const lab = grouped(
      ofPriorities("000111", (id) => (id === "10" ? failing : {})),
      "off",
    );
    expect(counts(lab)).toEqual({ 0: 1_000 });
    expect(sentence(lab.cluster.explain().find(({ kind }) => kind === "pick")!)).toContain(
      "; in priority 0, which gets 100 % of the picks",
    );
  });

  test("give the standby what the first cannot take", () => {
    const found = counts(
      grouped(
        ofPriorities("000111", (id) => (id > "00" && id < "10" ? failing : {})),
        "off",
      ),
    );
    // Envoy's 46 and 54 for one of three; chance: 4 standard deviations of 15.8.
    expect(Math.abs(found["0"]! - 460)).toBeLessThan(64);
  });

  test("in panic use who fails its checks, and never who drains or is ejected", () => {
    const lab = grouped(
      ofPriorities("000011", (id) => {
        return id === "00" ? {} : id === "03" || id === "11" ? { state: "draining" } : failing;
      }),
      "off",
      roundRobin,
    );
    // One of three, none of one: 46 % in all, so that both are in panic and the load goes by weight.
    const { groups } = lab.cluster.snapshot().division;
    expect(groups.map(({ share, panic, endpoints }) => [share, panic, endpoints])).toEqual([
      [0.75, true, 3],
      [0.25, true, 1],
    ]);
    lab.cluster.eject("02", 60_000);
    expect(new Set(idsPicked(lab))).toEqual(new Set(["00", "01", "10"]));
    expect(sentence(lab.cluster.explain().find(({ kind }) => kind === "pick")!)).toContain(" in panic, which gets ");
  });

  test("let the last of the first be ejected: its calls go to the standby, and no call fails for it", () => {
    const lab = grouped(ofPriorities("011"), "off");
    const [only] = ofPriorities("011");
    for (let i = 0; i < 5; i++) lab.cluster.lease(only!, lab.call()).release(failure("connect"));
    expect(lab.available()).toEqual(["10", "11"]);
    expect(counts(lab)).toEqual({ 1: 1_000 });
  });

  test("let anybody take the calls while those that are to get them are all ejected", () => {
    // One of 200 of the second is no hundredth: both are in panic, and the first has all the weight.
    const first = ofPriorities("00").map((one) => ({ ...one, weight: 1e9 }));
    const second = ofPriorities("1".repeat(200), (id) => (id === "10" ? {} : failing)).map((one) => {
      return { ...one, port: one.port + 2 };
    });
    const lab = grouped([...first, ...second], "off");
    lab.cluster.eject("00", 60_000);
    lab.cluster.eject("01", 60_000);
    expect(lab.cluster.snapshot().division).toEqual({ zonesOff: undefined, groups: [] });
    expect(new Set(idsPicked(lab))).toEqual(new Set(["10"]));
  });

  test("divide by zone, each for itself", () => {
    const endpoints = inZones("aabb").map((one) => ({ ...one, meta: { priority: one.id.endsWith("1") ? "1" : "0" } }));
    const lab = grouped(endpoints);
    expect(idsPicked(lab)).toEqual(Array(200).fill("a0"));
    lab.cluster.update(endpoints.map((one) => (one.id.endsWith("0") ? { ...one, ...failing } : one)));
    expect(idsPicked(lab)).toEqual(Array(200).fill("a1"));
  });

  test("keep the keys of a balancer that hashes with their endpoints, as many as are the first's part", () => {
    const endpoints = ofPriorities("0000011111", (id) => (id === "00" || id === "01" || id === "02" ? failing : {}));
    const lab = grouped(endpoints, "off", maglev);
    const pick = (key: number): string => {
      const call = lab.call();
      call.hash = new Word64(0, key);
      const lease = lab.cluster.acquire(call);
      lease.release(SUCCESS);
      return lease.endpoint.id;
    };
    const first = Array.from({ length: 100 }, (_, key) => pick(key));
    expect(Array.from({ length: 100 }, (_, key) => pick(key))).toEqual(first);
    // 140 * 2 / 5, of the keys 0..99.
    expect(first.filter((id) => id.startsWith("0"))).toHaveLength(56);
    expect(first[56]).toMatch(/^1/);
  });
});

function idsPicked({ cluster, call }: Stage): string[] {
  return Array.from({ length: 200 }, () => {
    const lease = cluster.acquire(call());
    lease.release(SUCCESS);
    return lease.endpoint.id;
  });
}

const member = fc.record({
  zone: fc.constantFrom("a", "b", "c", "-"),
  priority: fc.constantFrom("0", "1", "2"),
  state: fc.constantFrom("passing" as const, "failing" as const, "draining" as const),
  weight: fc.constantFrom(0.001, 1, 3, 1e9),
});

test("whatever the members, shares make one, and only panic takes who is not available", () => {
  fc.assert(
    fc.property(fc.array(member, { maxLength: 12 }), fc.boolean(), fc.nat(), (members, known, seed) => {
      const endpoints = members.map(({ zone, priority, state, weight }, i) => {
        const locality = zone === "-" ? {} : { locality: { zone } };
        return endpoint({ id: `e${i}`, host: "10.0.0.1", port: 1 + i, state, weight, ...locality, meta: { priority } });
      });
      const zones = { own: "a", callers: known ? { a: 3, b: 1 } : undefined };
      const { cluster, call } = stage(endpoints, { grouping: { picker: peakEwma, zones }, callsPerEndpoint: 2 }, seed);
      const { groups } = cluster.snapshot().division;
      if (groups.length > 0) expect(groups.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
      const panic = groups.some((group) => group.panic);
      const available = new Set(
        cluster
          .snapshot()
          .endpoints.filter((one) => one.available)
          .map((one) => one.endpoint.id),
      );
      const held: Lease[] = [];
      for (let i = 0; i < available.size * 2; i++) {
        const choice = cluster.choose(call());
        // As many as there are places: one is always found while nobody is in panic.
        if (choice.kind === "none") return expect(panic).toBe(true);
        if (!panic) expect(available.has(choice.endpoint.id)).toBe(true);
        expect(choice.endpoint.state).not.toBe("draining");
        held.push(cluster.lease(choice.endpoint, call()));
      }
      if (!panic) expect(cluster.choose(call()).kind).toBe("none");
    }),
    { seed: 7 },
  );
});
