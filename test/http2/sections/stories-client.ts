import { Fields } from "@weft/http";
import { expect } from "vitest";
import { type Calling, calling, HandedOut } from "../calling.ts";
import { block, literal, status } from "../field-block.ts";
import {
  codeOf,
  CODES,
  data,
  type Frame,
  goaway,
  headers,
  ping,
  reset,
  SETTING,
  settings,
  TYPE,
  windowUpdate,
} from "../frames.ts";
import { credit, isAck, type RawEndpoint, rawEndpoint, type RawPeer, settingsOf } from "../raw-peer.ts";
import type { Story } from "../rule.ts";

interface Stage extends Calling, RawEndpoint {}

async function stage(): Promise<Stage> {
  const endpoint = await rawEndpoint();
  // The number of connections is a getter: it must stay one.
  return Object.assign(Object.create(endpoint) as RawEndpoint, calling());
}

/** The request with that path, once its head is here. */
function requestOf(peer: RawPeer, path: string): Promise<Frame> {
  return peer.frame(({ fields }) => fields?.some(([name, value]) => name === ":path" && value === path) ?? false);
}

const BEGINNINGS: readonly Story[] = [
  {
    section: "3.4",
    when: "a connection that it opens",
    role: "client",
    does: "the preface and SETTINGS come first, then the request, without waiting for the server",
    async run() {
      const { call, endpoint, connection } = await stage();
      call(endpoint);
      const peer = await connection();
      await requestOf(peer, "/");
      expect(peer.frames[0]).toMatchObject({ type: TYPE.SETTINGS, flags: 0, stream: 0 });
      expect(peer.frames.filter(isAck)).toEqual([]);
    },
  },
  {
    section: "3.4",
    when: "PING in the place of the server's first SETTINGS",
    role: "client",
    does: "connection error PROTOCOL_ERROR, and the call fails",
    async run() {
      const { call, endpoint, connection } = await stage();
      const heard = call(endpoint);
      const peer = await connection();
      peer.send(ping());
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      await peer.ending();
      expect((await heard.over()).failure).toBeDefined();
    },
  },
  {
    section: "3.4",
    when: "HTTP/1.1 in the place of the server's first SETTINGS",
    role: "client",
    does: "the connection ends, and the call fails",
    async run() {
      const { call, endpoint, connection } = await stage();
      const heard = call(endpoint);
      const peer = await connection();
      peer.send(Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "latin1"));
      await peer.ending();
      expect((await heard.over()).failure?.outcome).toMatchObject({ kind: "failure" });
    },
  },
  {
    section: "4.3",
    when: "a field put into the table by an answer that weft had given up",
    role: "client",
    does: "is there for the next answer",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const given = call(endpoint, { path: "/1" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/1");
      given.exchange?.cut("the test wants it so");
      await peer.reset(stream);
      peer.send(headers(stream, Buffer.concat([status(200), literal("x-late", "kept", 0x40)]), { end: true }));
      const next = call(endpoint, { path: "/2" });
      const second = await requestOf(peer, "/2");
      peer.send(headers(second.stream, Buffer.concat([status(200), Buffer.of(0xbe)]), { end: true }));
      expect((await next.over()).head?.get("x-late")).toBe("kept");
    },
  },
  {
    section: "4.3.1",
    when: "HEADER_TABLE_SIZE of 0 behind a request",
    role: "client",
    does: "its next block begins with a table of 0",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { path: "/1", lines: "X-A: v\r\n" });
      const peer = await accepted();
      await requestOf(peer, "/1");
      peer.send(settings([SETTING.HEADER_TABLE_SIZE, 0]));
      await peer.roundTrip();
      call(endpoint, { path: "/2", lines: "X-A: v\r\n" });
      const { payload } = await requestOf(peer, "/2");
      expect(payload[0]).toBe(0x20);
    },
  },
  {
    section: "5.1.1",
    when: "requests one after the other",
    role: "client",
    does: "open odd streams, each above the last",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { path: "/1" });
      const peer = await accepted();
      for (const path of ["/2", "/3", "/4"]) call(endpoint, { path });
      const streams = [];
      for (const path of ["/1", "/2", "/3", "/4"]) streams.push((await requestOf(peer, path)).stream);
      expect(streams).toEqual([1, 3, 5, 7]);
    },
  },
  {
    section: "5.1.2",
    when: "MAX_CONCURRENT_STREAMS of 1",
    role: "client",
    does: "a second request takes a second connection",
    async run() {
      const { call, endpoint, accepted, connection } = await stage();
      call(endpoint, { path: "/1" });
      const peer = await accepted(0, [SETTING.MAX_CONCURRENT_STREAMS, 1]);
      await requestOf(peer, "/1");
      call(endpoint, { path: "/2" });
      await requestOf(await connection(1), "/2");
      expect(peer.frames.filter(({ type }) => type === TYPE.HEADERS)).toHaveLength(1);
    },
  },
  {
    section: "5.4.3",
    when: "the end of the connection while a request waits",
    role: "client",
    does: "the call fails, and says that the request may have been seen",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      await requestOf(peer, "/");
      peer.close();
      expect((await heard.over()).failure).toMatchObject({ sent: "maybe" });
    },
  },
];

