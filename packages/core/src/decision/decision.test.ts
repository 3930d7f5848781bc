import { describe, expect, test } from "vitest";
import { many, stage } from "../cluster/stage.suite.ts";
import { failure, SUCCESS } from "../outcome.ts";
import { leastRequest } from "../policy/least-request/least-request.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { DecisionLog } from "./decision-log.ts";
import {
  ABSENCE_CODES,
  ATTEMPT_CODES,
  BREAKER_CODES,
  type Decision,
  FATE_CODES,
  HEDGE_CODES,
  PICK_CODES,
  type PickDecision,
  REFUSAL_CODES,
  RETRY_CODES,
  wordsOf,
} from "./decision.ts";
import { PLAIN } from "./plain-names.suite.ts";
import { sentence } from "./sentence.ts";

describe("decision log", () => {
  test("keeps the last records, oldest first, and counts on over those it dropped", () => {
    const log = new DecisionLog(4);
    for (let call = 1; call <= 11; call++) log.refusal(call * 10, call, "limits.calls", call);
    const kept = log.decisions(PLAIN);
    expect(kept.map(({ number, atMs, call }) => [number, atMs, call])).toEqual([
      [7, 80, 8],
      [8, 90, 9],
      [9, 100, 10],
      [10, 110, 11],
    ]);
    expect(log.decisions(PLAIN, 10)).toHaveLength(1);
    expect(log.decisions(PLAIN, 3)).toEqual([]);
  });

  test("reads back every verdict it can hold", () => {
    const log = new DecisionLog(64);
    for (const by of keys(REFUSAL_CODES)) log.refusal(0, 1, by, 0);
    for (const verdict of keys(RETRY_CODES)) log.retry(0, 1, 1, verdict, 5, 6);
    for (const verdict of keys(HEDGE_CODES)) log.hedge(0, 1, 1, verdict, 5, 6);
    for (const state of keys(BREAKER_CODES)) log.breaker(0, 1, state);
    for (const verdict of keys(PICK_CODES)) {
      log.pick(0, 1, 1, 30);
      log.picked(verdict, undefined, 3, 2, 1, 0, 0);
    }
    const words = log.decisions(PLAIN).map((decision) => {
      if (decision.kind === "refusal") return decision.by;
      if (decision.kind === "breaker") return decision.state;
      return decision.kind === "attempt" ? decision.outcome : decision.verdict;
    });
    expect(words).toEqual(
      [REFUSAL_CODES, RETRY_CODES, HEDGE_CODES, BREAKER_CODES, PICK_CODES].flatMap((codes) => keys<string>(codes)),
    );
  });

  test.each([
    REFUSAL_CODES,
    RETRY_CODES,
    HEDGE_CODES,
    PICK_CODES,
    ATTEMPT_CODES,
    BREAKER_CODES,
    ABSENCE_CODES,
    FATE_CODES,
  ])("gives each word a code of its own: %o", (codes) => {
    const words = wordsOf<string>(codes);
    expect(words.map((word) => codes[word as keyof typeof codes])).toEqual(words.map((_, code) => code));
    expect(words.toSorted()).toEqual(Object.keys(codes).toSorted());
  });

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

describe("decisions of calls that went wrong", () => {
  const numbers = (log: DecisionLog, call?: number): number[] => log.decisions(PLAIN, call).map((one) => one.number);

  test("are kept when the ring has come round, and told once", () => {
    const log = new DecisionLog(4, 8);
    for (let call = 0; call < 3; call++) log.refusal(0, call, "deadline", 0);
    log.refusal(0, 1, "limits.calls", 7);
    log.keep(1);
    expect(numbers(log)).toEqual([0, 1, 2, 3]);
    for (let call = 3; call < 6; call++) log.refusal(0, call, "deadline", 0);
    expect(numbers(log)).toEqual([1, 3, 4, 5, 6]);
    expect(numbers(log, 1)).toEqual([1, 3]);
    log.refusal(0, 6, "deadline", 0);
    expect(log.decisions(PLAIN, 1)).toMatchObject([{ by: "deadline" }, { by: "limits.calls", value: 7 }]);
  });

  test("are kept also where they are noted after the call has ended", () => {
    const log = new DecisionLog(4, 8);
    log.refusal(0, 1, "deadline", 0);
    log.keep(1);
    log.refusal(0, 1, "limits.calls", 0);
    for (let call = 2; call < 9; call++) log.refusal(0, call, "deadline", 0);
    expect(numbers(log, 1)).toEqual([0, 1]);
  });

  test("push out the oldest of their kind", () => {
    const log = new DecisionLog(4, 2);
    for (let call = 0; call < 4; call++) log.refusal(0, call, "deadline", 0);
    for (const call of [0, 3, 1]) log.keep(call);
    for (let call = 4; call < 8; call++) log.refusal(0, call, "deadline", 0);
    expect(numbers(log)).toEqual([1, 3, 4, 5, 6, 7]);
  });

  test("are kept of the newest, however many calls went wrong before", () => {
    const log = new DecisionLog(4, 3);
    for (let call = 0; call < 1_000; call++) {
      log.refusal(0, call, "deadline", 0);
      log.keep(call);
    }
    for (let call = 1_000; call < 1_004; call++) log.refusal(0, call, "deadline", 0);
    expect(numbers(log)).toEqual([997, 998, 999, 1_000, 1_001, 1_002, 1_003]);
  });

  test("of a call that nothing is known of are none", () => {
    const log = new DecisionLog(4, 2);
    log.keep(17);
    expect(log.decisions(PLAIN)).toEqual([]);
  });
});

test("what an attempt came to stands before the retry that it led to, though it is noted later", () => {
  const { cluster, call } = stage(2);
  const [one, other] = [call(), call()];
  const lease = cluster.acquire(one);
  cluster.acquire(other);
  lease.answered(failure("server-error"));
  cluster.decisions.retry(0, one.number, 1, "retried", 5, 9);
  const again = cluster.acquire(one);
  lease.release(SUCCESS); // its body has been thrown away
  again.release(SUCCESS);
  expect(cluster.explain(one.number).map(({ kind, attempt }) => `${kind} ${attempt}`)).toEqual([
    "pick 1",
    "attempt 1",
    "retry 1",
    "pick 2",
    "attempt 2",
  ]);
  expect(cluster.explain(other.number)).toHaveLength(1);
});

describe("the record of a pick", () => {
  test("says who took no traffic, by which rule, and until when", () => {
    const { cluster, call, clock } = stage(5);
    const gone = many(5).map((one, i) => (i === 1 ? { ...one, state: "draining" as const } : one));
    cluster.update(gone);
    cluster.eject("e0", 9_000);
    cluster.eject("e3", Number.POSITIVE_INFINITY);
    clock.now += 1_000;
    const one = call();
    cluster.acquire(one);
    expect(cluster.explain(one.number)[0]).toMatchObject({
      absent: [
        { endpoint: "e0", why: "ejected", forMs: 8_000, by: "by-hand" },
        { endpoint: "e3", why: "ejected", forMs: null, by: "by-hand" },
        { endpoint: "e1", why: "draining", forMs: null, by: undefined },
      ],
    });
    for (const id of ["e0", "e3"]) cluster.restore(id);
    cluster.update(many(5));
    const later = call();
    cluster.acquire(later);
    expect(cluster.explain(later.number)[0]).toMatchObject({ absent: [] });
  });

  test("has what was drawn: with it, who was drawn is known", () => {
    const { cluster, call } = stage(8);
    const one = call();
    cluster.acquire(one);
    const [pick] = cluster.explain(one.number);
    if (pick?.kind !== "pick") throw new Error("there is no pick");
    const [a = -1, b = -1] = pick.draws;
    expect(pick.draws).toHaveLength(2);
    expect(pick.candidates.map(({ endpoint }) => endpoint)).toEqual([`e${a}`, `e${b >= a ? b + 1 : b}`]);
  });
});

describe("sentence", () => {
  const decided = { number: 1, atMs: 5, call: 1, attempt: 1 };
  const untaken = { pauseMs: 0, budget: 99, budgetBefore: 99, underWay: undefined, leftTo: undefined };
  const retry = { ...decided, kind: "retry", ...untaken } as const;
  const pick: PickDecision = {
    ...decided,
    kind: "pick",
    verdict: "chosen",
    endpoint: "a",
    members: 3,
    available: 2,
    ejected: 1,
    unhealthy: 0,
    absent: [{ endpoint: "c", why: "ejected", forMs: 4_200, by: "relative" }],
    typicalMs: 20,
    draws: [],
    compared: 2,
    group: undefined,
    beyondGroup: false,
    session: undefined,
    candidates: [
      { endpoint: "a", load: 1.5, latencyMs: 20, failures: 0, pending: 0, weight: 1, onHold: false, inFlight: null },
      { endpoint: "b", load: 150, latencyMs: 1_500, failures: 1, pending: 3, weight: 4, onHold: true, inFlight: null },
    ],
  };
  const cases: [Decision, string][] = [
    [
      pick,
      "attempt 1 goes to a, the lowest load (a: load 1.50, 20 ms, 0 pending; b: load 150.00, 1.5 s, 100 % failing (asked to be left alone), 3 pending, weight 4; typical 20 ms); 2 of 3 endpoints available, 1 ejected; out: c (ejected for another 4.2 s, by the relative test)",
    ],
    [
      { ...pick, candidates: [], absent: [], draws: [3, 0.123456] },
      "attempt 1 goes to a; 2 of 3 endpoints available, 1 ejected; drew 3 and 0.1235",
    ],
    [
      { ...pick, verdict: "trial" },
      "attempt 1 goes to a: its ejection ran out, this is the trial that decides; 2 of 3 endpoints available, 1 ejected; out: c (ejected for another 4.2 s, by the relative test)",
    ],
    [
      { ...pick, verdict: "only-tried" },
      "attempt 1 goes to a again: every endpoint that is left has been tried; 2 of 3 endpoints available, 1 ejected; out: c (ejected for another 4.2 s, by the relative test)",
    ],
    [
      {
        ...pick,
        verdict: "trial",
        available: 1,
        unhealthy: 1,
        absent: [
          { endpoint: "a", why: "trial", forMs: null, by: undefined },
          { endpoint: "c", why: "active-check", forMs: null, by: undefined },
        ],
      },
      "attempt 1 goes to a: its ejection ran out, this is the trial that decides; 1 of 3 endpoints available, 1 ejected, 1 unhealthy by active checks; out: a (on trial after its ejection), c (fails its active check)",
    ],
    [
      { ...pick, verdict: "unkeyed" },
      "attempt 1 goes to a by chance: the call has no key to hash; 2 of 3 endpoints available, 1 ejected; out: c (ejected for another 4.2 s, by the relative test)",
    ],
    [
      { ...pick, verdict: "session", candidates: [], session: { endpoint: "a", fate: "kept", forMs: null } },
      "attempt 1 goes to a, which keeps its session; 2 of 3 endpoints available, 1 ejected; out: c (ejected for another 4.2 s, by the relative test)",
    ],
    [
      { ...pick, verdict: "unkeyed", session: { endpoint: "c", fate: "ejected", forMs: 4_200 } },
      "attempt 1 goes to a by chance: the call has no key to hash; 2 of 3 endpoints available, 1 ejected; out: c (ejected for another 4.2 s, by the relative test); its session moves from c, which is ejected for another 4.2 s",
    ],
    [
      { ...pick, verdict: "unkeyed", absent: [], session: { endpoint: undefined, fate: "lost", forMs: null } },
      "attempt 1 goes to a by chance: the call has no key to hash; 2 of 3 endpoints available, 1 ejected; its session moves from an endpoint, which is not known any more",
    ],
    [
      { ...pick, verdict: "only-tried", absent: [], session: { endpoint: "a", fate: "tried", forMs: null } },
      "attempt 1 goes to a again: every endpoint that is left has been tried; 2 of 3 endpoints available, 1 ejected",
    ],
    [
      {
        ...pick,
        verdict: "session-bound",
        endpoint: undefined,
        session: { endpoint: "c", fate: "ejected", forMs: null },
      },
      "no endpoint; its session may not move (sticky.onUnavailable) from c, which is ejected until it is restored",
    ],
    [{ ...pick, verdict: "none-known" }, "no endpoint: the registry knows none"],
    [{ ...pick, verdict: "all-draining" }, "no endpoint: all 3 are draining"],
    [
      { ...pick, verdict: "all-ejected", absent: [{ endpoint: "a", why: "ejected", forMs: null, by: "by-hand" }] },
      "no endpoint: all 1 are ejected: a (ejected until it is restored, by hand)",
    ],
    [
      {
        ...pick,
        members: 9,
        candidates: [],
        absent: [
          { endpoint: "c", why: "draining", forMs: null, by: undefined },
          { endpoint: "d", why: "registry", forMs: null, by: undefined },
        ],
      },
      "attempt 1 goes to a; 2 of 9 endpoints available, 1 ejected; out: c (draining), d (fails the registry's checks), 5 more",
    ],
    [{ ...pick, verdict: "all-full" }, "no endpoint: each of 2 available is at limits.callsPerEndpoint"],
    [
      {
        ...decided,
        kind: "attempt",
        endpoint: "a",
        outcome: "connect",
        elapsedMs: 2.25,
        consecutive: 3,
        ejectedForMs: 0,
        ejectedBy: undefined,
      },
      "attempt 1 at a: could not connect after 2.3 ms, 3 failures in a row there",
    ],
    [
      {
        ...decided,
        kind: "attempt",
        endpoint: "a",
        outcome: "reset",
        elapsedMs: 8,
        consecutive: 5,
        ejectedForMs: 5_200,
        ejectedBy: "connect",
      },
      "attempt 1 at a: reset before a response after 8.0 ms, 5 failures in a row there; it is ejected for 5.2 s, for connect failures",
    ],
    [
      {
        ...decided,
        kind: "attempt",
        endpoint: "a",
        outcome: "success",
        elapsedMs: 8,
        consecutive: 0,
        ejectedForMs: null,
        ejectedBy: "by-hand",
      },
      "attempt 1 at a: success after 8.0 ms; it is ejected until it is restored, by hand",
    ],
    [
      { ...retry, verdict: "retried", pauseMs: 12, budgetBefore: 100 },
      "retried after a pause of 12 ms; 99 retries left in the budget, 100 before",
    ],
    [
      { ...retry, verdict: "budget", budget: 0, budgetBefore: 0 },
      "not retried: the retry budget is spent; 0 retries left in the budget",
    ],
    [
      { ...retry, verdict: "renewed" },
      "retried at once on a fresh connection, at no cost: the one it met had been closed; 99 retries left in the budget",
    ],
    [
      { ...retry, verdict: "concurrency", underWay: { running: 3, most: 3 } },
      "not retried: refused by the cap on concurrent retries: 3 of 3; 99 retries left in the budget",
    ],
    [
      { ...retry, verdict: "left-to-caller", leftTo: { number: 1, most: 3, by: "sdk" } },
      "not retried: left to the SDK: x-attempt 1/3;by=sdk; 99 retries left in the budget",
    ],
    [
      { ...retry, verdict: "left-to-caller", leftTo: { number: 1, most: 3, by: "other" } },
      "not retried: left to the caller: x-attempt 1/3; 99 retries left in the budget",
    ],
    [
      { ...retry, verdict: "left-to-caller", leftTo: { number: 0, most: 0, by: "grpc" } },
      "not retried: left to the caller's gRPC, which repeats it by itself; 99 retries left in the budget",
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
    [
      { ...decided, kind: "breaker", state: "half-open" },
      "let through as the trial that decides whether the circuit closes again",
    ],
    [{ ...decided, kind: "breaker", state: "open" }, "let through while the circuit is open"],
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
        /^attempt 1 goes to e\d, the lowest load \(e\d: load 0\.25, 15 ms, 0 pending; .*; typical 30 ms\); 3 of 3 endpoints available, 0 ejected$/,
      ),
      expect.stringMatching(/^attempt 1 at e\d: reset before a response after 0\.0 ms$/),
      expect.stringMatching(
        /^attempt 2 goes to e\d, the lowest load \(.*tried already or full.*\); 3 of 3 endpoints available, 0 ejected$/,
      ),
      expect.stringMatching(/^attempt 2 at e\d: success after 0\.0 ms$/),
    ]);
  });
});

function keys<Word extends string>(codes: Readonly<Record<Word, number>>): Word[] {
  return Object.keys(codes) as Word[]; // a record of Words has these keys and no others
}
