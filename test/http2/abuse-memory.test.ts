import { connect } from "node:net";
import { Fields } from "@weft/http";
import { describe, expect, test } from "vitest";
import { calling } from "./calling.ts";
import { block, get, integer, literal, type Pair, post, request, status } from "./field-block.ts";
import { bytesInUse, flood } from "./flood.ts";
import {
  codeOf,
  continuation,
  data,
  FLAGS,
  headers,
  PREFACE,
  SETTING,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "./frames.ts";
import { client, rawClient, rawEndpoint, type RawPeer } from "./raw-peer.ts";
import { serving, type WeftServing } from "./serving.ts";
import { requestOf } from "./stage.ts";

const MIB = 1024 * 1024;

/** Asks on a connection of its own, now and at each call. */
async function bystander({ address }: WeftServing): Promise<() => Promise<void>> {
  const peer = await client(address);
  let stream = -1;
  return async () => {
    stream += 2;
    peer.send(headers(stream, get(), { end: true }));
    expect((await peer.message(stream)).status).toBe("200");
  };
}

/** Sends a block in as many frames as it takes. */
function long(stream: number, whole: Buffer): Buffer {
  const frames = [headers(stream, whole.subarray(0, 16_384), { end: true, endHeaders: whole.length <= 16_384 })];
  for (let at = 16_384; at < whole.length; at += 16_384) {
    frames.push(continuation(stream, whole.subarray(at, at + 16_384), at + 16_384 >= whole.length));
  }
  return Buffer.concat(frames);
}

describe("a bomb in a head", () => {
  test.each([
    ["of one field of 60 KiB", request("GET", "/ok", ["x-a", "v".repeat(60 * 1024)])],
    ["of 300 fields", request("GET", "/ok", ...Array.from({ length: 300 }, (_, i): Pair => [`x-${i}`, "v"]))],
    [
      "of 60 KiB in 3,000 fields",
      request("GET", "/ok", ...Array.from({ length: 3_000 }, (_, i): Pair => [`x-${i}`, "v".repeat(10)])),
    ],
    // 4,000 bytes are put into the table once, and named 15,000 times by one byte each: 60 MB.
    [
      "of 60 MB, compressed to 19 KiB",
      Buffer.concat([get(), literal("x-a", "v".repeat(4_000), 0x40), Buffer.alloc(15_000, 0xbe)]),
    ],
    [
      "of 60 MB of cookies, compressed",
      Buffer.concat([get(), literal("cookie", "v".repeat(4_000), 0x40), Buffer.alloc(15_000, 0xbe)]),
    ],
  ])("%s is answered with 431, and its connection goes on", async (_what, whole) => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = await client(beside.address);
    const before = await bytesInUse();
    for (let i = 0; i < 20; i++) {
      const stream = 4 * i + 1;
      peer.send(long(stream, whole));
      expect((await peer.message(stream)).status).toBe("431");
      peer.send(headers(stream + 2, get(), { end: true }));
      expect((await peer.message(stream + 2)).status).toBe("200");
    }
    await ask();
    expect((await bytesInUse()) - before).toBeLessThan(4 * MIB);
    expect(beside.requests.filter((target) => target === "/ok").length).toBe(20 + 1);
    expect(beside.refused).toHaveLength(20);
    expect(beside.refused[0]).toMatchObject({ status: 431 });
  });

  test("again and again ends its connection", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    const bomb = Buffer.concat([get(), literal("x-a", "v".repeat(4_000), 0x40), Buffer.alloc(10_000, 0xbe)]);
    await flood(peer, 1_000, (i) => long(2 * i + 1, bomb));
    expect(codeOf(await peer.goaway())).toBe("ENHANCE_YOUR_CALM");
  });

  test("in more CONTINUATIONs than are taken ends its connection", async () => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = await client(beside.address);
    peer.send(headers(1, get(), { endHeaders: false }));
    for (let i = 0; i < 17; i++) peer.send(continuation(1, literal("x-a", "v"), false));
    expect(codeOf(await peer.goaway())).toBe("ENHANCE_YOUR_CALM");
    await ask();
    expect(beside.server.http2.floods).toBe(1);
  });

  test("that is longer, still encoded, than any head may be ends its connection", async () => {
    const beside = await serving();
    const peer = await client(beside.address);
    peer.send(headers(1, get(), { endHeaders: false }));
    for (let i = 0; i < 6; i++) peer.send(continuation(1, literal("x-a", "v".repeat(16_000)), false));
    expect(codeOf(await peer.goaway())).toBe("ENHANCE_YOUR_CALM");
    expect(beside.requests).toEqual([]);
  });
});

