import type { ServicePolicyInput } from "@weft/config";
import { describe, expect, test } from "vitest";
import { answers, type GrpcBehaviour, says, silent } from "./grpc-peers.ts";
import { grpcRig, type GrpcRig } from "./grpc-rig.ts";

const backoff = { base: "0ms", max: "0ms" } as const;
const LISTED: ServicePolicyInput = { retry: { on: ["never-sent", "unavailable"], backoff } };
const UNAVAILABLE = says(14);

/** A call whose first endpoint does that. @returns the status that the caller was told, and who was asked */
async function firstDoes(behaviour: GrpcBehaviour, policy = LISTED, fields = {}) {
  const rig = await grpcRig(policy);
  rig.endpoints[0].next(behaviour);
  const { head, trailers } = await rig.caller.call(fields).answer;
  return { status: Number((trailers ?? head)["grpc-status"]), ...asked(rig), rig };
}

function asked({ endpoints }: GrpcRig) {
  return { calls: endpoints.map(({ calls }) => calls.length) };
}

describe("a call of gRPC is repeated", () => {
  test("when its status is listed and all that was answered, with its message and in the same trace", async () => {
    const { status, calls, rig } = await firstDoes(UNAVAILABLE);
    expect([status, calls]).toEqual([0, [1, 1]]);
    const [first, second] = rig.endpoints.map((endpoint) => endpoint.calls[0]);
    expect(await second?.body).toBe("question");
    expect(second?.headers["traceparent"]).toBe(first?.headers["traceparent"]);
    expect(rig.journal.of("retry.started")).toHaveLength(1);
  });

  test("when the endpoint did not take it, whatever is listed", async () => {
    const rig = await grpcRig({ retry: { on: ["never-sent"], backoff } });
    await rig.caller.call().answer; // from now on it is known how many streams the endpoint takes
    rig.endpoints[0].next(({ stream }) => stream.close(0x7));
    expect((await rig.caller.call().answer).trailers).toMatchObject({ "grpc-status": "0" });
    expect(asked(rig).calls).toEqual([2, 1]);
  });

  test("as a gateway error when it is known to be idempotent, and not otherwise", async () => {
    expect(await firstDoes(UNAVAILABLE, { retry: { backoff } })).toMatchObject({ status: 14, calls: [1, 0] });
    const keyed = await firstDoes(UNAVAILABLE, { retry: { backoff } }, { "idempotency-key": "k" });
    expect(keyed).toMatchObject({ status: 0, calls: [1, 1] });
    const byPolicy = await firstDoes(UNAVAILABLE, { retry: { methods: ["POST"], backoff } });
    expect(byPolicy).toMatchObject({ status: 0, calls: [1, 1] });
  });

  test("when an HTTP status stands for what is listed", async () => {
    const gateway: GrpcBehaviour = ({ stream }) => stream.respond({ ":status": 503 }, { endStream: true });
    expect(await firstDoes(gateway)).toMatchObject({ status: 0, calls: [1, 1] });
  });
});

describe("a call of gRPC is not repeated", () => {
  test("once its answer has begun, though no message has come", async () => {
    const late = answers([], { "grpc-status": "14" });
    expect(await firstDoes(late)).toMatchObject({ status: 14, calls: [1, 0] });
  });

  test("for a status that is not listed", async () => {
    expect(await firstDoes(says(13))).toMatchObject({ status: 13, calls: [1, 0] });
  });

  test.each(["-1", "later"])("when its endpoint says so by a pushback of %s", async (value) => {
    const { status, calls, rig } = await firstDoes(says(14, { "grpc-retry-pushback-ms": value }));
    expect([status, calls]).toEqual([14, [1, 0]]);
    expect(rig.journal.of("retry.denied")).toMatchObject([{ reason: "refused-by-endpoint" }]);
  });

  test("when its caller's library has repeated it", async () => {
    const fields = { "grpc-previous-rpc-attempts": "1" };
    expect(await firstDoes(UNAVAILABLE, LISTED, fields)).toMatchObject({ status: 14, calls: [1, 0] });
  });

  test("when its message is longer than is remembered", async () => {
    const rig = await grpcRig({ retry: { on: ["unavailable"], bufferBytes: "4KiB" } });
    rig.endpoints[0].next((call) => void call.body.then(() => UNAVAILABLE(call)));
    const { head } = await rig.caller.call({}, "x".repeat(50_000)).answer;
    expect([head["grpc-status"], asked(rig).calls]).toEqual(["14", [1, 0]]);
    expect(rig.journal.of("retry.denied")).toMatchObject([{ reason: "body" }]);
  });
});

