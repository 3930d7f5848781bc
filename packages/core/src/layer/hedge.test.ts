import { seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import type { HedgeDecision } from "../decision/decision.ts";
import { PLAIN } from "../decision/plain-names.suite.ts";
import { sentence } from "../decision/sentence.ts";
import { type HedgeOptions, Hedging } from "../policy/hedge/hedging.ts";
import { roundRobin } from "../policy/round-robin/round-robin.ts";
import { retryBudget } from "../policy/retry-budget/retry-budget.ts";
import { RetryCap } from "../policy/retry-budget/retry-cap.ts";
import { RETRY_DEFAULTS } from "../policy/retry/decide-retry.ts";
import type { Service } from "../service.ts";
import { stack } from "../stack.ts";
import { attemptTimeout } from "./attempt-timeout.ts";
import { deadline } from "./deadline.ts";
import { hedge } from "./hedge.ts";
import { pick } from "./pick.ts";
import { retry } from "./retry.ts";
import { type Act, type Answer, rig, type Rig } from "./rig.suite.ts";

const AFTER_50: HedgeOptions = { after: { kind: "time", ms: 50 }, maxExtraRatio: 1 };
const SLOW: Act = { status: 200, afterMs: 500 };
const OK: Act = { status: 200, afterMs: 10 };

describe("hedge layer", () => {
  test("starts a second attempt at another endpoint when the first takes long, and takes the faster answer", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [SLOW, OK]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(49);
    expect(transport.attempts()).toBe(1);
    await lab.time.advance(11);
    expect((await running).act).toBe(OK);
    const [slow, endpoint] = call.tried.map(({ id }) => id);
    expect(slow).not.toBe(endpoint);
    expect(lab.journal.of("hedge.started")).toEqual([{ service: "orders", slow, endpoint, afterMs: 50 }]);
    expect(lab.journal.of("hedge.won")).toEqual([{ service: "orders", slow, endpoint, afterMs: 60 }]);
    expect(words(lab)).toEqual([
      "no answer after 50 ms: attempt 2 joins as a hedge; 0 hedges left in the budget",
      "attempt 2, the hedge, gave the answer 60 ms after the first began",
    ]);
  });

  test("cuts the slower attempt at once, and gives its lease back as ignored", async () => {
    const lab = rig();
    const { send } = hedging(lab, [SLOW, OK]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(60);
    await running;
    const nodes = lab.cluster.snapshot().endpoints;
    expect(nodes.map(({ pending, failed }) => pending + failed)).toEqual([0, 0, 0]);
    const lost = lab.decisions.decisions(PLAIN, call.number).find(({ kind, attempt }) => {
      return kind === "attempt" && attempt === 1;
    });
    expect(lost).toMatchObject({ outcome: "ignored", elapsedMs: 60 });
    expect(lab.discarded).toEqual([]);
  });

  test("cuts the second attempt when the first answers after all", async () => {
    const lab = rig();
    const { send } = hedging(lab, [{ status: 200, afterMs: 70 }, SLOW]);
    const running = lab.run(send);
    await lab.time.advance(70);
    expect((await running).status).toBe(200);
    expect(lab.cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([0, 0, 0]);
    expect(lab.journal.of("hedge.won")).toEqual([]);
    expect(words(lab).at(-1)).toBe("attempt 1 gave the answer after 70 ms, before its hedge");
  });

  test("starts none when the answer comes in time, and leaves nothing waiting", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [OK]);
    const running = lab.run(send);
    await lab.time.advance(10);
    await running;
    expect(lab.timeouts.of(50).size).toBe(0);
    await lab.time.advance(1_000);
    expect(transport.attempts()).toBe(1);
    expect(lab.time.pending()).toBe(0);
  });

  const denials: { verdict: string; idempotent?: boolean; request?: string; size?: number; maxExtraRatio?: number }[] =
    [
      { verdict: "body", request: "once" },
      { verdict: "nowhere", size: 1 },
      { verdict: "budget", maxExtraRatio: 0.5 },
    ];

  test.each(denials)(
    "starts none and says why: $verdict",
    async ({ verdict, request = "GET /", size, maxExtraRatio = 1 }) => {
      const lab = rig(size);
      const { send, transport } = hedging(lab, [SLOW], { ...AFTER_50, maxExtraRatio });
      const answer = send(request, lab.call());
      await lab.time.advance(500);
      expect((await answer).act).toBe(SLOW);
      expect(transport.attempts()).toBe(1);
      expect(verdicts(lab)).toEqual([verdict]);
      expect(words(lab)[0]).toMatch(/^no hedge after 50 ms: /);
      expect(lab.journal.of("hedge.started")).toEqual([]);
    },
  );

  test("starts none for a call that is not idempotent, which pays into the budget all the same", async () => {
    const lab = rig();
    const { send, transport, rules } = hedging(lab, [SLOW]);
    const running = lab.run(send, lab.call(false));
    await lab.time.advance(500);
    await running;
    expect(transport.attempts()).toBe(1);
    expect(rules.remaining(lab.time.nowMs())).toBe(1);
  });

  test("adds no more load than the ratio, whatever hangs", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [{ status: 200, afterMs: 2_000 }], { ...AFTER_50, maxExtraRatio: 0.05 });
    const running: Promise<Answer>[] = [];
    for (let i = 0; i < 200; i++) {
      running.push(lab.run(send));
      await lab.time.advance(10);
    }
    await lab.time.advance(2_000);
    await Promise.all(running);
    expect(transport.attempts()).toBe(210);
  });

  test("waits for the percentile of the latencies that it has seen", async () => {
    const lab = rig();
    const fast: Act = { status: 200, afterMs: 16 };
    const { send, transport } = hedging(lab, [...Array.from({ length: 20 }, () => fast), SLOW, fast], {
      after: { kind: "percentile", percentile: 95 },
      maxExtraRatio: 1,
    });
    for (let i = 0; i < 20; i++) {
      const running = lab.run(send);
      await lab.time.advance(16);
      await running;
    }
    const running = lab.run(send);
    await lab.time.advance(32);
    expect((await running).status).toBe(200);
    expect(transport.attempts()).toBe(22);
  });

  test("takes the tail off for no more than its share of extra attempts", async () => {
    const lab = rig();
    const random = seededRandom(4);
    let attempts = 0;
    const uneven: Service<string, Answer> = (request, call) => {
      attempts++;
      return lab.transport([{ status: 200, afterMs: random.unit() < 0.03 ? 1_000 : 15 + 10 * random.unit() }])(
        request,
        call,
      );
    };
    const options: HedgeOptions = { after: { kind: "percentile", percentile: 95 }, maxExtraRatio: 0.05 };
    const send = stack(
      [hedge<string, Answer>(new Hedging(options), lab.ports), pick<string, Answer>(lab.cluster)],
      uneven,
    );
    const took: number[] = [];
    const running: Promise<unknown>[] = [];
    for (let i = 0; i < 3_000; i++) {
      const call = lab.call();
      running.push(lab.run(send, call).then(() => took.push(lab.time.nowMs() - call.startedMs)));
      await lab.time.advance(10);
    }
    await lab.time.advance(1_000);
    await Promise.all(running);
    // The first 20 answers make the percentile known; of 3 % slow calls, some two of 3,000 are slow twice.
    took.sort((a, b) => a - b);
    expect(took[Math.floor(3_000 * 0.99)]).toBeLessThan(60);
    expect(attempts).toBeLessThanOrEqual(3_000 * 1.05);
  });

  test("lets an endpoint that always loses be seen to be slow", async () => {
    const lab = rig(2);
    lab.cluster.configure({ picker: roundRobin() });
    const transport = lab.transport([SLOW]);
    const slowFirst: Service<string, Answer> = (request, call) =>
      call.lease!.endpoint.id === "e0" ? transport(request, call) : lab.transport([OK])(request, call);
    const send = stack(
      [hedge<string, Answer>(new Hedging(AFTER_50), lab.ports), pick<string, Answer>(lab.cluster)],
      slowFirst,
    );
    for (let i = 0; i < 4; i++) {
      const running = lab.run(send);
      await lab.time.advance(60);
      await running;
    }
    const [slow, fast] = lab.cluster.snapshot().endpoints;
    expect(slow!.latencyMs).toBeGreaterThan(50);
    expect(fast!.latencyMs).toBeLessThan(11);
  });

  test("gives the refusal of the mesh on when there is no endpoint at all", async () => {
    const lab = rig(0);
    const { send } = hedging(lab, [OK]);
    await expect(lab.run(send)).rejects.toMatchObject({ code: "NO_ENDPOINTS" });
    expect(lab.time.pending()).toBe(0);
  });

  test("stays with the first attempt when the second gets no endpoint", async () => {
    const lab = rig();
    const ports = { ...lab.ports, elsewhere: () => true };
    const transport = lab.transport([{ status: 200, afterMs: 100 }]);
    const send = stack(
      [hedge<string, Answer>(new Hedging(AFTER_50), ports), pick<string, Answer>(lab.cluster)],
      transport,
    );
    const running = lab.run(send);
    for (const id of ["e0", "e1", "e2"]) lab.cluster.eject(id, 1_000);
    await lab.time.advance(100);
    expect((await running).status).toBe(200);
    expect(lab.journal.of("hedge.started")).toEqual([]);
  });
});

