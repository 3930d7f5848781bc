import { describe, expect, test } from "vitest";
import { sentence } from "../decision/sentence.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { failure, type Outcome, SUCCESS } from "../outcome.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { ZonePreference } from "../policy/zone-aware/zone-preference.ts";
import { outliers, type Stage, stage } from "./stage.suite.ts";

/** Endpoints named after their zone and place: `a0 a1 b0`. */
function inZones(zones: string, weight = 1): Endpoint[] {
  return [...zones].map((zone, i) => {
    return endpoint({ id: `${zone}${i}`, host: "10.0.0.1", port: 1 + i, weight, locality: { zone } });
  });
}

/** Nobody is ejected, so that only the zones react. */
function lab(zones: string, preference: Partial<ZonePreference> = {}): Stage {
  const grouping = { picker: peakEwma, zones: { own: "a", callers: undefined, ...preference } };
  const none = outliers({ consecutiveFailures: Number.POSITIVE_INFINITY, relative: false });
  return stage(inZones(zones), { picker: peakEwma(), grouping, outliers: none });
}

type Answers = Readonly<Record<string, { readonly ms: number; readonly outcome?: Outcome }>>;

/**
 * A hundred calls a second, one after the other, each answered as its zone does: by the first letter of the endpoint.
 *
 * @returns how many calls each zone got
 */
function run({ cluster, clock, call }: Stage, seconds: number, answers: Answers): Record<string, number> {
  const found: Record<string, number> = {};
  const until = clock.now + seconds * 1_000;
  while (clock.now < until) {
    const lease = cluster.acquire(call());
    const zone = lease.endpoint.id[0]!;
    found[zone] = (found[zone] ?? 0) + 1;
    const { ms, outcome = SUCCESS } = answers[zone]!;
    lease.release(outcome, clock.now + ms);
    clock.now += 10;
  }
  return found;
}

const ownShare = ({ cluster }: Stage): number => {
  return cluster.snapshot().division.groups.find(({ zone }) => zone === "a")?.share ?? 0;
};

describe("a zone that is slow", () => {
  const alike = { a: { ms: 10 }, b: { ms: 11 }, c: { ms: 11 } };
  const slow = { ...alike, a: { ms: 60 } };

  test("keeps its calls while it is as fast as the others, but for a look a second", () => {
    const zones = lab("aaabbbc");
    expect(run(zones, 60, alike)).toMatchObject({ a: 5_941 }); // the first look comes after two seconds
    expect(zones.cluster.snapshot().division.groups.map(({ zone, share, spill }) => [zone, share, spill])).toEqual([
      ["a", 1, undefined],
    ]);
  });

  test("spills in proportion, says so in every record, and gets its calls back", () => {
    const zones = lab("aaabbbc");
    run(zones, 40, alike);
    run(zones, 60, slow);
    // 60 ms beside 11 are 5.5 times, and 3 / 5.5 are 55 %.
    expect(ownShare(zones)).toBeCloseTo(0.55, 1);
    const { groups } = zones.cluster.snapshot().division;
    expect(groups.map(({ zone }) => zone)).toEqual(["a", "b", "c"]);
    expect(groups[1]!.share).toBeCloseTo(groups[2]!.share * 3, 6); // as many endpoints as there are
    const spill = groups[0]!.spill!;
    expect(spill).toMatch(/^zone a spills 4[3-7] %: its latency is 5\.[3-6] x that of the others$/);
    const pick = zones.cluster.explain().findLast(({ kind }) => kind === "pick")!;
    expect(pick).toMatchObject({ group: { spill } });
    expect(sentence(pick)).toContain(` % of the picks, as ${spill}`);
    run(zones, 90, alike);
    expect(zones.cluster.snapshot().division.groups).toMatchObject([{ zone: "a", share: 1, spill: undefined }]);
  });

  test("does so where it is known where the callers are, too", () => {
    const zones = lab("aabbbb", { callers: { a: 2, b: 1 } });
    expect(ownShare(zones)).toBeCloseTo(0.5, 3); // a third of the endpoints for two thirds of the callers
    run(zones, 60, { a: { ms: 60 }, b: { ms: 10 } });
    expect(ownShare(zones)).toBeCloseTo(0.25, 1); // half of that, as six times is twice three
  });

  test("keeps its calls when the others are as slow, or one of its endpoints alone is", () => {
    const all = lab("aaabbbc");
    run(all, 60, { a: { ms: 60 }, b: { ms: 50 }, c: { ms: 70 } });
    expect(ownShare(all)).toBe(1);
    const one = lab("aaabbbc");
    const { cluster, clock, call } = one;
    for (let i = 0; i < 6_000; i++) {
      const lease = cluster.acquire(call());
      lease.release(SUCCESS, clock.now + (lease.endpoint.id === "a0" ? 900 : 10));
      clock.now += 10;
    }
    expect(ownShare(one)).toBe(1);
  });

  test("keeps its calls, and looks at no other, when it is not to spill", () => {
    const zones = lab("aaabbbc", { spill: { latencyFactor: 0, healthyRatio: 0 } });
    expect(Object.keys(run(zones, 60, slow))).toEqual(["a"]);
    expect(zones.cluster.snapshot().division.groups).toMatchObject([{ share: 1, spill: undefined }]);
  });

  test("gets its calls back at once when it is not to spill any more", () => {
    const zones = lab("aaabbb");
    run(zones, 100, { a: { ms: 60 }, b: { ms: 10 } });
    expect(ownShare(zones)).toBeLessThan(0.6);
    const spill = { latencyFactor: 0, healthyRatio: 0 };
    zones.cluster.configure({ grouping: { picker: peakEwma, zones: { own: "a", callers: undefined, spill } } });
    expect(ownShare(zones)).toBe(1);
  });

  test("looks at the others in one of fifty calls at most, and says what such a call is for", () => {
    const zones = lab("aaabbbc");
    const { cluster, clock, call } = zones;
    const looks: string[] = [];
    for (let i = 0; i < 600; i++) {
      clock.now += 1_000; // a call a second
      const made = call();
      const lease = cluster.acquire(made);
      lease.release(SUCCESS, clock.now + 10);
      const [pick] = cluster.explain(made.number);
      if (!lease.endpoint.id.startsWith("a")) looks.push(sentence(pick!));
    }
    expect(looks).toHaveLength(11);
    expect(looks[0]).toContain(
      "; a look at how zones other than a do, in priority 0, which gets 2 % of the picks at most",
    );
  });

  test("is judged anew when the process is told another zone", () => {
    const zones = lab("aaabbb");
    run(zones, 100, { a: { ms: 60 }, b: { ms: 10 } });
    expect(ownShare(zones)).toBeLessThan(0.6);
    zones.cluster.configure({ grouping: { picker: peakEwma, zones: { own: "b", callers: undefined } } });
    expect(zones.cluster.snapshot().division.groups).toMatchObject([{ zone: "b", share: 1 }]);
    zones.cluster.configure({ grouping: { picker: peakEwma, zones: undefined } });
    expect(zones.cluster.snapshot().division.groups).toEqual([]);
  });

  test("gets its calls back, and is slow again, by a clock that was set back by an hour", () => {
    const zones = lab("aaabbb");
    run(zones, 100, { a: { ms: 60 }, b: { ms: 10 } });
    zones.clock.now -= 3_600_000;
    run(zones, 90, { a: { ms: 10 }, b: { ms: 10 } });
    expect(ownShare(zones)).toBe(1);
    zones.clock.now -= 3_600_000;
    run(zones, 100, { a: { ms: 60 }, b: { ms: 10 } });
    expect(ownShare(zones)).toBeCloseTo(0.5, 1);
  });
});

