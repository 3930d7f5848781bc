import { setImmediate as nextTurn } from "node:timers/promises";
import { fakeTime, type FakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../http/raw-caller.ts";
import { type Answer, call, type CallOptions, sidecarRig, type SidecarRig } from "./rig.ts";

type WaitingRig = SidecarRig & {
  readonly time: FakeTime;
  /** Resolves when the sidecar waits for what the registry says of `other`. */
  readonly asked: () => Promise<void>;
};

/** A sidecar whose registry answers nothing any more. What it knows of `orders` it keeps. */
async function started(): Promise<WaitingRig> {
  const time = fakeTime();
  const rig = await sidecarRig({ options: { time } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  rig.registry.stall();
  const asked = async (): Promise<void> => {
    while (rig.registry.watches("other") === 0) await nextTurn(); // the call is on its way over loopback
  };
  return { ...rig, time, asked };
}

/** A call to a service of which nothing is known yet. */
async function asking({ port, asked }: WaitingRig, options?: CallOptions): Promise<{ answer: Promise<Answer> }> {
  const answer = call(port, "/", { host: "other", ...options });
  await asked();
  return { answer };
}

test("a call waits for the registry's first answer", async () => {
  const rig = await started();
  const { answer } = await asking(rig);
  rig.registry.set("other", rig.endpoints.asEndpoints());
  rig.registry.recover();
  expect((await answer).status).toBe(200);
});

test("a registry that says nothing for five seconds is no reason to wait longer: 503", async () => {
  const rig = await started();
  const { answer } = await asking(rig);
  await rig.time.advance(5_000);
  expect(await answer).toMatchObject({ status: 503, headers: { "x-weft-error": "NOT_READY" } });
});

test("a deadline that comes meanwhile is kept", async () => {
  const rig = await started();
  const { answer } = await asking(rig, { headers: { "x-request-deadline-ms": "300" } });
  await rig.time.advance(300);
  expect(await answer).toMatchObject({ status: 504, headers: { "x-weft-error": "DEADLINE_EXCEEDED" } });
  expect(rig.endpoints.requestCount()).toBe(0);
});

test("a caller that leaves meanwhile is not waited for", async () => {
  const { port, asked, journal, registry, endpoints } = await started();
  const caller = rawCaller(`127.0.0.1:${port}`);
  caller.send("GET / HTTP/1.1\r\nHost: other\r\n\r\n");
  await asked();
  caller.socket.destroy();
  expect(await journal.next("call.ended")).toMatchObject({ service: "other", attempts: 0, error: "ABORTED" });
  registry.set("other", endpoints.asEndpoints());
  registry.recover();
  expect((await call(port, "/", { host: "other" })).status).toBe(200);
  expect(endpoints.requestCount()).toBe(1);
});

test("a deadline that comes in the pause before a retry is kept", async () => {
  const { port, endpoints, journal, time } = await started();
  endpoints.at(0).next({ status: 503, body: "", headers: { "retry-after": "1" } });
  const answer = call(port, "/", { headers: { "x-request-deadline-ms": "1001" } });
  await journal.next("retry.started");
  endpoints.at(1).always({ kind: "stall", at: "before-head" });
  await time.advance(1_000);
  await endpoints.at(1).stalled();
  await time.advance(1);
  expect(await answer).toMatchObject({ status: 504, headers: { "x-weft-error": "DEADLINE_EXCEEDED" } });
  await endpoints.at(1).allClosed();
});