describe("hedge and failure", () => {
  test("a first attempt that fails in time is retry's at once, and the retry is not hedged", async () => {
    const lab = rig();
    const { send, transport, budget } = hedging(lab, [{ status: 503 }, SLOW]);
    const before = budget.remaining(lab.time.nowMs());
    const running = lab.run(send);
    await lab.time.advance(600);
    expect((await running).act).toBe(SLOW);
    expect(transport.attempts()).toBe(2);
    expect(budget.remaining(lab.time.nowMs())).toBe(before - 1);
    expect(verdicts(lab)).toEqual([]);
  });

  test("a hedge takes nothing out of the retry budget", async () => {
    const lab = rig();
    const { send, budget } = hedging(lab, [SLOW, OK]);
    const before = budget.remaining(lab.time.nowMs());
    const running = lab.run(send);
    await lab.time.advance(60);
    await running;
    expect(budget.remaining(lab.time.nowMs())).toBe(before);
    expect(lab.journal.of("retry.started")).toEqual([]);
  });

  test.each<{ what: string; acts: Act[] }>([
    {
      what: "the first fails",
      acts: [
        { status: 503, afterMs: 60 },
        { status: 200, afterMs: 100 },
      ],
    },
    {
      what: "the hedge fails",
      acts: [
        { status: 200, afterMs: 150 },
        { status: 503, afterMs: 10 },
      ],
    },
    { what: "the hedge cannot connect", acts: [{ status: 200, afterMs: 150 }, { refuse: true }] },
  ])("of two attempts the other is waited for when $what", async ({ acts }) => {
    const lab = rig();
    const { send, transport } = hedging(lab, acts);
    const running = lab.run(send);
    await lab.time.advance(150);
    expect((await running).status).toBe(200);
    expect(transport.attempts()).toBe(2);
    expect(lab.journal.of("retry.started")).toEqual([]);
    const failed = acts.filter((act) => "status" in act && act.status === 503);
    expect(lab.discarded.map(({ act }) => act)).toEqual(failed);
  });

  test("when both fail, retry goes to a third endpoint with the later failure", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [{ status: 502, afterMs: 100 }, { status: 503, afterMs: 80 }, OK]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(200);
    expect((await running).act).toBe(OK);
    expect(transport.attempts()).toBe(3);
    expect(new Set(call.tried.map(({ id }) => id)).size).toBe(3);
    expect(lab.journal.of("retry.started")).toMatchObject([{ retry: 1, why: "status 503" }]);
    expect(lab.discarded).toMatchObject([{ status: 502 }, { status: 503 }]);
  });

  test("when both fail and nothing is left, the later answer goes to the caller as it came", async () => {
    const lab = rig(2);
    const { send } = hedging(
      lab,
      [
        { status: 502, afterMs: 100 },
        { status: 503, afterMs: 10 },
      ],
      AFTER_50,
      0,
    );
    const running = lab.run(send);
    await lab.time.advance(100);
    expect((await running).status).toBe(502);
    expect(lab.discarded).toMatchObject([{ status: 503 }]);
  });

  test("each attempt has an attempt timeout of its own", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [{ hang: true }, { hang: true }, OK], AFTER_50, 1, 100);
    const running = lab.run(send);
    await lab.time.advance(149);
    expect(transport.attempts()).toBe(2);
    await lab.time.advance(50);
    expect((await running).act).toBe(OK);
    expect(
      lab.cluster
        .snapshot()
        .endpoints.map(({ failed }) => failed)
        .toSorted(),
    ).toEqual([0, 1, 1]);
  });

  test("a call that is cut cuts both attempts, and starts no other", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [{ hang: true }]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(60);
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    await lab.time.advance(1_000);
    expect(transport.attempts()).toBe(2);
    expect(lab.cluster.snapshot().endpoints.map(({ pending, failed }) => pending + failed)).toEqual([0, 0, 0]);
    expect(lab.time.pending()).toBe(0);
  });

  test("a call cut before the hedge is due has none", async () => {
    const lab = rig();
    const { send, transport } = hedging(lab, [{ hang: true }]);
    const call = lab.call();
    const running = lab.run(send, call);
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    await lab.time.advance(1_000);
    expect(transport.attempts()).toBe(1);
  });

  test("the deadline ends both", async () => {
    const lab = rig();
    const { send } = hedging(lab, [{ hang: true }]);
    const timed = stack<string, Answer>([deadline(200, lab.ports)], send);
    const failed = expect(lab.run(timed)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
    await lab.time.advance(200);
    await failed;
    expect(lab.cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([0, 0, 0]);
  });

  test("a transport that throws when it is cut does not leave the call without an end", async () => {
    const lab = rig();
    const brittle: Service<string, Answer> = async (_request, call) => {
      const lease = call.lease!;
      lease.onCut(() => {
        throw new Error("brittle");
      }, undefined);
      await lab.time.sleep(lease.attempt === 1 ? 500 : 10);
      lease.release({ kind: "success" });
      return { status: 200, act: OK };
    };
    const send = stack(
      [hedge<string, Answer>(new Hedging(AFTER_50), lab.ports), pick<string, Answer>(lab.cluster)],
      brittle,
    );
    const failed = expect(lab.run(send)).rejects.toThrow("brittle");
    await lab.time.advance(60);
    await failed;
  });

  test("an answer that comes in spite of the cut is thrown away", async () => {
    const lab = rig();
    const deaf: Service<string, Answer> = async (_request, call) => {
      const lease = call.lease!;
      await lab.time.sleep(lease.attempt === 1 ? 500 : 10);
      lease.release({ kind: "success" });
      return { status: 200, act: lease.attempt === 1 ? SLOW : OK };
    };
    const send = stack(
      [hedge<string, Answer>(new Hedging(AFTER_50), lab.ports), pick<string, Answer>(lab.cluster)],
      deaf,
    );
    const running = lab.run(send);
    await lab.time.advance(60);
    expect((await running).act).toBe(OK);
    expect(lab.cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([0, 0, 0]);
    await lab.time.advance(500);
    expect(lab.discarded).toMatchObject([{ act: SLOW }]);
  });
});

function hedging(
  lab: Rig,
  acts: readonly Act[],
  options: HedgeOptions = AFTER_50,
  maxRetries = 1,
  attemptMs = Number.POSITIVE_INFINITY,
): {
  send: Service<string, Answer>;
  transport: ReturnType<Rig["transport"]>;
  rules: Hedging;
  budget: ReturnType<typeof retryBudget>;
} {
  const transport = lab.transport(acts);
  const budget = retryBudget();
  const rules = new Hedging(options);
  const send = stack(
    [
      retry<string, Answer>(
        { options: { ...RETRY_DEFAULTS, maxRetries }, budget, cap: new RetryCap(() => 0) },
        lab.ports,
      ),
      hedge<string, Answer>(rules, lab.ports),
      pick<string, Answer>(lab.cluster),
      attemptTimeout<string, Answer>({ attemptMs }, lab.timeouts),
    ],
    transport,
  );
  return { send, transport, rules, budget };
}

function hedgesOf(lab: Rig): HedgeDecision[] {
  return lab.decisions.decisions(PLAIN).filter((decision): decision is HedgeDecision => decision.kind === "hedge");
}

function verdicts(lab: Rig): string[] {
  return hedgesOf(lab).map(({ verdict }) => verdict);
}

function words(lab: Rig): string[] {
  return hedgesOf(lab).map(sentence);
}
