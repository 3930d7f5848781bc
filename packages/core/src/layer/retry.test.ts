import { describe, expect, test } from "vitest";
import { PLAIN } from "../decision/plain-names.suite.ts";
import { retryBudget, RETRY_BUDGET_DEFAULTS } from "../policy/retry-budget/retry-budget.ts";
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
    { reason: "deadline", acts: [{ status: 503, retryAfterMs: 60_000 }] },
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
    const { send, transport } = retrying(lab, [{ status: 503 }], { maxRetries: 10 }, 0.2);
    const running = Array.from({ length: 200 }, () => lab.run(send));
    await lab.time.advance(5_000);
    await Promise.all(running);
    expect(transport.attempts()).toBe(240);
  });

  test("follows rules that change while it runs", async () => {
    const lab = rig();
    const rules = { options: RETRY_DEFAULTS, budget: retryBudget() };
    const transport = lab.transport([{ status: 503 }]);
    const send = stack([retry<string, Answer>(rules, lab.ports), pick<string, Answer>(lab.cluster)], transport);
    rules.options = { ...RETRY_DEFAULTS, maxRetries: 0 };
    await lab.run(send);
    expect(transport.attempts()).toBe(1);
  });
});

function retrying(
  lab: Rig,
  acts: readonly Act[],
  options: Partial<RetryOptions> = {},
  ratio?: number,
): { send: Service<string, Answer>; transport: ReturnType<Rig["transport"]> } {
  const transport = lab.transport(acts);
  const budget = retryBudget({ ...RETRY_BUDGET_DEFAULTS, ...(ratio === undefined ? {} : { ratio, minPerSecond: 0 }) });
  const rules = { options: { ...RETRY_DEFAULTS, ...options }, budget };
  return {
    send: stack([retry<string, Answer>(rules, lab.ports), pick<string, Answer>(lab.cluster)], transport),
    transport,
  };
}
