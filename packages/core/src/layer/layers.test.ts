import { describe, expect, test } from "vitest";
import { PLAIN } from "../decision/plain-names.suite.ts";
import { CircuitBreaker } from "../policy/circuit-breaker/circuit-breaker.ts";
import { ConcurrencyLimit } from "../policy/concurrency-limit/concurrency-limit.ts";
import { retryBudget } from "../policy/retry-budget/retry-budget.ts";
import { RetryCap } from "../policy/retry-budget/retry-cap.ts";
import { RETRY_DEFAULTS } from "../policy/retry/decide-retry.ts";
import type { Service } from "../service.ts";
import { stack } from "../stack.ts";
import { attemptTimeout } from "./attempt-timeout.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { concurrencyLimit } from "./concurrency-limit.ts";
import { deadline } from "./deadline.ts";
import { pick } from "./pick.ts";
import { retry } from "./retry.ts";
import { type Act, type Answer, rig, type Rig } from "./rig.suite.ts";

describe("deadline layer", () => {
  test("cuts a call that has not ended by then, and says so", async () => {
    const lab = rig();
    const send = stack(
      [deadline<string, Answer>(2_000, portsOf(lab)), pick<string, Answer>(lab.cluster)],
      lab.transport([{ hang: true }]),
    );
    const running = lab.run(send);
    const failed = expect(running).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      message: "service orders: attempt 1: the call did not end within 2000 ms (timeout.total, or the call's own)",
      neverSent: false,
    });
    await lab.time.advance(1_999);
    expect(lab.cluster.snapshot().endpoints.reduce((sum, { pending }) => sum + pending, 0)).toBe(1);
    await lab.time.advance(1);
    await failed;
    expect(lab.cluster.snapshot().endpoints.map(({ pending, failed: count }) => pending + count)).toEqual([0, 0, 0]);
  });

  test("lets nothing happen to a call that ended in time", async () => {
    const lab = rig();
    const call = lab.call();
    const send = stack([deadline<string, Answer>(2_000, portsOf(lab))], lab.transport([{ status: 200 }]));
    await lab.run(send, call);
    await lab.time.advance(10_000);
    expect(call.cutBy).toBeUndefined();
    expect(lab.time.pending()).toBe(0);
  });

  test("keeps to the caller's own deadline when that is nearer", async () => {
    const lab = rig();
    const call = lab.call();
    call.tighten(1_500);
    const running = lab.run(
      stack([deadline<string, Answer>(2_000, portsOf(lab))], lab.transport([{ hang: true }])),
      call,
    );
    const failed = expect(running).rejects.toThrow("within 500 ms");
    await lab.time.advance(500);
    await failed;
  });

  test("begins nothing for a call that came too late", async () => {
    const lab = rig();
    const call = lab.call();
    call.tighten(1_000);
    const transport = lab.transport([{ status: 200 }]);
    await expect(
      lab.run(stack([deadline<string, Answer>(2_000, portsOf(lab))], transport), call),
    ).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      neverSent: true,
    });
    expect(transport.attempts()).toBe(0);
  });

  test("arms no timer where there is no deadline", async () => {
    const lab = rig();
    const none = deadline<string, Answer>(Number.POSITIVE_INFINITY, portsOf(lab));
    await lab.run(stack([none], lab.transport([{ status: 200 }])));
    expect(lab.time.pending()).toBe(0);
  });
});

