import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { refusedCall } from "./refused-call.ts";

const HEAD_BYTES = 1024 * 1024;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** What is kept of a request, of which all that was sent is cut out of one large head. */
function kept(seq: number) {
  const head = `${TRACE} ordrs.example:80, which nobody knows. ${String(seq).padEnd(HEAD_BYTES, "x")}`;
  const [traceId, asked, why] = [head.slice(0, 32), head.slice(33, 49), head.slice(33, 1_000)];
  const times = { call: 9, startedMs: 5, durationMs: 0 };
  const end = { side: "outbound", status: 502, grpcStatus: -1, failed: true, error: "UNKNOWN_SERVICE" } as const;
  return refusedCall(seq, { ...times, ...end, traceId, asked, refusal: { flag: "NR", why } });
}

test("what is kept of a refused call does not keep its head alive", () => {
  setFlagsFromString("--expose-gc");
  // The function that the flag adds; nothing declares it.
  const collect = runInNewContext("gc") as () => void;
  collect();
  const before = process.memoryUsage().heapUsed;
  const calls = Array.from({ length: 64 }, (_, seq) => kept(seq));
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  expect(calls[63]).toMatchObject({ traceId: TRACE, service: "ordrs.example:80" });
  expect(calls[63]?.refusal?.why).toHaveLength(256);
  // Kept by one field alone they were 64 MiB.
  expect(grown).toBeLessThan(16 * HEAD_BYTES);
});