const FRAMES: readonly Story[] = [
  {
    section: "6.5.2",
    when: "its own SETTINGS",
    role: "client",
    does: "turn push off",
    async run() {
      const { call, endpoint, connection } = await stage();
      call(endpoint);
      const peer = await connection();
      const own = settingsOf(await peer.frame(({ type }) => type === TYPE.SETTINGS));
      expect(own.get(SETTING.ENABLE_PUSH)).toBe(0);
    },
  },
  {
    section: "6.5.3",
    when: "SETTINGS of its own that nobody acknowledges",
    role: "client",
    does: "connection error SETTINGS_TIMEOUT, and the call fails",
    async run() {
      const { call, endpoint, connection, time } = await stage();
      const heard = call(endpoint);
      const peer = await connection();
      peer.send(settings());
      await peer.frame(isAck);
      for (let seconds = 0; seconds < 12; seconds++) await time.advance(1_000);
      expect(codeOf(await peer.goaway())).toBe("SETTINGS_TIMEOUT");
      expect((await heard.over()).failure).toBeDefined();
    },
  },
  {
    section: "6.8",
    when: "GOAWAY whose last stream is below one of three requests",
    role: "client",
    does: "that one was never seen; those below go on, and the next request takes a new connection",
    async run() {
      const { call, endpoint, accepted, connection } = await stage();
      const first = call(endpoint, { path: "/1", method: "POST" });
      const peer = await accepted();
      const second = call(endpoint, { path: "/2", method: "POST" });
      const third = call(endpoint, { path: "/3", method: "POST" });
      await requestOf(peer, "/3");
      peer.send(goaway(3));
      expect((await third.over()).failure).toMatchObject({ sent: "no", failure: "refused-stream" });
      call(endpoint, { path: "/4" });
      await requestOf(await connection(1), "/4");
      for (const stream of [1, 3]) peer.send(headers(stream, status(200), { end: true }));
      expect(await first.over()).toMatchObject({ failure: undefined });
      expect(await second.over()).toMatchObject({ failure: undefined });
      await peer.ending();
    },
  },
  {
    section: "6.8",
    when: "GOAWAY of 2^31 - 1 and then of the last stream, as in a graceful end",
    role: "client",
    does: "what runs goes on; nothing new begins there",
    async run() {
      const { call, endpoint, accepted, connection } = await stage();
      const heard = call(endpoint, { path: "/1" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/1");
      peer.send(goaway(2 ** 31 - 1));
      await peer.roundTrip();
      call(endpoint, { path: "/2" });
      await requestOf(await connection(1), "/2");
      peer.send(goaway(stream), headers(stream, status(200)), data(stream, "done", { end: true }));
      expect(await heard.over()).toMatchObject({ failure: undefined, body: "done" });
      await peer.ending();
      expect(peer.frames.filter(({ type }) => type === TYPE.HEADERS)).toHaveLength(1);
    },
  },
  {
    section: "6.8",
    when: "GOAWAY with a code that nobody knows, and the end of the connection",
    role: "client",
    does: "what was below its last stream may have been seen",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      await requestOf(peer, "/");
      peer.send(goaway(1, 0xdead, "debug"));
      peer.socket.end();
      expect((await heard.over()).failure).toMatchObject({ sent: "maybe" });
    },
  },
  {
    section: "6.9.1",
    when: "a body larger than the server's windows",
    role: "client",
    does: "sends what they take, tells its source to stop, and goes on when they grow",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      call(endpoint, { method: "POST", body });
      const peer = await accepted(0, [SETTING.INITIAL_WINDOW_SIZE, 10]);
      const { stream } = await requestOf(peer, "/");
      await peer.roundTrip();
      expect(body.give("twelve bytes")).toBe(false);
      await peer.receives(stream, 10);
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(10);
      peer.send(windowUpdate(stream, 1));
      await peer.receives(stream, 11);
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(11);
      peer.send(windowUpdate(stream, 1));
      body.end();
      expect((await peer.message(stream)).body).toBe("twelve bytes");
    },
  },
  {
    section: "6.9.2",
    when: "a window that SETTINGS have made negative",
    role: "client",
    does: "waits until it is positive again",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      call(endpoint, { method: "POST", body });
      const peer = await accepted(0, [SETTING.INITIAL_WINDOW_SIZE, 10]);
      const { stream } = await requestOf(peer, "/");
      await peer.roundTrip();
      body.give("x".repeat(20));
      await peer.receives(stream, 10);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 0]), windowUpdate(stream, 10));
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(10);
      peer.send(windowUpdate(stream, 3));
      await peer.receives(stream, 13);
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(13);
    },
  },
  {
    section: "6.9.1",
    when: "more DATA than the stream's window takes, while nobody reads it",
    role: "client",
    does: "error FLOW_CONTROL_ERROR, and the call fails",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint, { prepare: (one) => void (one.reads = false) });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(stream, status(200)));
      for (let sent = 0; sent <= window; sent += 16_384) peer.send(data(stream, "x".repeat(16_384)));
      const end = await peer.frame(({ type }) => type === TYPE.RST_STREAM || type === TYPE.GOAWAY);
      expect(codeOf(end)).toBe("FLOW_CONTROL_ERROR");
      expect((await heard.over()).failure).toBeDefined();
    },
  },
  {
    section: "6.9",
    when: "an answer of 4 MiB, padded",
    role: "client",
    does: "is credited as it is read, padding included",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(stream, status(200)));
      let sent = 0;
      const room = (): boolean => sent + 1_256 <= Math.min(window + credit(peer, stream), 65_535 + credit(peer, 0));
      for (; sent < 4 * 1024 * 1024; sent += 1_256) {
        await peer.until("more of the window", room);
        peer.send(data(stream, "x".repeat(1_000), { pad: 255 }));
      }
      peer.send(data(stream, "", { end: true }));
      expect((await heard.over()).body).toHaveLength((sent / 1_256) * 1_000);
    },
  },
];

