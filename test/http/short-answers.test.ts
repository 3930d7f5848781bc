import { describe, expect, test } from "vitest";
import { calling, type Heard } from "./calling.ts";
import type { RawCaller } from "./raw-caller.ts";
import { rawEndpoint } from "./raw-endpoint.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";

/** A call whose answer has begun with `bytes`, which have been read. */
async function begun(bytes = HEAD) {
  const { endpoint, connection } = await rawEndpoint();
  const { call, pools, time } = calling();
  const heard = call(endpoint);
  const peer = await connection(0);
  await peer.shows("\r\n\r\n");
  const timers = time.pending();
  await sendAll(peer, bytes, heard);
  return { endpoint, call, pools, time, timers, heard, peer };
}

/** Resolves when the bytes have been read by whoever calls. */
async function sendAll(peer: RawCaller, bytes: string, heard: Heard): Promise<void> {
  peer.send(bytes);
  while (peer.socket.writableLength > 0 || heard.exchange?.phase !== "receiving") await new Promise(setImmediate);
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate); // it is in this process
}

describe("a short body that comes behind its head", () => {
  test("is told with it, as one, and the connection serves on", async () => {
    const { endpoint, call, pools, time, timers, heard, peer } = await begun();
    expect(heard.heads).toEqual([]);
    expect(heard.exchange?.head).toBeUndefined();
    await sendAll(peer, "01234", heard);
    expect(heard.heads).toEqual([]);
    await time.advance(4);
    peer.send("56789");
    expect(await heard.over()).toMatchObject({ body: "0123456789", failure: undefined, ends: 1 });
    expect(heard.exchange).toMatchObject({ text: "0123456789", body: undefined, atMs: time.nowMs() });
    expect(heard.heads).toHaveLength(1);
    expect(pools.of(endpoint)).toMatchObject({ size: 1, idle: 1 });

    const next = call(endpoint);
    await peer.shows("\r\n\r\n", 2);
    peer.send(`${HEAD}abcdefghij`);
    expect(await next.over()).toMatchObject({ body: "abcdefghij" });
    await time.advance(5);
    expect(time.pending()).toBe(timers);
    expect(heard.heads).toHaveLength(1);
  });

  test("is not waited for beyond 5 ms from its head on, however much of it has come", async () => {
    const { endpoint, pools, time, heard, peer } = await begun();
    await time.advance(3);
    await sendAll(peer, "01234", heard);
    await time.advance(2);
    expect(heard).toMatchObject({ body: "01234", ends: 0 });
    expect(heard.exchange).toMatchObject({ text: undefined, atMs: time.nowMs() - 5 });
    peer.send("56789");
    expect(await heard.over()).toMatchObject({ body: "0123456789", failure: undefined, ends: 1 });
    expect(heard.heads).toHaveLength(1);
    expect(pools.of(endpoint).idle).toBe(1);
  });

  test("is read no further when it is late and nobody takes it, until somebody does", async () => {
    const { endpoint, pools, time, heard, peer } = await begun();
    heard.onAnswered = () => {};
    await time.advance(5);
    expect(heard.heads).toHaveLength(1);
    expect(heard.exchange?.body?.flowing).toBe(false);
    await sendAll(peer, "0123456789", heard);
    expect(heard.ends).toBe(0);
    heard.exchange?.body?.attach(heard);
    expect(await heard.over()).toMatchObject({ body: "0123456789", failure: undefined, ends: 1 });
    expect(pools.of(endpoint).idle).toBe(1);
  });

  test("and is cut makes no answer", async () => {
    const { endpoint, pools, time, heard, peer } = await begun(`${HEAD}01234`);
    peer.end();
    expect(await heard.over()).toMatchObject({ heads: [], body: "", broke: undefined, ends: 1 });
    expect(heard.failure).toMatchObject({ outcome: { reason: "truncated" }, code: "CONNECTION_LOST", sent: "yes" });
    await time.advance(5);
    expect(heard).toMatchObject({ heads: [], ends: 1 });
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("and is given up is not told any more", async () => {
    const { endpoint, pools, time, heard, peer } = await begun();
    heard.exchange?.cut("given up");
    await time.advance(5);
    expect(heard).toMatchObject({ heads: [], ends: 0 });
    await peer.ending();
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("with more behind it is told, and its connection ends", async () => {
    const { endpoint, pools, heard, peer } = await begun();
    peer.send(`0123456789${HEAD}`);
    expect(await heard.over()).toMatchObject({ body: "0123456789", failure: undefined, ends: 1 });
    await peer.ending();
    expect(pools.of(endpoint).size).toBe(0);
  });
});

test.each([
  ["longer than 2 KiB", "HTTP/1.1 200 OK\r\nContent-Length: 2049\r\n\r\n"],
  ["chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["ended by its connection", "HTTP/1.1 200 OK\r\n\r\n"],
])("the head of a body that is %s waits for nothing", async (_what, head) => {
  const { heard } = await begun(head);
  expect(heard.heads).toHaveLength(1);
  expect(heard.exchange?.text).toBeUndefined();
});
