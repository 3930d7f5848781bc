import { fakeTime, type FakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../http/raw-caller.ts";
import { type Answer, call, type CallOptions, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

const STALL = { kind: "stall", at: "before-head", answer: { body: "late" } } as const;
const LARGE = Array.from({ length: 60_000 }, (_, i) => `line ${i}\n`).join("");

async function started(options: SidecarRigOptions = {}): Promise<SidecarRig & { readonly time: FakeTime }> {
  const time = fakeTime();
  const rig = await sidecarRig({
    policy: { hedge: { after: "50ms", maxExtraRatio: 1 } },
    ...options,
    options: { time },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return { ...rig, time };
}

/** A call whose first endpoint is silent for longer than a hedge waits. */
async function slowCall(rig: SidecarRig & { readonly time: FakeTime }, options?: CallOptions): Promise<Answer> {
  rig.endpoints.at(0).next(STALL);
  const answer = call(rig.port, "/", options);
  await rig.endpoints.at(0).stalled();
  await rig.time.advance(50);
  return answer;
}

test("a second attempt elsewhere gives the answer, whole, and the first is cut", async () => {
  const rig = await started();
  const { endpoints, journal, held } = rig;
  endpoints.at(1).always({ body: LARGE });
  const answer = await slowCall(rig);
  expect(answer.status).toBe(200);
  expect(answer.body).toBe(LARGE);
  await endpoints.at(0).allClosed();
  expect(journal.of("hedge.started")).toMatchObject([{ slow: "endpoint-1", endpoint: "endpoint-2", afterMs: 50 }]);
  expect(journal.of("hedge.won")).toHaveLength(1);
  expect(journal.of("call.ended")).toMatchObject([{ endpoint: "endpoint-2", attempts: 2, status: 200 }]);
  expect(await held()).toMatchObject({ calls: 0, pending: 0 });
});

test("the first attempt may still win: then the second is cut", async () => {
  const rig = await started();
  const { endpoints, journal, port, time } = rig;
  for (const index of [0, 1]) endpoints.at(index).next(STALL);
  const answer = call(port, "/");
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  endpoints.at(0).release();
  expect(await answer).toMatchObject({ status: 200, body: "late", headers: { "x-fake-endpoint": "endpoint-1" } });
  await endpoints.at(1).allClosed();
  expect(journal.of("hedge.won")).toEqual([]);
});

test("a failure of one attempt waits for the other", async () => {
  const rig = await started();
  const { endpoints, port, time } = rig;
  for (const index of [0, 1]) endpoints.at(index).next({ ...STALL, answer: { body: `of ${index}` } });
  const answer = call(port, "/");
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  endpoints.at(0).resetAll();
  await endpoints.at(0).allClosed();
  endpoints.at(1).release();
  expect(await answer).toMatchObject({ status: 200, body: "of 1" });
});

test("hedges end with their budget", async () => {
  const rig = await started({ policy: { hedge: { after: "50ms", maxExtraRatio: 0.5 }, retry: { maxRetries: 1 } } });
  const { endpoints, journal, port, time } = rig;
  await call(port, "/"); // pays in for half a hedge
  await slowCall(rig); // one is there
  endpoints.at(0).next(STALL);
  const third = call(port, "/");
  await endpoints.at(0).stalled();
  await time.advance(50);
  expect(journal.of("hedge.started")).toHaveLength(1);
  endpoints.at(0).release();
  expect(await third).toMatchObject({ body: "late" });
  expect((await rig.admin("/explain?service=orders")).body).toContain("the hedge budget is spent");
});

test("a POST is not hedged, one with a key is", async () => {
  const rig = await started();
  rig.endpoints.at(0).next(STALL);
  const plain = call(rig.port, "/", { method: "POST", body: "one" });
  await rig.endpoints.at(0).stalled();
  await rig.time.advance(50);
  expect(rig.journal.of("hedge.started")).toEqual([]);
  rig.endpoints.at(0).release();
  expect(await plain).toMatchObject({ body: "late" });
  const keyed = await slowCall(rig, { method: "POST", body: "one", headers: { "idempotency-key": "k" } });
  expect(keyed.headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(rig.endpoints.at(1).requests[0]?.body.toString()).toBe("one");
});

test("a body that is still coming is not hedged, for one attempt is reading it", async () => {
  const { port, endpoints, time, admin } = await started();
  const caller = rawCaller(`127.0.0.1:${port}`);
  caller.send("PUT / HTTP/1.1\r\nHost: orders\r\nContent-Length: 6\r\n\r\none");
  await endpoints.at(0).connected();
  await time.advance(50);
  expect((await admin("/explain?service=orders")).body).toContain("no hedge after 50 ms: the request's body");
  caller.send("two");
  await caller.shows("HTTP/1.1 200 OK");
  expect(endpoints.at(0).requests[0]?.body.toString()).toBe("onetwo");
});

test("a body that came bit by bit, and has come to its end, is hedged", async () => {
  const { port, endpoints, time } = await started();
  endpoints.at(0).next(STALL);
  const caller = rawCaller(`127.0.0.1:${port}`);
  caller.send("PUT / HTTP/1.1\r\nHost: orders\r\nContent-Length: 6\r\n\r\none");
  await endpoints.at(0).connected();
  caller.send("two");
  await endpoints.at(0).stalled();
  await time.advance(50);
  await caller.shows("HTTP/1.1 200 OK");
  await endpoints.at(0).allClosed();
  expect(endpoints.at(1).requests[0]?.body.toString()).toBe("onetwo");
});

test("a caller that leaves takes both attempts with it", async () => {
  const { port, endpoints, time, held } = await started();
  for (const index of [0, 1]) endpoints.at(index).next(STALL);
  const caller = rawCaller(`127.0.0.1:${port}`);
  caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  caller.socket.destroy();
  await Promise.all([endpoints.at(0).allClosed(), endpoints.at(1).allClosed()]);
  expect(await held()).toMatchObject({ calls: 0, pending: 0 });
});
