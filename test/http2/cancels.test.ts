import { type Endpoint, endpoint } from "@weft/core";
import { expect, test } from "vitest";
import { type Calling, calling, HandedOut, type Heard } from "./calling.ts";
import { block, status } from "./field-block.ts";
import { CODES, data, FLAGS, goaway, headers, ping, reset, type Setting, SETTING, settings, TYPE } from "./frames.ts";
import { nghttp2Serving } from "./nghttp2-serving.ts";
import { credit, type RawEndpoint, type RawPeer } from "./raw-peer.ts";
import { requestOf, stage } from "./stage.ts";

/** Resets on one connection after which another one takes the streams. */
const BORNE = 100;

/** Begins calls and cancels them, as callers do that lose patience. */
async function cancel({ call }: Calling, to: Endpoint, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    call(to, { path: "/hold" }).exchange?.cut("the caller lost patience");
  }
  await turn();
}

/** What was written leaves, and is read. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Streams that weft has reset on that connection, in that order. */
function resets({ frames }: RawPeer): number[] {
  return frames.filter(({ type }) => type === TYPE.RST_STREAM).map(({ stream }) => stream);
}

/** The only connection to an endpoint, with a stream on it, tired of resets: there may be no other. */
async function worn(...first: readonly Setting[]): Promise<Calling & RawEndpoint & { old: RawPeer }> {
  const all = await stage({ connections: 1 });
  all.call(all.endpoint, { path: "/long" });
  const old = await all.accepted(0, ...first);
  await cancel(all, all.endpoint, BORNE);
  await old.until("the resets", () => resets(old).length === BORNE);
  const asked = old.frames.find(({ type, flags }) => type === TYPE.PING && (flags & FLAGS.ACK) === 0);
  if (asked !== undefined) old.send(ping(asked.payload.toString("latin1"), true));
  await old.roundTrip();
  return { ...all, old };
}

/** A call that goes to that connection of the endpoint's. */
async function begin({ call }: Calling, to: Endpoint, peer: RawPeer, path: string): Promise<Heard> {
  const heard = call(to, { path });
  await requestOf(peer, path);
  return heard;
}

test("the streams of others outlive a caller who cancels more than node:http2 bears", async () => {
  const { address, requests, until, left } = await nghttp2Serving();
  const to = endpoint({ host: "127.0.0.1", port: Number(address.split(":")[1]) });
  const stage = calling();
  const held: Heard[] = [stage.call(to, { path: "/hold" })];
  await until(() => requests.length === 1);
  for (let round = 1; round <= 30; round++) {
    await cancel(stage, to, 50); // 1,500: node:http2 ends a connection at the 1,001st
    held.push(stage.call(to, { path: `/hold/${round}` }));
    await until(() => requests.includes(`/hold/${round}`) && left.length === round * 50);
  }
  expect(held.map(({ ends }) => ends)).toEqual(held.map(() => 0));
  expect((await stage.call(to, { path: "/ok" }).over()).body).toBe("ok");
});

test("a connection that has reset 100 streams gives the next ones to another, and ends with its last", async () => {
  const all = await stage();
  const { endpoint: to, accepted, call } = all;
  const heard = call(to, { path: "/long" });
  const old = await accepted(0);
  const { stream } = await requestOf(old, "/long");
  await cancel(all, to, BORNE);
  const next = await accepted(1);
  await begin(all, to, next, "/next");
  await old.roundTrip();
  expect(old.frames.filter(({ type }) => type === TYPE.RST_STREAM)).toHaveLength(BORNE);
  old.send(headers(stream, status(200)), data(stream, "done", { end: true }));
  expect(await heard.over()).toMatchObject({ failure: undefined, body: "done" });
  expect(await old.ending()).toBe("end");
  expect(all.connections).toBe(2);
});

test("a connection that carries nothing is given up when another one takes its place, not before", async () => {
  const all = await stage();
  const { endpoint: to, accepted, connection, call } = all;
  call(to, { path: "/first" }).exchange?.cut("");
  const old = await accepted(0);
  await cancel(all, to, BORNE);
  await connection(1);
  expect(await old.ending()).toBe("end");
  expect(old.frames.at(-1)?.type).toBe(TYPE.GOAWAY);
});

