import { describe, expect, test } from "vitest";
import { failure, type Outcome, SUCCESS } from "../outcome.ts";
import { FAILURE_PERCENTAGE_DEFAULTS } from "../policy/outlier-ejection/failure-percentage-rule.ts";
import { LATENCY_OUTLIER_DEFAULTS } from "../policy/outlier-ejection/latency-rule.ts";
import { SUCCESS_RATE_DEFAULTS } from "../policy/outlier-ejection/success-rate-rule.ts";
import { many, outliers, type Stage, stage } from "./stage.suite.ts";

const FAILED = failure("server-error");
/** So many in a row never come. */
const consecutiveFailures = 1_000;

/** Calls to each endpoint in turn, a millisecond apart; `fails` says which fail, `takes` how long an answer takes. */
function calls(
  { cluster, call, clock }: Stage,
  rounds: number,
  size: number,
  fails: (endpoint: number, round: number) => boolean,
  takes: (endpoint: number) => number = () => 1,
): void {
  const endpoints = many(size);
  for (let round = 0; round < rounds; round++) {
    endpoints.forEach((endpoint, i) => {
      const lease = cluster.lease(endpoint, call());
      clock.now += takes(i);
      lease.release(fails(i, round) ? FAILED : SUCCESS);
    });
  }
}

/** Every second attempt at the first endpoint. */
const half = (endpoint: number, round: number): boolean => endpoint === 0 && round % 2 === 0;

describe("comparing endpoints", () => {
  test("takes out one that fails half of its attempts while the other fails none", () => {
    const lab = stage(2);
    calls(lab, 200, 2, half);
    expect(lab.available()).toEqual(["e1"]);
    const [event] = lab.journal.of("endpoint.ejected");
    expect(event).toMatchObject({ endpoint: "e0", reason: "relative" });
    expect(event!.why).toMatch(/^\d+ of \d+ attempts failed in 10 s, of the others' 0 of \d+$/);
  });

  test("takes nobody out when all fail alike: it is what they depend on that fails", () => {
    const lab = stage(5, { outliers: outliers({ consecutiveFailures }) });
    calls(lab, 500, 5, (_, round) => round % 2 === 0);
    expect(lab.available()).toHaveLength(5);
  });

  test("takes nobody out for errors by chance", () => {
    const lab = stage(5);
    // One in a hundred, each at another time.
    calls(lab, 2_000, 5, (endpoint, round) => (round + endpoint * 20) % 100 === 0);
    expect(lab.journal.of("endpoint.ejected")).toEqual([]);
  });

  test("sees a small difference in a longer window", () => {
    const lab = stage(5);
    // A tenth fails, for 100 s with 10 attempts each a second: 10 s say nothing yet, a minute does.
    calls(
      lab,
      1_000,
      5,
      (endpoint, round) => endpoint === 0 && round % 10 === 0,
      () => 20,
    );
    expect(lab.journal.of("endpoint.ejected")[0]).toMatchObject({
      endpoint: "e0",
      why: expect.stringMatching(/ in (60|300) s, /),
    });
  });

  test("sees the failures of one right after those of others", () => {
    const lab = stage(5, { outliers: outliers({ consecutiveFailures }) });
    const attempt = (endpoint: number, outcome: Outcome): void => {
      const lease = lab.cluster.lease(many(5)[endpoint]!, lab.call());
      lab.clock.now += 1;
      lease.release(outcome);
    };
    for (let i = 0; i < 400; i++) attempt(1 + (i % 4), SUCCESS);
    for (let i = 0; i < 3; i++) {
      attempt(1 + i, FAILED);
      attempt(0, FAILED);
      lab.clock.now += 1_000;
    }
    expect(lab.journal.of("endpoint.ejected").map(({ endpoint }) => endpoint)).toEqual(["e0"]);
  });

  test("forgets what an endpoint was ejected for: one failure after its return does not eject it again", () => {
    const lab = stage(2);
    calls(lab, 200, 2, half);
    lab.clock.now += 60_000;
    lab.cluster.restore("e0");
    calls(lab, 1, 2, (endpoint) => endpoint === 0);
    calls(lab, 20, 2, () => false);
    expect(lab.available()).toEqual(["e0", "e1"]);
  });

  test("can be told to observe: nobody is ejected, and it says at most once in ten seconds what it would have done", () => {
    const lab = stage(2, { outliers: outliers({ observed: ["relative"] }) });
    calls(lab, 6_000, 2, half); // 12 s
    expect(lab.available()).toEqual(["e0", "e1"]);
    const kept = lab.journal.of("endpoint.kept");
    expect(kept.map(({ reason }) => reason)).toEqual(["relative", "relative"]);
    expect(kept[0]!.why).toContain("; the test observes");
  });

  test("keeps what the floor rule keeps, and says so", () => {
    const lab = stage(3, { outliers: outliers({ maxEjectedRatio: 0.4 }) });
    calls(lab, 400, 3, (endpoint, round) => endpoint < 2 && round % 2 === 0);
    expect(lab.available()).toHaveLength(2);
    expect(lab.journal.of("endpoint.kept")).toMatchObject([
      { reason: "relative", why: expect.stringContaining("1 of 3 are ejected, and 1 may be") },
    ]);
  });

  test("is off when no test is on", () => {
    const lab = stage(2, { outliers: outliers({ relative: false }) });
    calls(lab, 200, 2, half);
    expect(lab.available()).toHaveLength(2);
  });
});

describe("as Envoy does", () => {
  test("a success rate far below the mean ejects", () => {
    const lab = stage(6, { outliers: outliers({ relative: false, successRate: SUCCESS_RATE_DEFAULTS }) });
    calls(lab, 120, 6, half);
    expect(lab.journal.of("endpoint.ejected")).toMatchObject([{ endpoint: "e0", reason: "success-rate" }]);
  });

  test("a share of failures ejects, whatever the others do", () => {
    const failurePercentage = { ...FAILURE_PERCENTAGE_DEFAULTS, threshold: 0.5 };
    const lab = stage(6, { outliers: outliers({ relative: false, failurePercentage, consecutiveFailures }) });
    calls(lab, 200, 6, () => true);
    const events = lab.journal.of("endpoint.ejected");
    expect(events.map(({ reason }) => reason)).toEqual(["failure-percentage", "failure-percentage"]); // then there are four
    expect(events[0]!.why).toMatch(/^100\.0 % of its 5\d attempts failed in 10 s$/);
  });
});

test("an endpoint that answers much slower than the others is taken out, where that is asked for", () => {
  const slow = (endpoint: number): number => (endpoint === 0 ? 300 : 10);
  const without = stage(3);
  calls(without, 40, 3, () => false, slow);
  expect(without.available()).toHaveLength(3);
  const lab = stage(3, { outliers: outliers({ latency: { ...LATENCY_OUTLIER_DEFAULTS, minimumAttempts: 10 } }) });
  calls(lab, 40, 3, () => false, slow);
  expect(lab.journal.of("endpoint.ejected")[0]).toMatchObject({
    endpoint: "e0",
    reason: "latency",
    why: "it answers in 300 ms, over 5 times the others",
  });
});
