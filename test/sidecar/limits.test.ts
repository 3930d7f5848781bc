import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../http/raw-caller.ts";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

const STALL = { kind: "stall", at: "before-head", answer: { body: "late" } } as const;

async function started(options?: SidecarRigOptions): Promise<SidecarRig> {
  const rig = await sidecarRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** One connection to the service, and one call that may wait for it. */
const NARROW: SidecarRigOptions = { count: 1, policy: { limits: { connections: 1, pending: 1 } } };

test("a call waits for a connection, and the one after it is refused: limits.pending", async () => {
  const { port, endpoints, journal, held } = await started(NARROW);
  endpoints.at(0).next(STALL);
  const first = call(port, "/1");
  await endpoints.at(0).stalled();
  const second = call(port, "/2");
  await waiting(held, 2);
  const third = await call(port, "/3");
  expect(third).toMatchObject({ status: 503, headers: { "x-weft-error": "OVERLOADED", "x-envoy-overloaded": "true" } });
  expect(third.body).toContain("limits.pending: all 1 are in use");
  expect(journal.of("limit.reached")).toEqual([{ service: "orders", limit: "limits.pending", value: 1 }]);
  expect(journal.of("retry.started")).toEqual([]);
  endpoints.at(0).release();
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  expect(endpoints.at(0).requests.map(({ path }) => path)).toEqual(["/1", "/2"]);
  expect(endpoints.at(0).connections).toBe(1);
});

test("a caller that leaves the queue makes room in it", async () => {
  const { port, endpoints, held, journal } = await started(NARROW);
  endpoints.at(0).next(STALL);
  const first = call(port, "/1");
  await endpoints.at(0).stalled();
  const impatient = rawCaller(`127.0.0.1:${port}`);
  impatient.send("GET /2 HTTP/1.1\r\nHost: orders\r\n\r\n");
  await waiting(held, 2);
  impatient.socket.destroy();
  await journal.next("call.ended", ({ error }) => error === "ABORTED");
  const third = call(port, "/3");
  await waiting(held, 2);
  endpoints.at(0).release();
  expect([(await first).status, (await third).status]).toEqual([200, 200]);
  expect(endpoints.at(0).requests.map(({ path }) => path)).toEqual(["/1", "/3"]);
});

test("a deadline that comes in the queue says that nothing was sent, and frees the place", async () => {
  const time = fakeTime();
  const { port, endpoints, held } = await started({ ...NARROW, options: { time } });
  endpoints.at(0).next(STALL);
  const first = call(port, "/1");
  await endpoints.at(0).stalled();
  const second = call(port, "/2", { headers: { "x-request-deadline-ms": "100" } });
  await waiting(held, 2);
  await time.advance(100);
  expect(await second).toMatchObject({ status: 504, headers: { "x-weft-error": "DEADLINE_EXCEEDED" } });
  endpoints.at(0).release();
  expect((await first).status).toBe(200);
  expect(endpoints.at(0).requests.map(({ path }) => path)).toEqual(["/1"]);
  expect(await held()).toMatchObject({ calls: 0, pending: 0 });
});

test("limits.calls refuses at once, and says so to those who would repeat it", async () => {
  const { port, endpoints, journal } = await started({ policy: { limits: { calls: 1 } } });
  endpoints.at(0).next(STALL);
  const first = call(port, "/");
  await endpoints.at(0).stalled();
  expect(await call(port, "/")).toMatchObject({ status: 503, headers: { "x-envoy-overloaded": "true" } });
  expect(journal.of("limit.reached")).toEqual([{ service: "orders", limit: "limits.calls", value: 1 }]);
  endpoints.at(0).release();
  expect((await first).status).toBe(200);
});

test("timeout.idle cuts an answer whose endpoint goes silent, and blames the endpoint", async () => {
  const time = fakeTime();
  const { port, endpoints, journal } = await started({
    options: { time },
    policy: { timeout: { idle: "2s", total: "0s" } },
  });
  endpoints.at(0).next({ kind: "stall", at: "inside-body", answer: { body: "x".repeat(20_000) } });
  const caller = rawCaller(`127.0.0.1:${port}`);
  caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  await caller.shows("xxxx");
  for (let i = 0; i < 6; i++) await time.advance(500);
  await journal.next("call.ended", ({ error }) => error === "CONNECTION_LOST");
  expect(await caller.ending()).toBe("ECONNRESET");
  await endpoints.at(0).allClosed();
});

/** Until so many calls run. The admin API is asked again: what it shows changes with no event. */
async function waiting(held: SidecarRig["held"], calls: number): Promise<void> {
  while ((await held()).calls < calls);
}