test("so do they when nothing replaces the connections any more", async () => {
  const { address, requests, until } = await nghttp2Serving();
  const to = endpoint({ host: "127.0.0.1", port: Number(address.split(":")[1]) });
  const stage = calling();
  const held: Heard[] = [];
  for (let round = 1; round <= 40; round++) {
    held.push(stage.call(to, { path: `/hold/${round}` }));
    await until(() => requests.includes(`/hold/${round}`));
    await cancel(stage, to, BORNE);
    // Behind an answer the next connection is there, as long as one is dialled.
    expect((await stage.call(to, { path: "/ok" }).over()).body).toBe("ok");
  }
  expect(held.map(({ ends }) => ends)).toEqual(held.map(() => 0));
});

test("connections that carry others' streams are replaced sixteen times, whatever is cancelled", async () => {
  const all = await stage();
  const { endpoint: to, accepted } = all;
  const held: Heard[] = [];
  all.call(to, { path: "/first" });
  let peer = await accepted(0);
  for (let round = 1; round <= 16; round++) {
    held.push(await begin(all, to, peer, `/long/${round}`));
    await cancel(all, to, BORNE);
    peer = await accepted(round);
  }
  held.push(await begin(all, to, peer, "/last"));
  await cancel(all, to, BORNE + 50);
  await peer.roundTrip();
  // The youngest goes on; what is given up on it is not told to the endpoint.
  held.push(await begin(all, to, peer, "/still"));
  expect(resets(peer)).toHaveLength(BORNE);
  await all.time.advance(5_000);
  expect(all.connections).toBe(17);
  expect(held.every(({ ends }) => ends === 0)).toBe(true);
});

test("a connection that nothing replaces resets no more than endpoints bear, the oldest first", async () => {
  const all = await worn();
  const { endpoint: to, old, call, time } = all;
  const before = resets(old);
  const given = ["/a", "/b", "/c", "/d"].map((path) => ({ heard: call(to, { path }), head: requestOf(old, path) }));
  const ids: number[] = [];
  for (const { heard, head } of given) {
    ids.push((await head).stream);
    heard.exchange?.cut("the caller lost patience");
  }
  await old.roundTrip();
  expect(resets(old)).toEqual(before);
  await time.advance(1_000);
  await old.until("more resets", () => resets(old).length === BORNE + 3);
  await time.advance(1_000);
  await old.reset(ids[3]!);
  expect(resets(old)).toEqual([...before, ...ids]);
  expect(all.connections).toBe(1);
});

test("what still comes of a stream that was given up and not reset is thrown away, and not credited", async () => {
  const all = await worn();
  const { endpoint: to, old } = all;
  const heard = all.call(to, { path: "/much" });
  const { stream } = await requestOf(old, "/much");
  heard.exchange?.cut("the caller lost patience");
  const bytes = "x".repeat(16_384);
  old.send(headers(stream, status(200)), ...Array.from({ length: 16 }, () => data(stream, bytes)));
  await old.roundTrip();
  expect(heard).toMatchObject({ head: undefined, body: "" });
  expect(credit(old, stream)).toBe(0);
  expect((await begin(all, to, old, "/next")).ends).toBe(0);
});

const ENDS: readonly (readonly [how: string, bytes: (stream: number) => Uint8Array[]])[] = [
  ["a head that ends it", (stream) => [headers(stream, status(204), { end: true })]],
  ["the end of its body", (stream) => [headers(stream, status(200)), data(stream, "x", { end: true })]],
  ["trailers", (stream) => [headers(stream, status(200)), headers(stream, block(["x-sum", "1"]), { end: true })]],
  ["RST_STREAM", (stream) => [reset(stream)]],
];

for (const [how, bytes] of ENDS) {
  test(`a stream that was given up and not reset holds its place until the endpoint ends it: ${how}`, async () => {
    const { endpoint: to, old, call, pools } = await worn([SETTING.MAX_CONCURRENT_STREAMS, 2]);
    const heard = call(to, { path: "/slow" });
    const { stream } = await requestOf(old, "/slow");
    heard.exchange?.cut("the caller lost patience");
    call(to, { path: "/next" });
    expect(pools.pending).toBe(1);
    old.send(...bytes(stream));
    await requestOf(old, "/next");
    expect(resets(old)).toHaveLength(BORNE);
  });
}

test("with no other stream left, the connection ends, and all that was given up with it", async () => {
  const all = await stage({ connections: 1 });
  const { endpoint: to, accepted, connection, call } = all;
  const first = call(to, { path: "/first" });
  const old = await accepted();
  await cancel(all, to, BORNE);
  const second = call(to, { path: "/second" });
  await requestOf(old, "/second");
  first.exchange?.cut("the caller lost patience");
  await old.roundTrip();
  expect(old.over).toBe(false);
  second.exchange?.cut("the caller lost patience");
  expect(await old.ending()).toBe("end");
  expect(resets(old)).toHaveLength(BORNE);
  call(to, { path: "/next" });
  await requestOf(await connection(1), "/next");
});