const MESSAGES: readonly Story[] = [
  {
    section: "8.1",
    when: "interim answers, content and trailers",
    role: "client",
    does: "are told in their order",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(headers(stream, status(100)), headers(stream, status(103, ["link", "</a>"])));
      peer.send(headers(stream, status(200)), data(stream, "one "), data(stream, "two"));
      peer.send(headers(stream, block(["x-sum", "7"]), { end: true }));
      const { informedOf, body, trailers, failure } = await heard.over();
      expect({ informedOf, body, failure }).toEqual({ informedOf: [100, 103], body: "one two", failure: undefined });
      expect([...(trailers?.entries() ?? [])]).toEqual([["x-sum", "7"]]);
    },
  },
  {
    section: "8.1",
    when: "a whole answer and RST_STREAM NO_ERROR before the end of the request",
    role: "client",
    does: "keeps the answer, and sends no more",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      const heard = call(endpoint, { method: "POST", body });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(headers(stream, status(200)), data(stream, "early", { end: true }), reset(stream, CODES.NO_ERROR));
      expect(await heard.over()).toMatchObject({ failure: undefined, body: "early" });
      await peer.roundTrip();
      const before = peer.received(stream);
      body.give("too late");
      await peer.roundTrip();
      expect(peer.received(stream)).toBe(before);
    },
  },
  {
    section: "8.1",
    when: "a request with a body and trailers",
    role: "client",
    does: "is HEADERS, DATA, and HEADERS with END_STREAM",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      call(endpoint, { method: "POST", body, lines: "TE: trailers\r\n" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      body.give("hello");
      body.end(Fields.ofList(["x-sum", "5"]));
      const { body: text, trailers, fields } = await peer.message(stream);
      expect({ text, trailers: [...(trailers ?? [])] }).toEqual({ text: "hello", trailers: [["x-sum", "5"]] });
      expect(fields.get("te")).toBe("trailers");
    },
  },
  {
    section: "8.1.1",
    when: "Content-Length in an answer to HEAD, and with 304",
    role: "client",
    does: "needs no content",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const head = call(endpoint, { method: "HEAD", path: "/1" });
      const peer = await accepted();
      const unchanged = call(endpoint, { path: "/2" });
      const first = await requestOf(peer, "/1");
      const second = await requestOf(peer, "/2");
      peer.send(headers(first.stream, status(200, ["content-length", "99"]), { end: true }));
      peer.send(headers(second.stream, status(304, ["content-length", "99"]), { end: true }));
      expect((await head.over()).failure).toBeUndefined();
      expect((await unchanged.over()).failure).toBeUndefined();
    },
  },
  {
    section: "8.1.1",
    when: "a malformed answer",
    role: "client",
    does: "is not handed on: the call fails",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(headers(stream, status(200, ["X-Up", "v"]), { end: true }));
      expect(codeOf(await peer.reset(stream))).toBe("PROTOCOL_ERROR");
      expect(await heard.over()).toMatchObject({ head: undefined, failure: { code: "PROTOCOL_ERROR" } });
    },
  },
  {
    section: "8.2",
    when: "a request that came with upper-case names and Connection",
    role: "client",
    does: "is sent with lower-case names, and without what concerns a connection",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { lines: "X-Name: Value\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nTE: trailers, gzip\r\n" });
      const peer = await accepted();
      const { fields } = await requestOf(peer, "/");
      const names = fields?.map(([name]) => name) ?? [];
      expect(fields).toContainEqual(["x-name", "Value"]);
      expect(names.filter((name) => name !== name.toLowerCase())).toEqual([]);
      for (const hop of ["connection", "keep-alive", "x-hop", "host", "transfer-encoding"]) {
        expect(names).not.toContain(hop);
      }
      expect(fields?.filter(([name, value]) => name === "te" && value !== "trailers")).toEqual([]);
    },
  },
  {
    section: "8.3.1",
    when: "a request",
    role: "client",
    does: "has :method, :scheme, :authority and :path once each, before its fields",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { method: "PUT", path: "/a?b", lines: "X-A: v\r\n" });
      const peer = await accepted();
      const { fields = [] } = await requestOf(peer, "/a?b");
      const pseudo = fields.filter(([name]) => name.startsWith(":"));
      expect(fields.slice(0, pseudo.length)).toEqual(pseudo);
      expect(Object.fromEntries(pseudo)).toEqual({
        ":method": "PUT",
        ":scheme": "http",
        ":authority": "a",
        ":path": "/a?b",
      });
    },
  },
  {
    section: "8.7",
    when: "RST_STREAM REFUSED_STREAM",
    role: "client",
    does: "the request was never seen, and may be sent again",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { path: "/1" });
      const peer = await accepted();
      const heard = call(endpoint, { method: "POST", path: "/2" });
      const { stream } = await requestOf(peer, "/2");
      peer.send(reset(stream, CODES.REFUSED_STREAM));
      expect((await heard.over()).failure).toMatchObject({ sent: "no", failure: "refused-stream" });
    },
  },
  {
    section: "8.7",
    when: "RST_STREAM REFUSED_STREAM of a request that was sent before the server's limit was known",
    role: "client",
    does: "sends it again by itself",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint, { method: "POST" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(reset(stream, CODES.REFUSED_STREAM));
      const again = await peer.frame((one) => one.type === TYPE.HEADERS && one.stream > stream);
      peer.send(headers(again.stream, status(200)), data(again.stream, "twice", { end: true }));
      expect(await heard.over()).toMatchObject({ failure: undefined, body: "twice" });
    },
  },
  {
    section: "8.7",
    when: "RST_STREAM INTERNAL_ERROR before an answer",
    role: "client",
    does: "the request may have been seen",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint, { method: "POST" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(reset(stream, CODES.INTERNAL_ERROR));
      expect((await heard.over()).failure).toMatchObject({ sent: "maybe", failure: "reset-before-response" });
    },
  },
  {
    section: "8.7",
    when: "RST_STREAM inside an answer",
    role: "client",
    does: "the answer is cut, never falsely complete",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(headers(stream, status(200)), data(stream, "part"), reset(stream, CODES.INTERNAL_ERROR));
      expect(await heard.over()).toMatchObject({ trailers: undefined, failure: { outcome: { kind: "failure" } } });
    },
  },
];

export const CLIENT_STORIES: readonly Story[] = [...BEGINNINGS, ...FRAMES, ...MESSAGES];
