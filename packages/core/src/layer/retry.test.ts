import { describe, expect, test } from "vitest";
import { PLAIN } from "../decision/plain-names.suite.ts";
import { sentence } from "../decision/sentence.ts";
import { Word64 } from "../hash/word64.ts";
import { first } from "../policy/first/first.ts";
import { retryBudget, RETRY_BUDGET_DEFAULTS } from "../policy/retry-budget/retry-budget.ts";
import { RetryCap, type RetryCapOptions } from "../policy/retry-budget/retry-cap.ts";
import { RETRY_DEFAULTS, type RetryOptions } from "../policy/retry/decide-retry.ts";
import type { Service } from "../service.ts";
import { stack } from "../stack.ts";
import { pick } from "./pick.ts";
import { retry } from "./retry.ts";
import { type Act, type Answer, rig, type Rig } from "./rig.suite.ts";

describe("retry layer", () => {
  test("goes to another endpoint with a failed attempt, and throws the first answer away", async () => {
    const lab = rig();
    const { send, transport } = retrying(lab, [{ status: 503 }, { status: 200 }]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(25);
    expect((await running).status).toBe(200);
    expect(transport.attempts()).toBe(2);
    expect(lab.discarded).toMatchObject([{ status: 503 }]);
    expect(new Set(call.tried.map(({ id }) => id)).size).toBe(2);
    expect(lab.journal.of("retry.started")).toMatchObject([{ retry: 1, why: "status 503" }]);
  });

  test("returns the last answer as it came when retries are used up", async () => {
    const lab = rig();
    const { send } = retrying(lab, [{ status: 503 }, { status: 502 }]);
    const running = lab.run(send);
    await lab.time.advance(25);
    expect((await running).status).toBe(502);
    expect(lab.discarded).toMatchObject([{ status: 503 }]);
    expect(lab.journal.of("retry.denied")).toMatchObject([{ reason: "attempts" }]);
  });

  test("throws the last error when the last attempt had no answer", async () => {
    const lab = rig();
    const { send } = retrying(lab, [{ status: 503 }, { refuse: true }]);
    const running = lab.run(send);
    const failed = expect(running).rejects.toThrow("refused");
    await lab.time.advance(25);
    await failed;
  });

  const denials: {
    reason: string;
    acts: Act[];
    idempotent?: boolean;
    request?: string;
    options?: Partial<RetryOptions>;
    ratio?: number;
  }[] = [
    { reason: "not-idempotent", acts: [{ status: 503 }], idempotent: false },
    { reason: "not-listed", acts: [{ status: 500 }], options: { on: new Set(["gateway-error" as const]) } },
    { reason: "body", acts: [{ status: 503 }], request: "once" },
    { reason: "attempts", acts: [{ status: 503 }], options: { maxRetries: 0 } },
    { reason: "refused-by-endpoint", acts: [{ status: 503, forbidden: true }] },
    { reason: "retry-after", acts: [{ status: 503, retryAfterMs: 60_000 }] },
    { reason: "budget", acts: [{ status: 503 }], ratio: 0 },
  ];

  test.each(denials)(
    "lets a failure through, and says why: $reason",
    async ({ reason, acts, idempotent, request = "GET /", options, ratio }) => {
      const lab = rig();
      const { send, transport } = retrying(lab, acts, options, ratio);
      const call = lab.call(idempotent);
      const [first] = acts;
      const answer = await send(request, call);
      expect(answer.act).toBe(first);
      expect(transport.attempts()).toBe(1);
      // A status that nothing lists is an answer like any other: nobody wanted a retry.
      const wanted = reason === "not-listed" ? [] : [{ service: "orders", reason }];
      expect(lab.journal.of("retry.denied")).toEqual(wanted);
      if (wanted.length > 0)
        expect(lab.decisions.decisions(PLAIN).at(-1)).toMatchObject({ kind: "retry", verdict: reason });
    },
  );

  test("does not begin a pause that would outlast the deadline", async () => {
    const lab = rig();
    const { send } = retrying(lab, [{ status: 503, retryAfterMs: 500 }, { status: 200 }]);
    const call = lab.call();
    call.tighten(1_400);
    expect((await lab.run(send, call)).status).toBe(503);
    expect(lab.time.pending()).toBe(0);
  });

  test("ends its pause when the call is cut, with the reason, and leaves no timer", async () => {
    const lab = rig();
    const { send, transport } = retrying(lab, [{ status: 503, retryAfterMs: 500 }]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(100);
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    expect(transport.attempts()).toBe(1);
    expect(lab.time.pending()).toBe(0);
  });

  test("repeats nothing of a call that was cut", async () => {
    const lab = rig();
    const { send, transport } = retrying(lab, [{ hang: true }, { status: 200 }]);
    const call = lab.call();
    const running = lab.run(send, call);
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    expect(transport.attempts()).toBe(1);
  });

  test("repeats what was never sent, though the call is not idempotent", async () => {
    const lab = rig();
    const { send } = retrying(lab, [{ refuse: true }, { status: 201 }]);
    const running = lab.run(send, lab.call(false));
    await lab.time.advance(25);
    expect((await running).status).toBe(201);
  });

  test("multiplies an outage by no more than its budget allows", async () => {
    const lab = rig();
    const { send, transport } = retrying(lab, [{ status: 503 }], { maxRetries: 10 }, 0.2, UNCAPPED);
    const running = Array.from({ length: 200 }, () => lab.run(send));
    await lab.time.advance(5_000);
    await Promise.all(running);
    expect(transport.attempts()).toBe(240);
  });

  test("repeats no more calls at once than its cap allows, and says how many there are", async () => {
    const lab = rig();
    const { send, transport, cap } = retrying(lab, [{ status: 503 }], { maxRetries: 1 }, undefined, ENVOY);
    const running = Array.from({ length: 5 }, () => lab.run(send));
    await lab.time.advance(0);
    expect(cap.running).toBe(3);
    await lab.time.advance(25);
    await Promise.all(running);
    expect([transport.attempts(), cap.running]).toEqual([8, 0]);
    expect(lab.journal.of("retry.denied")).toEqual([
      { service: "orders", reason: "concurrency" },
      { service: "orders", reason: "concurrency" },
      ...Array.from({ length: 3 }, () => ({ service: "orders", reason: "attempts" })),
    ]);
    const denied = lab.decisions.decisions(PLAIN).find((one) => one.kind === "retry" && one.verdict === "concurrency");
    expect(denied).toMatchObject({ underWay: { running: 3, most: 3 } });
    expect(sentence(denied!)).toMatch(/^not retried: refused by the cap on concurrent retries: 3 of 3; /);
  });

  test("gives its place back when the pause is cut", async () => {
    const lab = rig();
    const { send, cap } = retrying(lab, [{ status: 503, retryAfterMs: 500 }]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(100);
    expect(cap.running).toBe(1);
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    expect(cap.running).toBe(0);
  });

  test("gives its place back when the attempt is cut, and keeps one for all retries of a call", async () => {
    const lab = rig();
    const { send, cap } = retrying(lab, [{ status: 503 }, { status: 503 }, { hang: true }], { maxRetries: 3 });
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(100);
    expect([call.attempt, cap.running]).toEqual([3, 1]);
    call.cut(new Error("caller left"));
    await expect(running).rejects.toThrow("caller left");
    expect(cap.running).toBe(0);
  });

  test("has no place taken by an answer whose body is still read", async () => {
    const lab = rig();
    const { send, cap } = retrying(lab, [{ status: 503 }, { status: 200 }]);
    const running = send("GET /", lab.call());
    await lab.time.advance(25);
    expect((await running).status).toBe(200);
    expect(cap.running).toBe(0);
  });

  test("goes round a closed connection at once, and has its retries left after that", async () => {
    const lab = rig();
    const { send, transport, cap } = retrying(lab, [{ stale: true }, { status: 503 }, { status: 200 }]);
    const call = lab.call();
    const running = lab.run(send, call);
    await lab.time.advance(0);
    expect([call.attempt, cap.running]).toEqual([2, 1]);
    await lab.time.advance(25);
    expect((await running).status).toBe(200);
    expect(transport.attempts()).toBe(3);
    expect(lab.journal.of("retry.started")).toMatchObject([
      { retry: 1, why: "stale-connection", pauseMs: 0 },
      { retry: 2, why: "status 503" },
    ]);
    const [renewed, retried] = lab.decisions.decisions(PLAIN).filter(({ kind }) => kind === "retry");
    expect(renewed).toMatchObject({ verdict: "renewed", budget: 100, budgetBefore: 100 });
    expect(retried).toMatchObject({ verdict: "retried", budget: 99, budgetBefore: 100 });
    expect(sentence(renewed!)).toMatch(/^retried at once on a fresh connection, at no cost: /);
  });

  test.each([
    { why: "that its key belongs to", hash: new Word64(1, 2), session: undefined, endpoints: 1 },
    { why: "that keeps its session", hash: undefined, session: "e1", endpoints: 1 },
    { why: "other than the one it met", hash: undefined, session: "", endpoints: 2 },
  ])("goes round a closed connection to the endpoint $why", async ({ hash, session, endpoints }) => {
    const lab = rig(2);
    lab.cluster.configure({ picker: first() });
    const { send } = retrying(lab, [{ stale: true }, { status: 200 }]);
    const call = lab.call();
    Object.assign(call, { hash, session });
    await lab.run(send, call);
    const went = lab.decisions.decisions(PLAIN).filter(({ kind }) => kind === "pick");
    expect(new Set(went.map((pick) => "endpoint" in pick && pick.endpoint)).size).toBe(endpoints);
    expect(call.attempt).toBe(2);
  });

  test("tells who sent the request that it is not repeated, and why", async () => {
    const lab = rig();
    const told: unknown[] = [];
    const transport = lab.transport([{ status: 503 }]);
    const rules = { options: { ...RETRY_DEFAULTS, maxRetries: 0 }, budget: retryBudget(), cap: new RetryCap(() => 0) };
    const ports = { ...lab.ports, denied: (request: string, reason: string) => void told.push([request, reason]) };
    const send = stack([retry<string, Answer>(rules, ports), pick<string, Answer>(lab.cluster)], transport);
    await lab.run(send);
    expect(told).toEqual([["GET /", "attempts"]]);
  });

  test("follows rules that change while it runs", async () => {
    const lab = rig();
    const rules = { options: RETRY_DEFAULTS, budget: retryBudget(), cap: new RetryCap(() => 0) };
    const transport = lab.transport([{ status: 503 }]);
    const send = stack([retry<string, Answer>(rules, lab.ports), pick<string, Answer>(lab.cluster)], transport);
    rules.options = { ...RETRY_DEFAULTS, maxRetries: 0 };
    await lab.run(send);
    expect(transport.attempts()).toBe(1);
  });
});

const UNCAPPED: RetryCapOptions = { concurrentRatio: 1, minConcurrent: 1_000 };
const ENVOY: RetryCapOptions = { concurrentRatio: 0.2, minConcurrent: 3 };

function retrying(
  lab: Rig,
  acts: readonly Act[],
  options: Partial<RetryOptions> = {},
  ratio?: number,
  cap?: RetryCapOptions,
): { cap: RetryCap; send: Service<string, Answer>; transport: ReturnType<Rig["transport"]> } {
  const transport = lab.transport(acts);
  const budget = retryBudget({ ...RETRY_BUDGET_DEFAULTS, ...(ratio === undefined ? {} : { ratio, minPerSecond: 0 }) });
  const rules = { options: { ...RETRY_DEFAULTS, ...options }, budget, cap: new RetryCap(() => 10, cap) };
  return {
    cap: rules.cap,
    send: stack([retry<string, Answer>(rules, lab.ports), pick<string, Answer>(lab.cluster)], transport),
    transport,
  };
}