describe("a peer that takes nothing", () => {
  test("and never gives a window holds next to nothing, over 250 streams", async () => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
    const before = await bytesInUse();
    for (let i = 0; i < 250; i++) peer.send(headers(2 * i + 1, get(`/bytes/${100 * MIB}`), { end: true }));
    await beside.until(() => beside.exchanges.length === 250);
    await peer.roundTrip();
    // One piece of each source waits: 16 KiB.
    expect((await bytesInUse()) - before).toBeLessThan(250 * 24 * 1024);
    await ask();
    await beside.advance(310_000);
    await peer.until("the end of all streams", () => count(peer, TYPE.RST_STREAM) === 250 || peer.over);
    expect(beside.refused.length).toBeGreaterThanOrEqual(1);
    await (
      await bystander(beside)
    )();
  });

  test("with the largest windows and without reading holds a socket's worth", async () => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]);
    peer.send(windowUpdate(0, 2 ** 31 - 1 - 65_535));
    await peer.roundTrip();
    peer.socket.pause();
    const before = await bytesInUse();
    for (let i = 0; i < 200; i++) peer.send(headers(2 * i + 1, get(`/bytes/${100 * MIB}`), { end: true }));
    await beside.until(() => beside.exchanges.length === 200);
    await ask();
    expect((await bytesInUse()) - before).toBeLessThan(16 * MIB);
    await beside.advance(310_000);
    await beside.until(() => beside.left.length === 200);
    await (
      await bystander(beside)
    )();
  });

  test("and asks by PING, without reading the answers, is cut off", async () => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = rawClient(beside.address, { reads: false });
    peer.send(PREFACE, settings(), settingsAck());
    await flood(peer, 2_000, () => settings());
    await beside.until(() => beside.server.http2.floods === 1);
    await ask();
  });

  test("and asks again and again for answers without a body is cut off", async () => {
    const long = "x".repeat(5_000); // longer than the table of HPACK: it is sent each time
    const beside = await serving({
      handle: (exchange) => exchange.respond(204, "", Fields.ofList(["x-long", long]), "", -1),
    });
    const peer = await client(beside.address);
    peer.socket.pause();
    const before = await bytesInUse();
    // The kernel keeps some MiB of what is on its way; a hundred MiB are asked for.
    const asked = flood(
      peer,
      25_000,
      (i) => headers(2 * i + 1, get("/ok"), { end: true }),
      async () => {
        await new Promise((resolve) => void setImmediate(resolve));
        beside.exchanges.length = 0;
      },
    );
    await Promise.all([asked, beside.until(() => beside.refused.length > 0)]);
    expect(beside.server.http2.floods).toBe(1);
    expect(beside.requests.length).toBeLessThan(10_000);
    expect((await bytesInUse()) - before).toBeLessThan(24 * MIB);
    const other = await client(beside.address);
    other.send(headers(1, get(), { end: true }));
    expect((await other.message(1)).status).toBe("204");
  });

  test("and grants a byte at a time gets a byte at a time, and holds nobody up", async () => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
    peer.send(headers(1, get("/bytes/100000"), { end: true }));
    const before = await bytesInUse();
    await flood(peer, 10_000, () => windowUpdate(1, 1), ask);
    if (!peer.over) await peer.receives(1, 10_000);
    expect((await bytesInUse()) - before).toBeLessThan(16 * MIB); // the frames that the test itself has kept
    await ask();
  });
});

describe("a peer that sends without end", () => {
  test.each([
    ["a byte in a frame", (stream: number) => data(stream, "x")],
    ["a byte and its padding in a frame", (stream: number) => data(stream, "x", { pad: 0 })],
  ])("%s, to requests whose body nobody reads, holds no more than a few times the window", async (_what, next) => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = rawClient(beside.address);
    peer.send(PREFACE, settings(), settingsAck());
    await peer.roundTrip();
    peer.socket.pause();
    const before = await bytesInUse();
    for (let i = 0; i < 8; i++) peer.send(headers(2 * i + 1, post("/hold")));
    await beside.until(() => beside.exchanges.length === 8 + (beside.requests.includes("/ok") ? 1 : 0));
    const own = Buffer.concat(Array.from({ length: 500 }, () => next(1)));
    for (let i = 0; i < 8 && !peer.over; i++) {
      for (let at = 0; at < own.length; at += own.length / 500) own.writeUInt32BE(2 * i + 1, at + 5);
      for (let batch = 0; batch < 200 && !peer.over; batch++) {
        if (!peer.socket.write(Buffer.from(own))) {
          await new Promise<void>((resolve) => void peer.socket.once("drain", resolve).once("close", resolve));
        }
      }
      await ask();
    }
    await new Promise(setImmediate);
    // 8 streams hold at most 256 KiB each by their windows.
    expect((await bytesInUse()) - before).toBeLessThan(16 * MIB);
    await ask();
  });

  test("whole windows to requests whose body nobody reads is held to its windows", async () => {
    const beside = await serving();
    const ask = await bystander(beside);
    const peer = await client(beside.address);
    const before = await bytesInUse();
    for (let i = 0; i < 40; i++) {
      peer.send(headers(2 * i + 1, post("/hold")));
      for (let piece = 0; piece < 16; piece++) peer.send(data(2 * i + 1, "x".repeat(16_384)));
    }
    await peer.roundTrip();
    expect((await bytesInUse()) - before).toBeLessThan(40 * 256 * 1024 + 8 * MIB);
    await ask();
    peer.close();
    await beside.until(() => beside.left.length === 40);
  });
});

