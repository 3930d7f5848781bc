import { Readable } from "node:stream";
import { request } from "undici";
import { fakeTime, type FakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { NOTHING, rig, type Rig, type RigOptions } from "./rig.ts";

const STALL = { kind: "stall", at: "before-head", answer: { body: "late" } } as const;
const LARGE = Array.from({ length: 60_000 }, (_, i) => `line ${i}\n`).join("");

async function started(options: RigOptions = {}): Promise<Rig & { readonly time: FakeTime }> {
  const time = fakeTime();
  const lab = await rig({ policy: { hedge: { after: "50ms", maxExtraRatio: 1 } }, ...options, mesh: { time } });
  onTestFinished(() => lab[Symbol.asyncDispose]());
  return { ...lab, time };
}

type Lab = Awaited<ReturnType<typeof started>>;

async function ask(lab: Lab, options: Parameters<typeof request>[1] = {}): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher, ...options });
  return { status: statusCode, text: await body.text() };
}

/** A call whose first endpoint is silent for longer than a hedge waits. */
async function slowCall(lab: Lab, options?: Parameters<typeof request>[1]): ReturnType<typeof ask> {
  lab.endpoints.at(0).next(STALL);
  const answer = ask(lab, options);
  await lab.endpoints.at(0).stalled();
  await lab.time.advance(50);
  return answer;
}

test("a second attempt elsewhere gives the answer, whole, and the first is cut", async () => {
  const lab = await started();
  const { endpoints, journal } = lab;
  endpoints.at(1).always({ body: LARGE });
  expect(await slowCall(lab)).toEqual({ status: 200, text: LARGE });
  await endpoints.at(0).allClosed();
  expect(journal.of("hedge.started")).toMatchObject([{ slow: "endpoint-1", endpoint: "endpoint-2", afterMs: 50 }]);
  expect(journal.of("hedge.won")).toHaveLength(1);
  expect(journal.of("call.ended")).toMatchObject([
    { endpoint: "endpoint-2", attempts: 2, status: 200, error: undefined },
  ]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("the first attempt may still win: then the second is cut", async () => {
  const lab = await started();
  const { endpoints, journal, time } = lab;
  for (const index of [0, 1]) endpoints.at(index).next(STALL);
  const answer = ask(lab);
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  endpoints.at(0).release();
  expect(await answer).toEqual({ status: 200, text: "late" });
  await endpoints.at(1).allClosed();
  expect(journal.of("hedge.won")).toEqual([]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a failure of one attempt waits for the other", async () => {
  const lab = await started();
  const { endpoints, time } = lab;
  for (const index of [0, 1]) endpoints.at(index).next({ ...STALL, answer: { body: `of ${index}` } });
  const answer = ask(lab);
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  endpoints.at(0).resetAll();
  await endpoints.at(0).allClosed();
  endpoints.at(1).release();
  expect(await answer).toEqual({ status: 200, text: "of 1" });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("when both fail the caller hears of it once", async () => {
  const lab = await started({
    policy: { hedge: { after: "50ms", maxExtraRatio: 1 }, retry: { maxRetries: 1, on: [503] } },
  });
  const { endpoints, time } = lab;
  for (const index of [0, 1]) endpoints.at(index).next(STALL);
  const answer = ask(lab);
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  const failed = expect(answer).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  for (const index of [0, 1]) endpoints.at(index).resetAll();
  await failed;
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a caller that gives up cuts both", async () => {
  const lab = await started();
  const { endpoints, time } = lab;
  for (const index of [0, 1]) endpoints.at(index).next(STALL);
  const abort = new AbortController();
  const answer = ask(lab, { signal: abort.signal });
  await endpoints.at(0).stalled();
  await time.advance(50);
  await endpoints.at(1).stalled();
  const aborted = expect(answer).rejects.toMatchObject({ name: "AbortError" });
  abort.abort();
  await aborted;
  for (const index of [0, 1]) await endpoints.at(index).allClosed();
  expect(await lab.closed()).toEqual(NOTHING);
});

test.each([
  { what: "a POST", options: { method: "POST", body: "one" } as const, hedged: false },
  {
    what: "a POST with a key",
    options: { method: "POST", body: "one", headers: { "idempotency-key": "7" } } as const,
    hedged: true,
  },
  {
    what: "a PUT whose body is a stream",
    options: { method: "PUT", body: Readable.from(["one"]) } as const,
    hedged: false,
  },
])("$what is hedged: $hedged", async ({ options, hedged }) => {
  const lab = await started();
  lab.endpoints.at(0).next(STALL);
  const answer = ask(lab, options);
  await lab.endpoints.at(0).stalled();
  await lab.time.advance(50);
  if (!hedged) lab.endpoints.at(0).release();
  expect((await answer).status).toBe(200);
  expect(lab.journal.of("hedge.started")).toHaveLength(hedged ? 1 : 0);
});

test("fetch is hedged as well", async () => {
  const lab = await started();
  lab.endpoints.at(0).next(STALL);
  lab.endpoints.at(1).always({ body: "fast" });
  const answer = lab.mesh.fetch("http://orders/");
  await lab.endpoints.at(0).stalled();
  await lab.time.advance(50);
  expect(await (await answer).text()).toBe("fast");
});
