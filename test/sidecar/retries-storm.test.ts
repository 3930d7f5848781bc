import { request } from "node:http";
import type { Random } from "@weft/core";
import { type RequestBehaviour, seededRandom } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { sidecarRig } from "./rig.ts";

const CALLS = 600;
const AT_ONCE = 40;
const PIECE = Buffer.alloc(3_000, "p");

const BEHAVIOURS: readonly RequestBehaviour[] = [
  {},
  {},
  { body: "x".repeat(1_000) },
  { body: "x".repeat(100_000) },
  { body: "y".repeat(9_000), chunked: true },
  { status: 503, body: "not now" },
  { status: 503, body: "z".repeat(30_000), chunked: true },
  { status: 503, body: "z".repeat(100_000) },
  { kind: "reset", at: "request" },
  { kind: "reset", at: "body", answer: { body: "x".repeat(50_000) } },
  { kind: "truncate", answer: { body: "x".repeat(50_000), chunked: true } },
  { kind: "close" },
  { kind: "garbage" },
  { delayMs: 5, body: "late" },
  { delayMs: 60, body: "too late" },
  { informational: [{ status: 103 }], body: "hinted" },
  { thenClose: true, body: "bye" },
];

/** Makes one call in some way, and may leave before it has ended. Resolves when it is over for the caller. */
async function oneCall(port: number, random: Random): Promise<void> {
  const streamed = random.below(3) === 0;
  const method = ["GET", "PUT", "POST", "HEAD"][random.below(4)]!;
  const pieces = method === "GET" || method === "HEAD" ? 0 : 1 + random.below(30);
  const length = streamed ? {} : { "content-length": String(pieces * PIECE.length) };
  const headers = { host: "orders", ...(pieces > 0 ? length : {}) };
  const sent = request({ host: "127.0.0.1", port, method, headers, agent: false });
  const leavesAt = random.below(6) === 0 ? random.below(pieces + 3) : -1;
  sent.on("error", () => {});
  sent.on("response", (response) => {
    response.on("error", () => {});
    if (leavesAt >= pieces + 1) sent.destroy();
    else response.resume();
  });
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  sent.on("close", resolve);
  for (let i = 0; i < pieces && !sent.destroyed; i++) {
    if (i === leavesAt) sent.destroy();
    else sent.write(PIECE);
    if (i % 4 === 3) await new Promise((resolve) => void setImmediate(resolve));
  }
  if (!sent.destroyed) sent.end();
  await closed;
}

test(`${CALLS} calls that go wrong in every way, some left by their callers, leave nothing behind`, async () => {
  const random = seededRandom(11);
  const rig = await sidecarRig({
    count: 4,
    policy: {
      balancer: { kind: "peak-ewma" },
      timeout: { attempt: "40ms", idle: "2s", total: "5s" },
      retry: { maxRetries: 2, bufferBytes: "32KiB", backoff: { base: "2ms", max: "4ms" } },
      hedge: { after: "20ms", maxExtraRatio: 0.5 },
      breaker: "off",
      limits: { connections: 24, pending: 8, callsPerEndpoint: 16 },
    },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const { endpoints, journal, port, held, sidecar } = rig;
  for (const endpoint of endpoints.all) {
    // Drawn when the request is there: the order is the machine's, the mixture the seed's.
    endpoint.always(() => BEHAVIOURS[random.below(BEHAVIOURS.length)]!);
  }
  let left = CALLS;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await oneCall(port, random);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
  // Callers that left may have been the last: the sidecar hears of it a moment later.
  let now = await held();
  while (now.calls > 0 || now.pending > 0) now = await held();
  const { finished, cut } = await sidecar.drain({ graceMs: 1_000 });
  expect([finished, cut]).toEqual([0, 0]);
  const numbers = journal.of("call.ended").map((event) => event.call);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(numbers.length).toBeGreaterThan(CALLS / 2);
  for (const name of ["retry.started", "hedge.started", "endpoint.ejected"] as const) {
    expect([name, journal.of(name).length > 0]).toEqual([name, true]);
  }
});
