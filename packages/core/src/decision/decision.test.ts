import { describe, expect, test } from "vitest";
import { many, stage } from "../cluster/stage.suite.ts";
import { failure, SUCCESS } from "../outcome.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { DecisionLog } from "./decision-log.ts";
import {
  ATTEMPT_CODES,
  type Decision,
  HEDGE_CODES,
  PICK_CODES,
  type PickDecision,
  REFUSAL_CODES,
  RETRY_CODES,
  wordOf,
} from "./decision.ts";
import { sentence } from "./sentence.ts";

describe("decision log", () => {
  test("keeps the last records, oldest first, and counts on over those it dropped", () => {
    const log = new DecisionLog(4);
    for (let call = 1; call <= 11; call++) log.refusal(call * 10, call, "limits.calls", call);
    const kept = log.decisions(String);
    expect(kept.map(({ number, atMs, call }) => [number, atMs, call])).toEqual([
      [7, 80, 8],
      [8, 90, 9],
      [9, 100, 10],
      [10, 110, 11],
    ]);
    expect(log.decisions(String, 10)).toHaveLength(1);
    expect(log.decisions(String, 3)).toEqual([]);
  });

  test("reads back every verdict it can hold", () => {
    const log = new DecisionLog(64);
    for (const by of keys(REFUSAL_CODES)) log.refusal(0, 1, by, 0);
    for (const verdict of keys(RETRY_CODES)) log.retry(0, 1, 1, verdict, 5, 6);
    for (const verdict of keys(HEDGE_CODES)) log.hedge(0, 1, 1, verdict, 5, 6);
    for (const verdict of keys(PICK_CODES)) {
      log.pick(0, 1, 1, 30);
      log.picked(verdict, undefined, 3, 2, 1, 0);
    }
    const words = log.decisions(String).map((decision) => {
      return decision.kind === "refusal"
        ? decision.by
        : decision.kind === "attempt"
          ? decision.outcome
          : decision.verdict;
    });
    expect(words).toEqual(
      [REFUSAL_CODES, RETRY_CODES, HEDGE_CODES, PICK_CODES].flatMap((codes) => keys<string>(codes)),
    );
  });

  test.each([REFUSAL_CODES, RETRY_CODES, HEDGE_CODES, PICK_CODES, ATTEMPT_CODES])(
    "gives each word a code of its own: %o",
    (codes) => {
      const words = Object.keys(codes);
      expect(words.map((word) => wordOf<string>(codes, (codes as Record<string, number>)[word]!))).toEqual(words);
      expect(() => wordOf<string>(codes, 99)).toThrow(RangeError);
    },
  );

  test("keeps four candidates of a pick that compared more, and says how many there were", () => {
    const { cluster, call, clock } = stage(8);
    for (let round = 0; round < 30; round++) {
      const lease = cluster.acquire(call());
      clock.now += 1_000;
      lease.release(failure("overloaded"));
    }
    const picks = cluster.explain().filter((decision): decision is PickDecision => decision.kind === "pick");
    const most = picks.reduce((a, b) => (a.compared > b.compared ? a : b));
    expect(most.compared).toBe(14); // a pair, and three times: the best again, a pair, its winner again
    expect(most.candidates).toHaveLength(4);
  });

  test("never mixes the numbers of an older record into a new one", () => {
    const { cluster, call } = stage(2, { picker: leastRequest() });
    for (let i = 0; i < 300; i++) cluster.acquire(call()).release(failure("overloaded", 1_000));
    cluster.configure({ picker: roundRobin() });
    cluster.acquire(call());
    const pick = cluster.explain().at(-1);
    expect(pick?.kind === "pick" && pick.candidates).toMatchObject([
      { load: 0, latencyMs: 0, failures: 0, onHold: false },
    ]);
  });
});