describe("attempt timeout layer", () => {
  test("ends one attempt, blames its endpoint, and leaves the call to the retry", async () => {
    const lab = rig();
    const transport = lab.transport([{ hang: true }, { status: 200 }]);
    const send = full(lab, transport);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(3_100);
    expect((await running).status).toBe(200);
    expect(call.cutBy).toBeUndefined();
    const [first] = call.tried;
    expect(lab.cluster.snapshot().endpoints.find(({ endpoint: { id } }) => id === first!.id)).toMatchObject({
      failed: 1,
      pending: 0,
      latencyMs: expect.closeTo(3_000, -2) as number,
    });
    expect(lab.journal.of("retry.started")).toMatchObject([{ why: "timeout" }]);
  });

  test("names the attempt and the endpoint", async () => {
    const lab = rig(1);
    const send = stack(
      [pick<string, Answer>(lab.cluster), attemptTimeout<string, Answer>({ attemptMs: 250 }, lab.timeouts)],
      lab.transport([{ hang: true }]),
    );
    const failed = expect(lab.run(send)).rejects.toMatchObject({
      code: "ATTEMPT_TIMEOUT",
      message: "service orders: attempt 1: endpoint 10.0.0.1:1: no answer within 250 ms (timeout.attempt)",
    });
    await lab.time.advance(250);
    await failed;
  });

  test("arms no timer when it is infinite", async () => {
    const lab = rig();
    const send = stack(
      [
        pick<string, Answer>(lab.cluster),
        attemptTimeout<string, Answer>({ attemptMs: Number.POSITIVE_INFINITY }, lab.timeouts),
      ],
      lab.transport([{ hang: true }]),
    );
    const call = lab.call();
    const running = lab.run(send, call);
    expect(lab.time.pending()).toBe(0);
    call.cut(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });
});

describe("circuit breaker layer", () => {
  test("judges a call by its final answer: what a retry made good does not count", async () => {
    const lab = rig();
    const breaker = new CircuitBreaker({ failureRatio: 0.5, minimumCalls: 2, windowMs: 10_000, coolDownMs: 5_000 });
    const send = full(
      lab,
      lab.transport([{ status: 503 }, { status: 200 }, { status: 503 }, { status: 200 }, { status: 200 }]),
      { breaker },
    );
    for (let i = 0; i < 2; i++) {
      const running = lab.run(send);
      await lab.time.advance(25);
      await running;
    }
    expect(breaker.state.kind).toBe("closed");
  });

  test("refuses at once while it is open, sends nothing, and says when it tries again", async () => {
    const lab = rig();
    const breaker = new CircuitBreaker();
    breaker.forceOpen(4_000, 1_000);
    const transport = lab.transport([{ status: 200 }]);
    await expect(lab.run(full(lab, transport, { breaker }))).rejects.toMatchObject({
      code: "CIRCUIT_OPEN",
      message: "service orders: most recent calls failed, so none is sent; the next trial is in 4000 ms (breaker)",
      neverSent: true,
    });
    expect(transport.attempts()).toBe(0);
    expect(lab.decisions.decisions(PLAIN)).toMatchObject([{ kind: "refusal", by: "circuit-breaker", value: 4_000 }]);
  });

  test("makes the next call the trial when the first was cut before its answer", async () => {
    const lab = rig();
    const breaker = new CircuitBreaker();
    breaker.forceOpen(1, 0);
    const send = full(lab, lab.transport([{ hang: true }, { status: 200 }]), { breaker });
    const call = lab.call();
    const running = lab.run(send, call);
    expect(breaker.state.kind).toBe("half-open");
    await expect(lab.run(send)).rejects.toMatchObject({
      code: "CIRCUIT_OPEN",
      message: expect.stringContaining("a trial is running") as string,
    });
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    expect((await lab.run(send)).status).toBe(200);
    expect(breaker.state.kind).toBe("closed");
  });
});

describe("concurrency limit layer", () => {
  test("refuses beyond the limit, by name, and takes a refused call's place from nobody", async () => {
    const lab = rig();
    const limit = new ConcurrencyLimit("limits.calls", 2);
    const send = full(lab, lab.transport([{ hang: true }]), { limit });
    const calls = [lab.call(), lab.call()];
    const running = calls.map((call) => lab.run(send, call).catch(() => {}));
    await expect(lab.run(send)).rejects.toMatchObject({
      code: "OVERLOADED",
      message: "service orders: limits.calls: 2 calls are running; raise it or send fewer at once",
      neverSent: true,
    });
    expect(limit.running).toBe(2);
    expect(lab.journal.of("limit.reached")).toEqual([{ service: "orders", limit: "limits.calls", value: 2 }]);
    for (const call of calls) call.cut(new Error("enough"));
    await Promise.all(running);
    expect(limit.running).toBe(0);
  });

  test.each<[string, Act[]]>([
    ["an answer", [{ status: 200 }]],
    ["a failure", [{ status: 500 }]],
    ["a retry that succeeds", [{ status: 503 }, { status: 200 }]],
    ["retries that all fail", [{ refuse: true }]],
    ["attempts that all time out", [{ hang: true }]],
  ])("gives the place, the permit, the lease and the timer back after %s", async (_, acts) => {
    const lab = rig();
    const limit = new ConcurrencyLimit("limits.calls", 1);
    const send = full(lab, lab.transport(acts), { limit });
    const running = lab.run(send).catch(() => {});
    await lab.time.advance(20_000);
    await running;
    expect(limit.running).toBe(0);
    expect(lab.cluster.snapshot().endpoints.map(({ pending }) => pending)).toEqual([0, 0, 0]);
    expect(lab.time.pending()).toBe(0);
  });

  test("gives the place back when no endpoint was there", async () => {
    const lab = rig(0);
    const limit = new ConcurrencyLimit("limits.calls", 1);
    await expect(lab.run(full(lab, lab.transport([{ status: 200 }]), { limit }))).rejects.toMatchObject({
      code: "NO_ENDPOINTS",
    });
    expect(limit.running).toBe(0);
  });
});

interface Parts {
  readonly breaker?: CircuitBreaker;
  readonly limit?: ConcurrencyLimit;
}

/** The whole stack of core, in its order. */
function full(lab: Rig, transport: Service<string, Answer>, parts: Parts = {}): Service<string, Answer> {
  const { breaker = new CircuitBreaker(), limit = new ConcurrencyLimit("limits.calls", 1_024) } = parts;
  const options = { ...RETRY_DEFAULTS, on: new Set([...RETRY_DEFAULTS.on, "timeout" as const]) };
  return stack(
    [
      deadline<string, Answer>(15_000, portsOf(lab)),
      circuitBreaker(breaker, lab.ports),
      concurrencyLimit(limit, lab.ports),
      retry({ options, budget: retryBudget(), cap: new RetryCap(() => 0) }, lab.ports),
      pick<string, Answer>(lab.cluster),
      attemptTimeout({ attemptMs: 3_000 }, lab.timeouts),
    ],
    transport,
  );
}

function portsOf(lab: Rig): Parameters<typeof deadline>[1] {
  return { timeouts: lab.timeouts };
}
