import { hasFailed, MeshError } from "@weft/core";
import { expect, test } from "vitest";
import { CallLog } from "./call-log.ts";
import type { LoggedCall } from "./call-ring.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

interface Written {
  readonly service?: string;
  readonly attempts?: number;
  readonly status?: number;
  readonly error?: unknown;
  readonly traceId?: string;
}

/** Call number 100 times its turn, begun at 10 ms times its turn, 2.5 ms long. */
function writer(log: CallLog): (written?: Written) => boolean {
  let turn = 0;
  return ({ service = "orders", attempts = 1, status = 200, error, traceId = TRACE } = {}) => {
    turn++;
    const at = { number: turn * 100, startedMs: turn * 10 };
    const call = { ...at, service, attempt: attempts, begun: undefined, cutBy: error };
    const of: LoggedCall = { call, endedMs: turn * 10 + 2.5, status, grpcStatus: -1, error };
    return log.ended(of, "outbound", attempts === 0 ? "" : `${service}-1`, traceId, hasFailed(of));
  };
}

/** A request for a service that nobody knows. */
function refuser(log: CallLog): (asked: string) => void {
  const refusal = { flag: "NR", why: "x".repeat(1_000) } as const;
  const times = { startedMs: 5, durationMs: 0 };
  const end = { status: 502, grpcStatus: -1, failed: true, error: "UNKNOWN_SERVICE" };
  return (asked) => log.refused({ call: 9, side: "outbound", asked, traceId: TRACE, ...times, ...end, refusal });
}

const seqs = (calls: readonly { readonly seq: number }[]): number[] => calls.map(({ seq }) => seq);

test("gives back what was written of a call", () => {
  const log = new CallLog();
  const write = writer(log);
  write();
  const error = new MeshError("NO_ENDPOINTS", "none");
  write({ service: "payments", attempts: 0, status: 503, error, traceId: "" });
  expect(log.last(10)).toEqual([
    {
      seq: 1,
      call: 100,
      side: "outbound",
      service: "orders",
      endpoint: "orders-1",
      startedMs: 10,
      durationMs: 2.5,
      status: 200,
      grpcStatus: -1,
      attempts: 1,
      error: undefined,
      failed: false,
      traceId: TRACE,
      refusal: undefined,
    },
    {
      seq: 2,
      call: 200,
      side: "outbound",
      service: "payments",
      endpoint: undefined,
      startedMs: 20,
      durationMs: 2.5,
      status: 503,
      grpcStatus: -1,
      attempts: 0,
      error: "NO_ENDPOINTS",
      failed: true,
      traceId: undefined,
      refusal: undefined,
    },
  ]);
});

test.each([TRACE, "ffffffffffffffffffffffffffffffff", "00000000000000000000000000000001", `8${"0".repeat(31)}`])(
  "finds the calls of the trace %s, and those of no other",
  (traceId) => {
    const log = new CallLog();
    const write = writer(log);
    write({ traceId });
    write({ traceId: "0af7651916cd43dd8448eb211c80319c" });
    write({ traceId: "" });
    write({ traceId });
    expect(seqs(log.find(traceId))).toEqual([1, 4]);
    expect(log.find(traceId)[0]?.traceId).toBe(traceId);
  },
);

test("drops the oldest, and tells the others in the order they ended", () => {
  const log = new CallLog(4, 2);
  const write = writer(log);
  for (let i = 0; i < 6; i++) write();
  expect(seqs(log.last(10))).toEqual([3, 4, 5, 6]);
  expect(seqs(log.last(2))).toEqual([5, 6]);
  expect(log.last(0)).toEqual([]);
  expect(log.newest).toBe(6);
});

test("keeps calls that failed or were repeated beyond those that went well, and shows none twice", () => {
  const log = new CallLog(3, 2);
  const write = writer(log);
  write({ status: 500 });
  write({ attempts: 2 });
  write({ status: 500 });
  for (let i = 0; i < 3; i++) write();
  expect(seqs(log.last(10))).toEqual([2, 3, 4, 5, 6]);
  write({ status: 502 });
  expect(seqs(log.last(10))).toEqual([3, 5, 6, 7]);
  expect(seqs(log.find(TRACE))).toEqual([3, 5, 6, 7]);
  expect(seqs(log.last(10, { troubled: true }))).toEqual([3, 7]);
});