describe("sentence", () => {
  const decided = { number: 1, atMs: 5, call: 1, attempt: 1 };
  const pick: PickDecision = {
    ...decided,
    kind: "pick",
    verdict: "chosen",
    endpoint: "a",
    members: 3,
    available: 2,
    ejected: 1,
    unhealthy: 0,
    typicalMs: 20,
    compared: 2,
    candidates: [
      { endpoint: "a", load: 1.5, latencyMs: 20, failures: 0, pending: 0, weight: 1, onHold: false },
      { endpoint: "b", load: 150, latencyMs: 1_500, failures: 1, pending: 3, weight: 1, onHold: true },
    ],
  };
  const cases: [Decision, string][] = [
    [
      pick,
      "attempt 1 goes to a (a: load 1.50, 20 ms, 0 pending; b: load 150.00, 1.5 s, 100 % failing (asked to be left alone), 3 pending; typical 20 ms); 2 of 3 endpoints available, 1 ejected",
    ],
    [
      { ...pick, verdict: "trial" },
      "attempt 1 goes to a: its ejection ran out, this is the trial that decides; 2 of 3 endpoints available, 1 ejected",
    ],
    [
      { ...pick, verdict: "only-tried" },
      "attempt 1 goes to a again: every endpoint that is left has been tried; 2 of 3 endpoints available, 1 ejected",
    ],
    [
      { ...pick, verdict: "trial", available: 1, unhealthy: 1 },
      "attempt 1 goes to a: its ejection ran out, this is the trial that decides; 1 of 3 endpoints available, 1 ejected, 1 unhealthy by active checks",
    ],
    [{ ...pick, verdict: "none-known" }, "no endpoint: the registry knows none"],
    [{ ...pick, verdict: "all-draining" }, "no endpoint: all 3 are draining"],
    [{ ...pick, verdict: "all-ejected" }, "no endpoint: all 1 are ejected"],
    [{ ...pick, verdict: "all-full" }, "no endpoint: each of 2 available is at limits.callsPerEndpoint"],
    [
      { ...decided, kind: "attempt", endpoint: "a", outcome: "connect", elapsedMs: 2.25, consecutive: 3 },
      "attempt 1 at a: could not connect after 2.3 ms, 3 failures in a row there",
    ],
    [
      { ...decided, kind: "retry", verdict: "retried", pauseMs: 12, budget: 99.8 },
      "retried after 12 ms; 100 retries left in the budget",
    ],
    [
      { ...decided, kind: "retry", verdict: "budget", pauseMs: 0, budget: 0 },
      "not retried: the retry budget is spent; 0 retries left in the budget",
    ],
    [
      { ...decided, attempt: 2, kind: "hedge", verdict: "started", elapsedMs: 120, budget: 4.6 },
      "no answer after 120 ms: attempt 2 joins as a hedge; 5 hedges left in the budget",
    ],
    [
      { ...decided, kind: "hedge", verdict: "budget", elapsedMs: 120, budget: 0 },
      "no hedge after 120 ms: the hedge budget is spent (hedge.maxExtraRatio)",
    ],
    [
      { ...decided, kind: "hedge", verdict: "nowhere", elapsedMs: 120, budget: 4 },
      "no hedge after 120 ms: no other endpoint would take it",
    ],
    [
      { ...decided, kind: "hedge", verdict: "body", elapsedMs: 120, budget: 4 },
      "no hedge after 120 ms: the request's body cannot be sent again",
    ],
    [
      { ...decided, kind: "refusal", by: "circuit-breaker", value: 4_000 },
      "refused: the circuit is open, next trial in 4.0 s",
    ],
    [
      { ...decided, kind: "refusal", by: "limits.calls", value: 1_024 },
      "refused: limits.calls, 1024 calls are running",
    ],
  ];

  test.each(cases)("says %o", (decision, words) => {
    expect(sentence(decision)).toBe(words);
  });

  test("has words for whatever a cluster decides", () => {
    const { cluster, call } = stage(many(3));
    const one = call();
    cluster.acquire(one).release(failure("reset"));
    cluster.acquire(one).release(SUCCESS);
    expect(cluster.explain(one.number).map(sentence)).toEqual([
      expect.stringMatching(
        /^attempt 1 goes to e\d \(e\d: load 0\.25, 15 ms, 0 pending; .*; typical 30 ms\); 3 of 3 endpoints available, 0 ejected$/,
      ),
      expect.stringMatching(/^attempt 1 at e\d: reset before a response after 0\.0 ms$/),
      expect.stringMatching(
        /^attempt 2 goes to e\d \(.*tried already or full.*\); 3 of 3 endpoints available, 0 ejected$/,
      ),
      expect.stringMatching(/^attempt 2 at e\d: success after 0\.0 ms$/),
    ]);
  });
});

function keys<Word extends string>(codes: Readonly<Record<Word, number>>): Word[] {
  return Object.keys(codes) as Word[]; // a record of Words has these keys and no others
}
