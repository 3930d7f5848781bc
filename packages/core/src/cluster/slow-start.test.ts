import { describe, expect, test } from "vitest";
import { sentence } from "../decision/sentence.ts";
import { failure, SUCCESS } from "../outcome.ts";
import { first } from "../policy/first/first.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { Picker } from "../policy/picker.ts";
import { random } from "../policy/random/random.ts";
import { prequal } from "../policy/prequal/prequal.ts";
import { reportedLoad } from "../policy/reported-load/reported-load.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { weightedRoundRobin } from "../policy/weighted-round-robin/weighted-round-robin.ts";
import type { Lease } from "./lease.ts";
import { many, type Stage, stage } from "./stage.suite.ts";

const WINDOW_MS = 30_000;
const pickers: { kind: string; make: () => Picker }[] = [
  peakEwma,
  leastRequest,
  roundRobin,
  weightedRoundRobin,
  random,
  reportedLoad,
  prequal,
].map((make) => ({ kind: make().kind, make }));

describe.each(pickers)("slow start of $kind", ({ make }) => {
  test.each([
    { ageMs: 0, share: 0.1 / 2.1 },
    { ageMs: 9_000, share: 0.3 / 2.3 },
    { ageMs: 15_000, share: 0.5 / 2.5 },
    { ageMs: 30_000, share: 1 / 3 },
  ])("gives a newcomer beside two others $share of the calls at $ageMs ms", ({ ageMs, share }) => {
    const lab = joined(make(), 3);
    lab.clock.now += ageMs;
    // Whoever draws by chance misses it by less than 4 standard deviations of 0.0105.
    expect(shareOf(lab, "e2", 2_000)).toBeGreaterThan(share - 0.042);
    expect(shareOf(lab, "e2", 2_000)).toBeLessThan(share + 0.042);
  });

  test("leaves the others their shares of what it does not take", () => {
    const lab = joined(make(), 5);
    const shares = ["e0", "e1", "e2", "e3"].map((id) => shareOf(lab, id, 2_000));
    for (const share of shares) expect(Math.abs(share - 0.975 / 4)).toBeLessThan(0.05);
  });

  test("lets a busy newcomer have no more than an idle one", () => {
    const lab = joined(make(), 5);
    const held: Lease[] = [];
    for (let i = 0; i < 1_000; i++) {
      lab.clock.now += 0.01;
      held.push(lab.cluster.acquire(lab.call()));
      if (held.length > 60) held.splice(i % 60, 1)[0]!.release(SUCCESS);
    }
    const { attempts } = lab.cluster.snapshot().endpoints[4]!;
    // 0.1 / 4.1 of 1,000, and the two that it may have saved.
    expect(attempts).toBeLessThanOrEqual(27);
    expect(attempts).toBeGreaterThan(15);
  });
});