test("a caller is asked not to repeat what has been repeated here in vain, and nobody else is", async () => {
  const rig = await grpcRig(LISTED);
  const ask = async (): Promise<readonly unknown[]> => {
    const { head } = await rig.caller.call().answer;
    return [head["grpc-status"], head["grpc-retry-pushback-ms"], head["x-no-retry"]];
  };
  for (const endpoint of rig.endpoints) endpoint.next(UNAVAILABLE);
  expect(await ask()).toEqual(["14", "-1", "1"]);
  rig.endpoints[0].next(says(13));
  expect(await ask()).toEqual(["13", undefined, undefined]);
});

test("a pushback is waited for to the millisecond", async () => {
  const rig = await grpcRig(LISTED);
  rig.endpoints[0].next(says(14, { "grpc-retry-pushback-ms": "700" }));
  const { answer } = rig.caller.call();
  await (
    await rig.endpoints[0].call(0)
  ).closed;
  while (rig.journal.of("retry.started").length === 0) await new Promise(setImmediate);
  await rig.time.advance(699);
  expect(asked(rig).calls).toEqual([1, 0]);
  await rig.time.advance(1);
  expect((await answer).trailers).toMatchObject({ "grpc-status": "0" });
  expect(asked(rig).calls).toEqual([1, 1]);
});

describe("a unary call that may run twice is hedged", () => {
  const hedged: ServicePolicyInput = { hedge: { after: "50ms", maxExtraRatio: 1 } };
  const key = { "idempotency-key": "k" };

  test("when its message is all here: the second endpoint answers, and the first is told CANCEL", async () => {
    const { endpoints, caller, time, journal, held } = await grpcRig(hedged);
    endpoints[0].always(silent);
    const { answer } = caller.call(key);
    const slow = await endpoints[0].call(0);
    expect(await slow.body).toBe("question");
    await time.advance(50);
    expect(await answer).toMatchObject({ text: "hello", trailers: { "grpc-status": "0" } });
    expect(await slow.closed).toBe(0x8);
    expect(await endpoints[1].calls[0]?.body).toBe("question");
    expect(journal.of("hedge.won")).toHaveLength(1);
    expect(await held()).toMatchObject({ calls: 0, pending: 0 });
  });

  test("and a stream of messages is not, while more may come", async () => {
    const { endpoints, caller, time, admin } = await grpcRig(hedged);
    endpoints[0].always(silent);
    const stream = caller.session.request({
      ":method": "POST",
      ":path": "/shop.Orders/Put",
      ":authority": "orders",
      "content-type": "application/grpc",
      te: "trailers",
      ...key,
    });
    stream.on("error", () => {}).write("one of many");
    await endpoints[0].call(0);
    await time.advance(50);
    expect((await admin("/explain?service=orders")).body).toContain("no hedge after 50 ms: the request's body");
    expect(endpoints[1].calls).toEqual([]);
  });

  test("a caller that cancels takes both attempts with it", async () => {
    const { endpoints, caller, time, held } = await grpcRig(hedged);
    for (const endpoint of endpoints) endpoint.always(silent);
    const { stream } = caller.call(key);
    const first = await endpoints[0].call(0);
    await first.body;
    await time.advance(50);
    const second = await endpoints[1].call(0);
    stream.close(0x8);
    expect(await Promise.all([first.closed, second.closed])).toEqual([0x8, 0x8]);
    expect(await held()).toMatchObject({ calls: 0, pending: 0 });
  });
});
