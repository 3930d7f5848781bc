import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SUCCESS } from "../outcome.ts";
import { hashPicker } from "../policy/consistent-hash/hash-picker.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { Picker } from "../policy/picker.ts";
import { random } from "../policy/random/random.ts";
import type { LoadReport } from "../policy/reported-load/load-report.ts";
import { reportedLoad } from "../policy/reported-load/reported-load.ts";
import { weightedByReports } from "../policy/weighted-round-robin/weighted-by-reports.ts";
import { pickerSuite } from "../policy/picker.suite.ts";
import { many, type Stage, stage } from "./stage.suite.ts";

pickerSuite(weightedByReports);

const using = (utilization: number, perSecond = 100): LoadReport => {
  return { perSecond, errorsPerSecond: 0, utilization, cpu: 0, inFlight: undefined, latencyMs: undefined };
};

/** Each endpoint reports `at`, for longer than the first reports of a cold start are not believed. */
function report({ cluster, call, clock }: Stage, at: readonly (LoadReport | undefined)[]): void {
  for (const secondsOn of [0, 11]) {
    clock.now += secondsOn * 1_000;
    const leases = cluster.snapshot().endpoints.map(({ endpoint }) => cluster.lease(endpoint, call()));
    clock.now += 20;
    leases.forEach((lease, i) => {
      const said = at[i];
      if (said !== undefined) lease.reported(said, clock.now);
      lease.release(SUCCESS);
    });
  }
}

/** Attempts at each endpoint of `count` that all go on at once. */
function sharesOf({ cluster, call }: Stage, count: number): readonly number[] {
  const before = cluster.snapshot().endpoints.map(({ attempts }) => attempts);
  for (let i = 0; i < count; i++) cluster.acquire(call());
  return cluster.snapshot().endpoints.map(({ attempts }, i) => attempts - before[i]!);
}

const WEIGHTED: readonly (() => Picker)[] = [peakEwma, leastRequest, random, weightedByReports, reportedLoad];

describe("a report of twice the utilization", () => {
  test.each(WEIGHTED.map((make) => ({ kind: make().kind, make })))("halves the share: $kind", ({ make }) => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.5, noNaN: true }), (utilization) => {
        const lab = stage(2, { picker: make(), reportsWeigh: true, callsPerEndpoint: 1e6 });
        report(lab, [using(utilization), using(utilization * 2)]);
        const [light, heavy] = sharesOf(lab, 3_000);
        // By chance the share of 3,000 draws has a deviation of 26; four of them.
        expect(Math.abs(heavy! - 1_000)).toBeLessThan(104);
        expect(light! + heavy!).toBe(3_000);
      }),
      { seed: 7, numRuns: 20 },
    );
  });

  test("leaves keys where they are, and halves what a bounded load admits", () => {
    const place = () => ({ find: () => 0, at: (_found: number, _hash: unknown, probe: number) => probe % 2 });
    const shares = (maxLoad?: number): readonly number[] => {
      const picker = hashPicker("test", place, maxLoad === undefined ? {} : { maxLoad });
      const lab = stage(2, { picker, reportsWeigh: true, callsPerEndpoint: 1e6 });
      report(lab, [using(0.5), using(0.25)]);
      return sharesOf(lab, 3_000);
    };
    expect(shares()).toEqual([3_000, 0]);
    expect(Math.abs(shares(1)[0]! - 1_000)).toBeLessThan(40); // bounds are whole, and one per cent above the share
  });
});

describe("a reported weight", () => {
  const ratios = ({ cluster }: Stage): readonly number[] =>
    cluster.snapshot().endpoints.map(({ reportedRatio }) => reportedRatio);
  const weighing = (weights: number | readonly number[]): Stage =>
    stage(many(weights), { picker: leastRequest(), reportsWeigh: true, callsPerEndpoint: 1e6 });

  test("multiplies the registry's", () => {
    const lab = weighing([1, 4]);
    report(lab, [using(0.25), using(0.5)]);
    expect(sharesOf(lab, 300)).toEqual([100, 200]);
  });

  test("is the mean's for who reports nothing, and counts for nobody while only one does", () => {
    const lab = weighing(3);
    report(lab, [using(0.2), using(0.2), undefined]);
    sharesOf(lab, 1);
    expect(ratios(lab)).toEqual([1, 1, 1]);
    const alone = weighing(3);
    report(alone, [using(0.9), undefined, undefined]);
    sharesOf(alone, 1);
    expect(ratios(alone)).toEqual([1, 1, 1]);
  });

  test("never counts for a hundred times another's", () => {
    const lab = weighing(2);
    report(lab, [using(1e-6), using(1e6)]);
    sharesOf(lab, 1);
    const [most, least] = ratios(lab);
    expect(most! / least!).toBeLessThanOrEqual(100);
    expect(least).toBeGreaterThan(0);
  });

  test("stays a number, whatever endpoints say", () => {
    for (const said of [
      [using(1e-300, 1e308), using(1e-300, 1e308)],
      [using(1e-300, 1e308), using(1e300, 1e-300)],
    ]) {
      const lab = weighing(2);
      report(lab, said);
      expect(sharesOf(lab, 200).reduce((sum, share) => sum + share)).toBe(200);
      for (const ratio of ratios(lab)) expect(ratio).toBeGreaterThan(0);
    }
  });

  test("is forgotten with the report, and at once when reports are to weigh no more", () => {
    const lab = weighing(2);
    report(lab, [using(0.25), using(0.5)]);
    sharesOf(lab, 1);
    expect(ratios(lab)).not.toEqual([1, 1]);
    lab.cluster.configure({ reportsWeigh: false });
    expect(ratios(lab)).toEqual([1, 1]);
    lab.cluster.configure({ reportsWeigh: true });
    expect(ratios(lab)).not.toEqual([1, 1]);
    lab.clock.now += 200_000;
    sharesOf(lab, 1);
    expect(ratios(lab)).toEqual([1, 1]);
  });

  test("counts for nothing unless the policy asks for it", () => {
    const lab = stage(2, { picker: leastRequest(), callsPerEndpoint: 1e6 });
    report(lab, [using(0.25), using(0.5)]);
    expect(sharesOf(lab, 300)).toEqual([150, 150]);
  });

  test("goes on when the clock is set back", () => {
    const lab = weighing(2);
    lab.clock.now = 1e9;
    report(lab, [using(0.25), using(0.5)]);
    sharesOf(lab, 1);
    lab.clock.now = 1_000;
    report(lab, [using(0.5), using(0.25)]);
    sharesOf(lab, 1);
    const [first, second] = ratios(lab);
    expect(second).toBe(first! * 2);
  });
});
