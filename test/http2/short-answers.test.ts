import { heldBytes } from "@weft/http";
import { describe, expect, test } from "vitest";
import type { Heard } from "./calling.ts";
import { block, status } from "./field-block.ts";
import { data, headers, reset } from "./frames.ts";
import { requestOf, stage } from "./stage.ts";

const TEN = status(200, ["content-length", "10"]);

/** A call whose answer has begun with that head, which has been read. */
async function begun(head: Buffer = TEN, method = "GET") {
  const { endpoint, accepted, call, time } = await stage();
  const heard = call(endpoint, { method });
  const peer = await accepted(0);
  const { stream } = await requestOf(peer, "/");
  const timers = time.pending();
  peer.send(headers(stream, head));
  await peer.roundTrip();
  return { time, timers, heard, peer, stream };
}

function told({ head, body, ends }: Heard): unknown {
  return { status: head?.status, body, ends };
}

const NOTHING = { status: undefined, body: "", ends: 0 };
const ALL = { status: 200, body: "0123456789", ends: 1 };

describe("a short body that comes behind its head", () => {
  test("is told with it, as one", async () => {
    const { time, timers, heard, peer, stream } = await begun();
    peer.send(data(stream, "01234"));
    await peer.roundTrip();
    expect(told(heard)).toEqual(NOTHING);
    expect(heard.exchange?.head).toBeUndefined();
    await time.advance(4);
    peer.send(data(stream, "56789", { end: true }));
    expect(told(await heard.over())).toEqual(ALL);
    expect(heard.exchange).toMatchObject({ text: "0123456789", body: undefined, atMs: time.nowMs() });
    expect(heldBytes()).toBe(0);
    await time.advance(5);
    expect(time.pending()).toBe(timers);
    expect(told(heard)).toEqual(ALL);
  });

  test("is told with it when only the end of the stream comes behind", async () => {
    const { heard, peer, stream } = await begun(status(200, ["content-length", "0"]));
    expect(told(heard)).toEqual(NOTHING);
    peer.send(data(stream, "", { end: true }));
    expect(told(await heard.over())).toEqual({ status: 200, body: "", ends: 1 });
    expect(heard.exchange?.text).toBe("");
  });

  test("is not waited for beyond 5 ms from its head on, however much of it has come", async () => {
    const { time, heard, peer, stream } = await begun();
    await time.advance(3);
    peer.send(data(stream, "01234"));
    await peer.roundTrip();
    await time.advance(2);
    expect(told(heard)).toEqual({ status: 200, body: "01234", ends: 0 });
    expect(heard.exchange).toMatchObject({ text: undefined, atMs: time.nowMs() - 5 });
    peer.send(data(stream, "56789", { end: true }));
    expect(told(await heard.over())).toEqual(ALL);
    expect(heldBytes()).toBe(0);
  });

  test("has its trailers", async () => {
    const { heard, peer, stream } = await begun();
    peer.send(data(stream, "0123456789"), headers(stream, block(["x-sum", "1"]), { end: true }));
    expect(told(await heard.over())).toEqual(ALL);
    expect(heard.trailers?.get("x-sum")).toBe("1");
    expect(heldBytes()).toBe(0);
  });

  test.each([
    ["is cut", reset, "CONNECTION_LOST"],
    ["ends before its length", (stream: number) => data(stream, "", { end: true }), "PROTOCOL_ERROR"],
    ["is longer than said", (stream: number) => data(stream, "x".repeat(11), { end: true }), "PROTOCOL_ERROR"],
  ])("and %s makes no answer", async (_how, end, code) => {
    const { time, heard, peer, stream } = await begun();
    peer.send(data(stream, "01234"), end(stream));
    await heard.over();
    expect(heard.failure).toMatchObject({ code });
    await time.advance(5);
    expect(told(heard)).toEqual({ ...NOTHING, ends: 1 });
    expect(heldBytes()).toBe(0);
  });

  test("and is given up is not told any more", async () => {
    const { time, heard, peer, stream } = await begun();
    peer.send(data(stream, "01234"));
    await peer.roundTrip();
    heard.exchange?.cut("given up");
    await time.advance(5);
    await peer.reset(stream);
    expect(told(heard)).toEqual(NOTHING);
    expect(heldBytes()).toBe(0);
  });
});

test.each([
  ["to be longer than 2 KiB", status(200, ["content-length", "2049"]), "GET"],
  ["not told", status(200), "GET"],
  ["of no content", status(200, ["content-length", "10"]), "HEAD"],
])("a head whose length is %s waits for nothing", async (_what, head, method) => {
  const { heard } = await begun(head, method);
  expect(told(heard)).toEqual({ ...NOTHING, status: 200 });
});