describe("a zone that fails", () => {
  const refused = failure("server-error");

  test("spills in proportion to what is fit of it, and says so", () => {
    const zones = lab("aaabbb");
    let calls = 0;
    // Two of three calls fail in a, none in b.
    const answers: Answers = {
      get a() {
        return { ms: 10, outcome: calls++ % 3 === 0 ? SUCCESS : refused };
      },
      b: { ms: 10 },
    };
    run(zones, 60, answers);
    expect(ownShare(zones)).toBeGreaterThan(0.4);
    expect(ownShare(zones)).toBeLessThan(0.75);
    expect(zones.cluster.snapshot().division.groups[0]!.spill).toMatch(
      /^zone a spills \d\d %: \d\d % of it is fit, of the others 100 %$/,
    );
  });

  test("keeps its calls when the others fail as much", () => {
    const zones = lab("aaabbb");
    run(zones, 60, { a: { ms: 10, outcome: refused }, b: { ms: 10, outcome: refused } });
    expect(ownShare(zones)).toBeGreaterThan(0.85);
  });
});

describe("what a zone has room for", () => {
  test("grows as its newcomers do", () => {
    const grouping = { picker: peakEwma, zones: { own: "a", callers: { a: 1, b: 1 } } };
    const zones = stage(inZones("aaabbbb"), { slowStartMs: 30_000, picker: peakEwma(), grouping });
    const alike = { a: { ms: 10 }, b: { ms: 10 } };
    run(zones, 1, alike);
    zones.cluster.update([...inZones("aaabbbb"), ...inZones("-------a").slice(7)]);
    run(zones, 1, alike);
    // Three and a tenth of seven and a tenth, for half of the callers.
    expect(ownShare(zones)).toBeCloseTo(3.1 / 7.1 / 0.5, 2);
    run(zones, 15, alike);
    expect(ownShare(zones)).toBeCloseTo(3.5 / 7.5 / 0.5, 1);
    run(zones, 20, alike);
    expect(ownShare(zones)).toBe(1);
  });

  test.each([0.001, 1e9])("does not depend on what weights are measured in: %d", (weight) => {
    const zones = lab("ab");
    zones.cluster.update(inZones("aaabbbc", weight));
    run(zones, 100, { a: { ms: 60 }, b: { ms: 10 }, c: { ms: 10 } });
    expect(ownShare(zones)).toBeCloseTo(0.5, 1);
  });
});