test("whose answers end in empty frames, they are no flood of the endpoint's", async () => {
  const all = await worn();
  const { endpoint: to, old, call } = all;
  for (let i = 0; i < 1_000; i++) {
    const heard = call(to, { path: `/${i}` });
    const { stream } = await requestOf(old, `/${i}`);
    heard.exchange?.cut("the caller lost patience");
    old.send(headers(stream, status(200)), data(stream, "", { end: true }));
  }
  expect((await begin(all, to, old, "/next")).ends).toBe(0);
});

test("an answer before the end of its request does not end it", async () => {
  const { endpoint: to, old, call, pools, time } = await worn([SETTING.MAX_CONCURRENT_STREAMS, 2]);
  const heard = call(to, { method: "POST", path: "/upload", body: new HandedOut() });
  const { stream } = await requestOf(old, "/upload");
  heard.exchange?.cut("the caller lost patience");
  call(to, { path: "/next" });
  old.send(headers(stream, status(200), { end: true }));
  await old.roundTrip();
  expect(pools.pending).toBe(1);
  await time.advance(1_000);
  await old.reset(stream);
  await requestOf(old, "/next");
});

test("a connection takes no further stream with a hundred given up and not reset", async () => {
  const all = await worn();
  const { endpoint: to, old, pools, time } = all;
  await cancel(all, to, 100);
  all.call(to, { path: "/next" });
  expect(pools.pending).toBe(1);
  expect(old.frames.filter(({ type }) => type === TYPE.HEADERS)).toHaveLength(1 + BORNE);
  await time.advance(1_000);
  await requestOf(old, "/next");
});

test("an endpoint that resets as many streams as it was sent keeps its connection, and the others on it", async () => {
  const all = await stage();
  const { endpoint: to, accepted, call } = all;
  const held = call(to, { path: "/long" });
  const peer = await accepted();
  const long = await requestOf(peer, "/long");
  const calls = Array.from({ length: 1_000 }, (_, i) => call(to, { path: `/${i}` }));
  await requestOf(peer, "/999");
  const ids = peer.frames.filter(({ type }) => type === TYPE.HEADERS).map(({ stream }) => stream);
  peer.send(...ids.filter((id) => id !== long.stream).map((id) => reset(id)));
  for (const one of calls) expect((await one.over()).failure?.problem).toMatch(/reset the stream/);
  await peer.roundTrip();
  expect(held.ends).toBe(0);
  expect(all.connections).toBe(1);
});

test.each([
  { what: "no body", body: undefined },
  { what: "a body of text", body: "b\xe4" },
  { what: "a body of bytes", body: Buffer.from("b\xe4", "latin1") },
])("a request with $what that was sent too soon is sent again once, whatever the endpoint does", async ({ body }) => {
  const all = await stage();
  const { endpoint: to, connection, call } = all;
  const heard = call(to, { path: "/", body });
  for (let i = 0; i < 2; i++) {
    const peer = await connection(i);
    const { stream } = await requestOf(peer, "/");
    if (body !== undefined)
      expect((await peer.frame(({ type }) => type === TYPE.DATA)).payload.toString("latin1")).toBe("b\xe4");
    // It goes, and so cannot be asked again on this connection.
    peer.send(settings(), goaway(2 ** 31 - 1), reset(stream, CODES.REFUSED_STREAM));
  }
  expect((await heard.over()).failure).toMatchObject({ failure: "refused-stream", sent: "no" });
  expect(all.connections).toBe(2);
});

test("a tired connection takes streams again when its resets are long past", async () => {
  const all = await stage();
  const { endpoint: to, accepted } = all;
  all.call(to, { path: "/long" });
  const old = await accepted(0);
  await cancel(all, to, BORNE);
  // A call that is given up without a byte is followed by PING: the endpoint lives.
  const asked = await old.frame(({ type, flags }) => type === TYPE.PING && (flags & FLAGS.ACK) === 0);
  old.send(ping(asked.payload.toString("latin1"), true));
  const other = await accepted(1);
  await begin(all, to, other, "/other");
  await all.time.advance(29_000);
  await begin(all, to, other, "/early");
  await all.time.advance(2_000);
  await begin(all, to, old, "/rested");
  expect(all.connections).toBe(2);
});