describe("slow start", () => {
  test("is for whoever takes traffic and did not before, and not for the first membership", () => {
    const { cluster, call, clock } = stage(4, { slowStartMs: WINDOW_MS, health: { failAfter: 1, passAfter: 1 } });
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1]);
    for (let i = 0; i < 5; i++) cluster.lease(many(1)[0]!, call()).release(failure("connect"));
    cluster.checked("e1", { kind: "failed", why: "status 503" });
    clock.now += 6_000;
    cluster.acquire(call()).release(SUCCESS); // e0's trial
    expect(ratios({ cluster })).toEqual([0.1, 1, 1, 1]);
    clock.now += 6_000;
    cluster.checked("e1", { kind: "passed" });
    expect(ratios({ cluster })).toEqual([0.2, 0.1, 1, 1]);
    clock.now += 15_000;
    cluster.acquire(call()).release(SUCCESS);
    expect(ratios({ cluster })).toEqual([0.7, 0.5, 1, 1]);
    clock.now += 15_000;
    cluster.acquire(call()).release(SUCCESS);
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1]);
  });

  test("is for an endpoint whose address changed, or that the registry calls passing again", () => {
    const { cluster } = stage([...many(3), { ...many(4)[3]!, state: "failing" }], { slowStartMs: WINDOW_MS });
    cluster.update([{ ...many(1)[0]!, port: 99 }, ...many(4).slice(1)]);
    expect(ratios({ cluster })).toEqual([0.1, 1, 1, 0.1]);
  });

  test("is suspended while more than half of the weight is new", () => {
    const { cluster, clock, call } = stage(2, { slowStartMs: WINDOW_MS });
    cluster.update(many(5));
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1, 1]);
    clock.now += 15_000;
    cluster.update(many(8));
    clock.now += 15_000;
    cluster.acquire(call()).release(SUCCESS);
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1, 1, 0.5, 0.5, 0.5]);
  });

  test("goes by weight: a heavy newcomer among light ones is more than half", () => {
    const { cluster } = stage(many([1, 1, 1]), { slowStartMs: WINDOW_MS });
    cluster.update(many([1, 1, 1, 4]));
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1]);
  });

  test("gives a heavy newcomer its weight's part", () => {
    const lab = stage(many([1, 1, 1, 1]), { slowStartMs: WINDOW_MS, picker: weightedRoundRobin() });
    lab.cluster.update(many([1, 1, 1, 1, 4]));
    lab.clock.now += 15_000;
    expect(shareOf(lab, "e4", 2_000)).toBeCloseTo(2 / 6, 2);
  });

  test("is off at 0, and ends when it is turned off", () => {
    const { cluster } = stage(2);
    cluster.update(many(3));
    expect(ratios({ cluster })).toEqual([1, 1, 1]);
    cluster.configure({ slowStartMs: WINDOW_MS });
    cluster.update(many(4));
    expect(ratios({ cluster })).toEqual([1, 1, 1, 0.1]);
    cluster.configure({ slowStartMs: 0 });
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1]);
  });

  test("lets a newcomer have few calls at once, while others are open", () => {
    const { cluster, call } = stage(2, { slowStartMs: WINDOW_MS, callsPerEndpoint: 20, picker: leastRequest() });
    cluster.update(many(3));
    const held = Array.from({ length: 40 }, () => cluster.acquire(call()));
    expect(held.filter(({ endpoint: { id } }) => id === "e2").length).toBeLessThanOrEqual(2);
    // Once nobody else has room it takes what comes.
    for (let i = 0; i < 20; i++) held.push(cluster.acquire(call()));
    expect(cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([20, 20, 20]);
  });

  test("stands in no retry's way: where nobody else is left, the newcomer is taken", () => {
    const { cluster, call } = stage(1, { slowStartMs: WINDOW_MS });
    cluster.update(many(2));
    for (let i = 0; i < 50; i++) {
      const one = call();
      const ids = [cluster.acquire(one), cluster.acquire(one)].map((lease) => lease.endpoint.id);
      expect(ids.toSorted()).toEqual(["e0", "e1"]);
    }
  });

  test("thins out the first in line as well", () => {
    const lab = stage(many(4).slice(1), { slowStartMs: WINDOW_MS, picker: first() });
    lab.cluster.update(many(4));
    expect(shareOf(lab, "e0", 1_000)).toBeCloseTo(0.1 / 3.1, 2);
    expect(shareOf(lab, "e1", 1_000)).toBeCloseTo(3 / 3.1, 2);
  });

  test("leaves a record: who was picked first, and that the pick passed on", () => {
    const { cluster, call } = stage(3, { slowStartMs: WINDOW_MS });
    cluster.update(many(4));
    for (let i = 0; i < 50; i++) cluster.acquire(call()).release(SUCCESS);
    const passed = cluster.explain().find((pick) => pick.kind === "pick" && pick.verdict === "passed-on");
    expect(passed && sentence(passed)).toMatch(
      /^attempt 1 goes to e[012] .*: passed on by one that takes less, being new \(slowStart\) or in part another caller's \(subset\); /,
    );
  });

  test("does not hurry when the clock jumps back", () => {
    const { cluster, clock, call } = stage(2, { slowStartMs: WINDOW_MS });
    cluster.update(many(3));
    clock.now -= 60_000;
    for (let i = 0; i < 10; i++) cluster.acquire(call()).release(SUCCESS);
    expect(ratios({ cluster })).toEqual([1, 1, 0.1]);
  });

  test("of one that leaves or falls out meanwhile is over, and begins anew when it comes back", () => {
    const { cluster, clock, call } = stage(3, { slowStartMs: WINDOW_MS });
    cluster.update(many(4));
    clock.now += 15_000;
    cluster.eject("e3", 1_000);
    cluster.acquire(call()).release(SUCCESS);
    expect(ratios({ cluster })).toEqual([1, 1, 1, 1]);
    cluster.restore("e3");
    expect(ratios({ cluster })).toEqual([1, 1, 1, 0.1]);
    cluster.update(many(3));
    cluster.acquire(call()).release(SUCCESS);
    expect(ratios({ cluster })).toEqual([1, 1, 1]);
  });
});

/** All but the last endpoint are known and have answered; the last has just come. */
function joined(picker: Picker, size: number): Stage {
  const lab = stage(size - 1, { slowStartMs: WINDOW_MS, picker });
  for (let i = 0; i < 10 * size; i++) answered(lab);
  lab.cluster.update(many(size));
  return lab;
}

/** Share of so many calls, one after the other, that go to this endpoint; the clock stands still. */
function shareOf(lab: Stage, id: string, calls: number): number {
  let count = 0;
  for (let i = 0; i < calls; i++) if (answered(lab) === id) count++;
  return count / calls;
}

function answered({ cluster, call, clock }: Stage): string {
  const lease = cluster.acquire(call());
  lease.release(SUCCESS, clock.now + 20);
  return lease.endpoint.id;
}

function ratios({ cluster }: Pick<Stage, "cluster">): number[] {
  return cluster.snapshot().endpoints.map(({ slowStartRatio }) => Number(slowStartRatio.toFixed(6)));
}