test("says which calls are worth keeping their decisions", () => {
  const write = writer(new CallLog());
  expect(write()).toBe(false);
  expect(write({ status: 404 })).toBe(false);
  expect(write({ attempts: 2 })).toBe(true);
  expect(write({ error: new MeshError("CONNECTION_LOST", "x") })).toBe(true);
  expect(write({ error: new Error("its caller left") })).toBe(true);
});

test("tells only what came since, of one service, and what failed", () => {
  const log = new CallLog();
  const write = writer(log);
  write();
  write({ service: "payments", status: 503 });
  write({ status: 503 });
  write();
  expect(seqs(log.last(10, { since: 2 }))).toEqual([3, 4]);
  expect(seqs(log.last(10, { since: 4 }))).toEqual([]);
  expect(seqs(log.last(10, { service: "orders" }))).toEqual([1, 3, 4]);
  expect(seqs(log.last(10, { service: "orders", troubled: true, since: 1 }))).toEqual([3]);
});

test("what went to no service stands among the others in its place, and pushes none of them out", () => {
  const log = new CallLog(2, 2);
  const write = writer(log);
  const refuse = refuser(log);
  write();
  refuse("");
  write({ status: 503 });
  refuse("ordrs:80");
  expect(log.last(10).map(({ seq, service, refusal }) => [seq, service, refusal?.flag])).toEqual([
    [1, "orders", undefined],
    [2, "(none)", "NR"],
    [3, "orders", undefined],
    [4, "ordrs:80", "NR"],
  ]);
  expect(seqs(log.last(2))).toEqual([3, 4]);
  expect(seqs(log.last(10, { since: 2, troubled: true }))).toEqual([3, 4]);
  expect(seqs(log.last(10, { service: "ordrs:80" }))).toEqual([4]);
  expect(log.last(1)[0]?.refusal?.why).toHaveLength(256);
  for (let i = 0; i < 1_000; i++) refuse("flood");
  expect(log.last(10_000)).toHaveLength(2 + 256);
  expect(seqs(log.last(10_000, { service: "orders" }))).toEqual([1, 3]);
  expect(log.last(4).map(({ service }) => service)).toEqual(["orders", "orders", "flood", "flood"]);
  expect(log.last(0)).toEqual([]);
});

test("what went to no service long ago takes the place of no call that is newer", () => {
  const log = new CallLog();
  const write = writer(log);
  for (let i = 0; i < 5; i++) refuser(log)("ordrs:80");
  for (let i = 0; i < 6; i++) write({ status: 503 });
  for (const filter of [{}, { troubled: true }]) {
    expect(seqs(log.last(1, filter))).toEqual([11]);
    expect(seqs(log.last(6, filter))).toEqual([6, 7, 8, 9, 10, 11]);
    expect(seqs(log.last(8, filter))).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  }
});

test.each([1, 7, 64, 100, 128])("keeps the trace of each of the last %i calls, and of no other", (size) => {
  const log = new CallLog(size, 1);
  const write = writer(log);
  const idOf = (turn: number): string => (turn % 5 === 0 ? "" : turn.toString(16).padStart(32, "0"));
  for (let turn = 1; turn <= 300; turn++) {
    write({ traceId: idOf(turn) });
    const oldest = idOf(Math.max(1, turn - size + 1));
    if (turn % 37 === 0) expect(log.find(oldest)).toHaveLength(oldest === "" ? 0 : 1);
  }
  const last = log.last(1_000).map(({ seq, traceId }) => ({ seq, traceId }));
  expect(last).toEqual(
    Array.from({ length: size }, (_, i) => ({ seq: 301 - size + i, traceId: idOf(301 - size + i) || undefined })),
  );
  expect(log.find(idOf(299 - size))).toEqual([]);
});
