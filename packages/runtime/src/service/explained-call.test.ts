import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BalancedCluster,
  type Call,
  endpoint,
  failure,
  meshEvents,
  MeshError,
  OngoingCall,
  pick,
  retry,
  RETRY_DEFAULTS,
  retryBudget,
  RetryCap,
  stack,
  SUCCESS,
} from "@weft/core";
import { fakeTime, seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { resultOfAnswer } from "../call/answer.ts";
import { CallLog } from "../call/call-log.ts";
import { callText, explainService, type ExplainedCall, explainTrace, wasTroubled } from "./explained-call.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const LATENCY_MS: Readonly<Record<string, number>> = { "orders-1": 18, "orders-2": 31, "orders-3": 24 };

/** An endpoint goes away between two bursts of fifteen calls. */
async function outage(): Promise<{
  readonly calls: CallLog;
  readonly cluster: BalancedCluster;
  readonly nowMs: number;
}> {
  const time = fakeTime(1_000);
  const random = seededRandom(7);
  const events = meshEvents();
  const cluster = new BalancedCluster({ service: "orders", clock: time, random, events });
  cluster.update([1, 2, 3].map((i) => endpoint({ id: `orders-${i}`, host: `10.0.0.${i}`, port: 80 })));
  const calls = new CallLog();
  let gone = false;

  async function send(_: undefined, call: Call): Promise<string> {
    const lease = call.lease!; // the pick layer has just put it there
    const { id } = lease.endpoint;
    await time.sleep(gone && id === "orders-1" ? 2 : LATENCY_MS[id]!);
    if (!gone || id !== "orders-1") {
      lease.release(SUCCESS);
      return id;
    }
    lease.release(failure("connect"));
    throw new MeshError("CONNECT_FAILED", "connect ECONNREFUSED", { service: "orders", neverSent: true });
  }

  const way = stack<undefined, string>(
    [
      retry(
        { options: RETRY_DEFAULTS, budget: retryBudget(), cap: new RetryCap(() => 0) },
        {
          clock: time,
          timer: time,
          random,
          events,
          decisions: cluster.decisions,
          resultOf: () => undefined,
          resultOfError: () => ({ ...resultOfAnswer(0, failure("connect"), false), failure: "never-sent", sent: "no" }),
          repeatable: () => true,
          discard: () => undefined,
        },
      ),
      pick(cluster),
    ],
    send,
  );

  async function ask(number: number): Promise<void> {
    const call = new OngoingCall(number, "orders", time.nowMs(), true);
    const id = await way(undefined, call);
    call.finish({ kind: "complete", atMs: time.nowMs() });
    const traceId = TRACE.slice(0, -2) + number.toString(16).padStart(2, "0");
    const of = { call, endedMs: time.nowMs(), status: 200, grpcStatus: -1, error: undefined };
    if (calls.ended(of, "outbound", id, traceId, false)) cluster.decisions.keep(number);
  }

  const burst = (first: number): Promise<unknown> => Promise.all(Array.from({ length: 15 }, (_, i) => ask(first + i)));
  for (const [first, isGone] of [
    [1, false],
    [16, true],
  ] as const) {
    gone = isGone;
    const asked = burst(first);
    await time.advance(1_000);
    await asked;
  }
  return { calls, cluster, nowMs: time.nowMs() };
}

test("the page shows the way of a call whose endpoint had gone", async () => {
  const { calls, cluster, nowMs } = await outage();
  const explained = explainService("orders", calls.last(100), cluster.explain());
  const ejecting = explained.find(({ decisions }) => {
    return decisions.some((decision) => decision.kind === "attempt" && (decision.ejectedForMs ?? 0) > 0);
  });
  const text = callText(ejecting!, nowMs);
  const page = readFileSync(join(import.meta.dirname, "../../../../docs/explain.md"), "utf8");
  expect(page).toContain(`\n\`\`\`text\n${text}\n\`\`\`\n`);
});

describe("the calls of a trace", () => {
  test("are told with what was decided about each", async () => {
    const { calls, cluster, nowMs } = await outage();
    const trace = `${TRACE.slice(0, -2)}10`; // of call 16
    const explained = explainTrace(trace, { calls, nowMs, decisionsOf: (_, call) => cluster.explain(call) });
    expect(explained.calls).toMatchObject([{ call: 16, service: "orders", end: { traceId: trace } }]);
    expect(explained.text).toMatch(/^call 16 to orders, /);
    expect(explainTrace(trace.toUpperCase(), { calls, nowMs, decisionsOf: () => [] })).toMatchObject({
      traceId: trace,
    });
  });

  test("are the newest 256 where a load test sent thousands with one id", () => {
    const calls = new CallLog();
    const call = { number: 1, service: "orders", startedMs: 0, attempt: 1, begun: undefined, cutBy: undefined };
    const of = { call, endedMs: 1, status: 200, grpcStatus: -1, error: undefined };
    for (let i = 0; i < 300; i++) calls.ended(of, "outbound", "a", TRACE, false);
    const explained = explainTrace(TRACE, { calls, nowMs: 2, decisionsOf: () => [] });
    expect([explained.calls.length, explained.calls.at(-1)?.end?.seq]).toEqual([256, 300]);
  });

  test("are none where it is not known, and asked for in vain without a trace id", () => {
    const known = { calls: new CallLog(), nowMs: 0, decisionsOf: () => [] };
    expect(explainTrace(TRACE, known)).toEqual({ traceId: TRACE, calls: [], text: "" });
    for (const id of ["", "x", "0".repeat(32), `${TRACE}0`, `00-${TRACE}-00f067aa0ba902b7-01`])
      expect(() => explainTrace(id, known)).toThrow("a trace id is 32 hexadecimal digits");
  });
});

describe("a call in words", () => {
  const end: NonNullable<ExplainedCall["end"]> = {
    seq: 1,
    call: 7,
    side: "outbound",
    service: "orders",
    endpoint: "a",
    startedMs: 1_000,
    durationMs: 33,
    status: 200,
    grpcStatus: -1,
    attempts: 1,
    error: undefined,
    failed: false,
    traceId: undefined,
    refusal: undefined,
  };
  const headline = (changed: Partial<typeof end>): string =>
    callText({ call: 7, service: "orders", end: { ...end, ...changed }, decisions: [] }, 4_200).split("\n")[0]!;

  test.each([
    { changed: {}, words: "answer 200 from a after 33 ms, 1 attempt" },
    { changed: { attempts: 2, traceId: TRACE }, words: `answer 200 from a after 33 ms, 2 attempts; trace ${TRACE}` },
    { changed: { status: 503, failed: true }, words: "failed, answer 503 from a after 33 ms, 1 attempt" },
    {
      changed: { status: 200, grpcStatus: 14, failed: true },
      words: "failed, answer 200 (gRPC status 14) from a after 33 ms, 1 attempt",
    },
    {
      changed: { status: 503, error: "NO_ENDPOINTS", failed: true, attempts: 0, endpoint: undefined },
      words: "failed with NO_ENDPOINTS, answer 503 after 33 ms, 0 attempts",
    },
    {
      changed: { status: 0, error: "TimeoutError" },
      words: "given up by its caller, no answer after 33 ms, 1 attempt",
    },
    {
      changed: {
        service: "ordrs:80",
        status: 502,
        error: "UNKNOWN_SERVICE",
        failed: true,
        refusal: { flag: "NR", why: "no service ordrs" },
      },
      words: "refused with UNKNOWN_SERVICE, answer 502",
    },
  ] as const)("$words", ({ changed, words }) => {
    const { service } = { ...end, ...changed };
    expect(headline(changed)).toBe(`call 7 to ${service}, 3.2 s ago: ${words}`);
  });

  test("says so when nothing that was decided about it is kept", () => {
    expect(callText({ call: 7, service: "orders", end, decisions: [] }, 4_200)).toContain(
      "\n            what was decided about it is no longer kept",
    );
  });
});

test("a service is told by the calls that have ended and by those that only decisions know of", async () => {
  const { calls, cluster } = await outage();
  const ended = calls.last(100).filter(({ call }) => call <= 2);
  const decisions = cluster.explain().filter(({ call }) => call === 2 || call === 3);
  const explained = explainService("orders", ended, decisions);
  expect(explained.map((one) => [one.call, one.end !== undefined, one.decisions.length])).toEqual([
    [1, true, 0],
    [2, true, 2],
    [3, false, 2],
  ]);
});

test("a call that met nothing but a connection already closed was in trouble, too", () => {
  const log = new BalancedCluster({
    service: "orders",
    clock: { nowMs: () => 0 },
    random: seededRandom(1),
    events: meshEvents(),
  });
  log.decisions.retry(0, 7, 1, "retried", 0, 9);
  log.decisions.breaker(0, 8, "half-open");
  const [retried, trial] = explainService("orders", [], log.explain());
  expect([retried, trial].map((call) => call && wasTroubled(call))).toEqual([true, false]);
});
