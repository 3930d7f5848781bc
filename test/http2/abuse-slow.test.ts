import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { calling, HandedOut } from "./calling.ts";
import { get, literal, post, status } from "./field-block.ts";
import {
  codeOf,
  continuation,
  data,
  FLAGS,
  headers,
  ping,
  PREFACE,
  SETTING,
  settings,
  TYPE,
  windowUpdate,
} from "./frames.ts";
import { client, rawClient, rawEndpoint, type RawPeer } from "./raw-peer.ts";
import { serving, type WeftServing } from "./serving.ts";

/** Asks on a connection of its own. */
async function ask({ address }: WeftServing): Promise<void> {
  const peer = await client(address);
  await askOn(peer, 1);
  peer.close();
}

async function askOn(peer: RawPeer, stream: number): Promise<void> {
  peer.send(headers(stream, get(), { end: true }));
  expect((await peer.message(stream)).status).toBe("200");
}

describe("a caller whose body comes", () => {
  test("a byte in a second gets 408, and its connection goes on", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    peer.send(headers(1, post("/swallow")));
    await beside.until(() => beside.exchanges.length === 1);
    for (let second = 0; second < 10 && beside.refused.length === 0; second++) {
      peer.send(data(1, "x"));
      await peer.roundTrip();
      await beside.advance(1_000);
    }
    expect((await peer.message(1)).status).toBe("408");
    expect(codeOf(await peer.reset(1))).toBe("NO_ERROR");
    expect(beside.refused).toMatchObject([{ status: 408, code: "too-slow" }]);
    expect(beside.left).toEqual(["/swallow"]);
    await askOn(peer, 3);
    await ask(beside);
  });

  test("not at all gets 408 after five minutes", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    peer.send(headers(1, post("/swallow")), headers(3, post("/swallow")));
    await beside.until(() => beside.exchanges.length === 2);
    await beside.advance(299_000);
    expect(beside.refused).toEqual([]);
    await beside.advance(4_000);
    expect((await peer.message(1)).status).toBe("408");
    expect((await peer.message(3)).status).toBe("408");
    await ask(beside);
  });

  test("as slowly as it likes is left alone when it is gRPC: its messages come when they come", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    peer.send(headers(1, post("/swallow", ["content-type", "application/grpc"], ["te", "trailers"])));
    await beside.until(() => beside.exchanges.length === 1);
    for (let minute = 0; minute < 10; minute++) {
      peer.send(data(1, "x"));
      await peer.roundTrip();
      await beside.advance(60_000);
    }
    expect(beside.refused).toEqual([]);
    expect(beside.left).toEqual([]);
  });
});

describe("a caller that takes its answer", () => {
  test("not at all is cut after five minutes; other streams of its connection are not", async () => {
    const beside = await serving();
    const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
    peer.send(headers(1, get("/bytes/100000"), { end: true }), headers(3, get("/bytes/100000"), { end: true }));
    await beside.until(() => beside.exchanges.length === 2);
    for (let minute = 0; minute < 6; minute++) {
      peer.send(windowUpdate(3, 1));
      await peer.roundTrip();
      await beside.advance(60_000);
    }
    expect(codeOf(await peer.reset(1))).toBe("CANCEL");
    expect(beside.left).toEqual(["/bytes/100000"]);
    peer.send(windowUpdate(3, 100_000), windowUpdate(0, 100_000));
    expect((await peer.message(3)).body).toHaveLength(100_000);
  });
});

describe("a head", () => {
  test("that does not end within ten seconds ends its connection", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    peer.send(headers(1, get(), { endHeaders: false }));
    for (let second = 0; second < 14 && !peer.over; second++) {
      if (second < 12) peer.send(continuation(1, literal("x-a", "v"), false));
      await new Promise((resolve) => void setImmediate(resolve));
      await beside.advance(1_000);
    }
    expect(codeOf(await peer.goaway())).toBe("ENHANCE_YOUR_CALM");
    await peer.ending();
    expect(beside.refused).toMatchObject([{ status: 408, code: "slow-head", detail: "a head did not come in time" }]);
    await ask(beside);
  });

  test("whose frame comes a byte in a second ends its connection", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    const bytes = headers(1, get(), { end: true });
    for (const byte of bytes.subarray(0, 14)) {
      peer.send(Buffer.of(byte));
      await new Promise((resolve) => void setImmediate(resolve));
      await beside.advance(1_000);
    }
    expect(codeOf(await peer.goaway())).toBe("ENHANCE_YOUR_CALM");
    await ask(beside);
  });

  test.each([
    ["no byte", Buffer.alloc(0)],
    ["a part of the preface", PREFACE.subarray(0, 10)],
    ["the preface without SETTINGS", PREFACE],
    ["the preface and a part of SETTINGS", Buffer.concat([PREFACE, settings().subarray(0, 5)])],
  ])("of a connection that sends %s does not come: it ends within ten seconds", async (_what, bytes) => {
    const beside = await serving();
    const peer = rawClient(beside.address);
    peer.send(bytes);
    await beside.until(() => beside.server.connections === 1);
    for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => void setImmediate(resolve));
    await beside.advance(15_000);
    await peer.ending();
    await ask(beside);
  });
});

test("a connection without requests ends after its idle time, with GOAWAY NO_ERROR", async () => {
  const beside = await serving();
  const peer = await client(beside.address);
  await askOn(peer, 1);
  await beside.advance(74_000);
  expect(peer.over).toBe(false);
  await beside.advance(4_000);
  expect(codeOf(await peer.goaway())).toBe("NO_ERROR");
  await peer.ending();
});