describe("an endpoint", () => {
  test("whose answer comes a byte in a frame, and is not read, holds no more than a few times the window", async () => {
    const endpoint = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint.endpoint, { prepare: (one) => void (one.reads = false) });
    const peer = await endpoint.accepted();
    await requestOf(peer, "/");
    const before = await bytesInUse();
    peer.send(headers(1, status(200)));
    await flood(peer, 200_000, () => data(1, "x"));
    await heard.answeredOrOver();
    await peer.roundTrip();
    expect((await bytesInUse()) - before).toBeLessThan(4 * MIB);
  });

  test.each([
    ["of 60 KiB", [literal("x-a", "v".repeat(60 * 1024))]],
    ["of 60 MB, compressed to 19 KiB", [literal("x-a", "v".repeat(4_000), 0x40), Buffer.alloc(15_000, 0xbe)]],
  ])("that answers with a head %s fails that call, and no other on its connection", async (_what, fields) => {
    const endpoint = await rawEndpoint();
    const { call } = calling();
    const bombed = call(endpoint.endpoint, { path: "/bombed" });
    const peer = await endpoint.accepted();
    const other = call(endpoint.endpoint, { path: "/other" });
    await requestOf(peer, "/other");
    const before = await bytesInUse();
    peer.send(long(1, Buffer.concat([status(200), ...fields])));
    expect((await bombed.over()).failure).toMatchObject({ outcome: { kind: "failure" } });
    peer.send(headers(3, status(200)), data(3, "unharmed", { end: true }));
    expect(await other.over()).toMatchObject({ failure: undefined, body: "unharmed" });
    expect((await bytesInUse()) - before).toBeLessThan(2 * MIB);
  });
});

test("a block without an end, and connections that leave inside it, leave no memory behind", async () => {
  const beside = await serving();
  const [host = "", port = ""] = beside.address.split(":");
  const half = [headers(1, get(), { endHeaders: false }), continuation(1, literal("x-a", "v".repeat(16_000)), false)];
  const bytes = Buffer.concat([PREFACE, settings(), ...half]);
  async function round(): Promise<void> {
    const socket = connect({ host, port: Number(port) });
    socket.write(bytes);
    await beside.until(() => beside.server.connections === 1);
    for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
    socket.destroy();
    await beside.until(() => beside.server.connections === 0);
  }
  for (let i = 0; i < 20; i++) await round();
  const before = await bytesInUse();
  for (let i = 0; i < 200; i++) await round();
  expect((await bytesInUse()) - before).toBeLessThan(8 * MIB);
});

test("a table of HPACK that is filled and emptied all the time stays at its 4,096 bytes", async () => {
  const beside = await serving();
  const peer = await client(beside.address);
  const before = await bytesInUse();
  for (let i = 0; i < 500; i++) {
    const filling = Array.from({ length: 30 }, (_, j) => literal(`x-${i}-${j}`, "v".repeat(300), 0x40));
    peer.send(
      headers(2 * i + 1, Buffer.concat([get(), ...filling, integer(0, 5, 0x20).subarray(1), block()]), { end: true }),
    );
    await peer.message(2 * i + 1);
    beside.exchanges.length = 0;
  }
  expect((await bytesInUse()) - before).toBeLessThan(8 * MIB);
  expect(peer.frames.every(({ type, flags }) => type !== TYPE.GOAWAY || flags === FLAGS.ACK)).toBe(true);
});

function count(peer: RawPeer, type: number): number {
  return peer.frames.filter((one) => one.type === type).length;
}