test("PINGs do not keep a connection without requests alive", async () => {
  const beside = await serving();
  const peer = await client(beside.address);
  for (let second = 0; second < 80 && !peer.over; second += 10) {
    await peer.roundTrip();
    await beside.advance(10_000);
  }
  await peer.ending();
});

test("a caller that reads nothing holds no connection for ever", async () => {
  const beside = await serving();
  const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]);
  peer.send(windowUpdate(0, 2 ** 30));
  await peer.roundTrip();
  peer.socket.pause();
  peer.send(headers(1, get(`/bytes/${64 * 1024 * 1024}`), { end: true }));
  await beside.until(() => beside.exchanges.length === 1);
  await beside.advance(310_000);
  await beside.until(() => beside.server.connections === 0);
  expect(beside.left).toHaveLength(1);
});

test("a caller that never acknowledges our SETTINGS is given up, with what it has asked", async () => {
  const beside = await serving();
  const [host = "", port = ""] = beside.address.split(":");
  const socket = connect({ host, port: Number(port) });
  socket.on("error", () => {}).on("data", () => {});
  socket.write(Buffer.concat([PREFACE, settings(), headers(1, get("/hold"), { end: true })]));
  await beside.until(() => beside.exchanges.length === 1);
  await beside.advance(12_000);
  await beside.until(() => beside.left.length === 1);
  expect(beside.server.http2.unanswered).toBe(1);
  socket.destroy();
});

describe("a caller that is silent while its request runs", () => {
  const asks = ({ type, flags }: { type: number; flags: number }): boolean =>
    type === TYPE.PING && (flags & FLAGS.ACK) === 0;

  /** A caller that holds a stream open, with its PINGs answered or not. */
  async function silent(beside: WeftServing): Promise<RawPeer> {
    const peer = await client(beside.address);
    peer.send(headers(1, get("/hold"), { end: true }));
    await beside.until(() => beside.exchanges.length === 1);
    await beside.advance(31_000);
    await peer.frame(asks);
    return peer;
  }

  test("is asked by PING, and given up with what it has asked when that stays unanswered", async () => {
    const beside = await serving({ limits: { keepAliveMs: 30_000 } });
    const peer = await silent(beside);
    await beside.advance(12_000);
    await beside.until(() => beside.left.length === 1);
    expect(codeOf(await peer.goaway())).toBe("SETTINGS_TIMEOUT");
    expect(beside.server.http2.unanswered).toBe(1);
  });

  test("keeps its request when it answers, and is asked again only after a while", async () => {
    const beside = await serving({ limits: { keepAliveMs: 30_000 } });
    const peer = await silent(beside);
    peer.send(ping("\0".repeat(8), true));
    await peer.roundTrip();
    await beside.advance(290_000);
    await peer.roundTrip();
    expect(peer.frames.filter(asks)).toHaveLength(1);
    expect(beside.left).toEqual([]);
  });

  test("is not asked before five minutes, nor when nothing runs", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    await askOn(peer, 1);
    await beside.advance(70_000);
    peer.send(headers(3, get("/hold"), { end: true }));
    await beside.until(() => beside.exchanges.length === 2);
    await beside.advance(299_000);
    await peer.roundTrip();
    expect(peer.frames.filter(asks)).toEqual([]);
  });
});

describe("an endpoint", () => {
  test("that goes silent inside an answer is asked by PING, and given up when that stays unanswered", async () => {
    const endpoint = await rawEndpoint();
    const { call, time } = calling({ keepAliveMs: 30_000 });
    const heard = call(endpoint.endpoint, { method: "POST", body: new HandedOut() });
    const peer = await endpoint.accepted();
    peer.send(headers(1, status(200)));
    await heard.answeredOrOver();
    const asks = ({ type, flags }: { type: number; flags: number }): boolean =>
      type === TYPE.PING && (flags & FLAGS.ACK) === 0;
    for (let second = 0; second < 40 && !peer.frames.some(asks); second++) await time.advance(1_000);
    await peer.frame(asks);
    for (let second = 0; second < 15; second++) await time.advance(1_000);
    expect((await heard.over()).failure).toMatchObject({ outcome: { kind: "failure" } });
  });

  test("whose answer is not read holds its window, and no more", async () => {
    const endpoint = await rawEndpoint();
    const { call } = calling();
    const stalled = call(endpoint.endpoint, { path: "/1", prepare: (heard) => void (heard.takes = false) });
    const peer = await endpoint.accepted();
    const other = call(endpoint.endpoint, { path: "/2" });
    await peer.frame(({ type, stream }) => type === TYPE.HEADERS && stream === 3);
    peer.send(headers(1, status(200)), headers(3, status(200)));
    for (let sent = 0; sent < 256 * 1024; sent += 16_384) peer.send(data(1, "x".repeat(16_384)));
    peer.send(data(3, "not held up", { end: true }));
    expect(await other.over()).toMatchObject({ failure: undefined, body: "not held up" });
    expect(peer.frames.filter((one) => one.type === TYPE.WINDOW_UPDATE && one.stream === 1)).toEqual([]);
    stalled.takes = true;
    stalled.exchange?.body?.resume();
    await peer.frame((one) => one.type === TYPE.WINDOW_UPDATE && one.stream === 1);
  });
});
