import { NO_FIELDS } from "@weft/http";
import { expect } from "vitest";
import { get, literal, type Pair, post, request, tableSize } from "../field-block.ts";
import {
  codeOf,
  contentOf,
  data,
  frame,
  goaway,
  headers,
  ping,
  PREFACE,
  reset,
  SETTING,
  settings,
  settingsAck,
  TYPE,
  windowUpdate,
} from "../frames.ts";
import { client, credit, isAck, rawClient, type RawPeer, settingsOf } from "../raw-peer.ts";
import type { Story } from "../rule.ts";
import { serving } from "../serving.ts";

const WHOLE = Buffer.concat([PREFACE, settings(), headers(1, get(), { end: true })]);

/** A connection whose server's SETTINGS nobody has acknowledged. */
async function fresh(...bytes: readonly Uint8Array[]): Promise<RawPeer> {
  const { address } = await serving();
  const peer = rawClient(address);
  peer.send(...bytes);
  return peer;
}

/** Lengths of the DATA frames of a stream. */
function pieces(peer: RawPeer, stream: number): number[] {
  return peer.frames
    .filter((one) => one.type === TYPE.DATA && one.stream === stream)
    .map((one) => contentOf(one).length);
}

/** RFC 9113 3 to 5, as a server. */
const BEGINNINGS: readonly Story[] = [
  {
    section: "3.4",
    when: "the preface and a request in one packet",
    role: "server",
    does: "SETTINGS come first, then their acknowledgement and the answer",
    async run() {
      const peer = await fresh(WHOLE);
      expect(await peer.message(1)).toMatchObject({ status: "200", body: "ok" });
      expect(peer.frames[0]).toMatchObject({ type: TYPE.SETTINGS, flags: 0, stream: 0 });
      expect(peer.frames.filter(isAck)).toHaveLength(1);
    },
  },
  {
    section: "3.4",
    when: "the preface and a request byte by byte",
    role: "server",
    does: "is answered all the same",
    async run() {
      const peer = await fresh();
      for (const byte of WHOLE) {
        peer.send(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      expect(await peer.message(1)).toMatchObject({ status: "200", body: "ok" });
    },
  },
  {
    section: "3.4",
    when: "the preface and a request, cut in two at every byte",
    role: "server",
    does: "is answered all the same",
    async run() {
      const { address } = await serving();
      for (let at = 1; at < WHOLE.length; at++) {
        const peer = rawClient(address);
        peer.send(WHOLE.subarray(0, at));
        for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
        peer.send(WHOLE.subarray(at));
        expect(await peer.message(1)).toMatchObject({ status: "200", body: "ok" });
        peer.close();
      }
    },
  },
  {
    section: "3.4",
    when: "a preface that is none",
    role: "server",
    does: "is read as HTTP/1.1, refused, and the connection ends",
    async run() {
      const peer = await fresh(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", "latin1"), settings());
      await peer.ending();
    },
  },
  {
    section: "3.4",
    when: "PING in the place of the first SETTINGS",
    role: "server",
    does: "connection error PROTOCOL_ERROR",
    async run() {
      const peer = await fresh(PREFACE, ping());
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      await peer.ending();
    },
  },
  {
    section: "3.4",
    when: "an acknowledgement in the place of the first SETTINGS",
    role: "server",
    does: "connection error PROTOCOL_ERROR",
    async run() {
      const peer = await fresh(PREFACE, settingsAck());
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      await peer.ending();
    },
  },
  {
    section: "3.3",
    when: "HTTP/1.1 on the same port",
    role: "server",
    does: "is answered in HTTP/1.1",
    async run() {
      const { address } = await serving();
      const { socket } = rawClient(address);
      socket.removeAllListeners("data");
      socket.write("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      let text = "";
      for await (const bytes of socket) text += String(bytes);
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
    },
  },
  {
    section: "4.3",
    when: "a field put into the table by a block on a stream that weft had reset",
    role: "server",
    does: "is there for the next request",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/cut")));
      await peer.reset(1);
      peer.send(headers(1, literal("x-late", "kept", 0x40), { end: true }));
      peer.send(headers(3, Buffer.concat([get("/show"), Buffer.of(0xbe)]), { end: true }));
      expect((await peer.message(3)).body).toContain("x-late: kept");
    },
  },
  {
    section: "4.3",
    when: "a field put into the table by a request that is malformed",
    role: "server",
    does: "is there for the next request",
    async run() {
      const { address, requests } = await serving();
      const peer = await client(address);
      const malformed = Buffer.concat([get("/ok", ["X-Up", "v"]), literal("x-late", "kept", 0x40)]);
      peer.send(headers(1, malformed, { end: true }));
      expect(codeOf(await peer.reset(1))).toBe("PROTOCOL_ERROR");
      peer.send(headers(3, Buffer.concat([get("/show"), Buffer.of(0xbe)]), { end: true }));
      expect((await peer.message(3)).body).toContain("x-late: kept");
      expect(requests).toEqual(["/show"]);
    },
  },
  {
    section: "4.3.1",
    when: "HEADER_TABLE_SIZE of 0",
    role: "server",
    does: "its next block begins with a table of 0, and nothing is put into the table from then on",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/trailers"), { end: true }));
      await peer.message(1);
      peer.send(settings([SETTING.HEADER_TABLE_SIZE, 0]), headers(3, get("/trailers"), { end: true }));
      await peer.message(3);
      const [first] = peer.frames.filter((one) => one.type === TYPE.HEADERS && one.stream === 3);
      expect(first?.payload[0]).toBe(0x20);
      peer.send(headers(5, get("/trailers"), { end: true }));
      expect((await peer.message(5)).trailers?.get("x-sum")).toBe("5");
      const later = peer.frames.filter((one) => one.type === TYPE.HEADERS && one.stream === 5);
      for (const { payload } of later) expect(payload[0]! & 0xc0).not.toBe(0x40);
    },
  },
  {
    section: "5.1",
    when: "DATA on streams that weft has reset",
    role: "server",
    does: "counts for the connection's window, and is credited",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      // 8 MiB is the connection's window: ten streams of a MiB would not fit without credit.
      let stream = -1;
      for (let mib = 0; mib < 10; mib++) {
        stream += 2;
        peer.send(headers(stream, post("/cut")));
        await peer.reset(stream);
        for (let i = 0; i < 64; i++) peer.send(data(stream, "x".repeat(16_384)));
        await peer.roundTrip();
      }
      expect(credit(peer, 0)).toBeGreaterThanOrEqual(2 * 1024 * 1024);
      peer.send(headers(stream + 2, get(), { end: true }));
      expect((await peer.message(stream + 2)).status).toBe("200");
    },
  },
  {
    section: "5.1.1",
    when: "DATA on a stream that was passed over",
    role: "server",
    does: "stream error STREAM_CLOSED",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(5, get("/hold"), { end: true }), data(3, "x"));
      expect(codeOf(await peer.reset(3))).toBe("STREAM_CLOSED");
      await peer.roundTrip();
    },
  },
  {
    section: "5.1.2",
    when: "more streams than MAX_CONCURRENT_STREAMS",
    role: "server",
    does: "stream error REFUSED_STREAM for those above, and room again when one ends",
    async run() {
      const { address, requests } = await serving({ http2: { maxStreams: 2 } });
      const peer = await client(address);
      expect(settingsOf(peer.frames[0]!).get(SETTING.MAX_CONCURRENT_STREAMS)).toBe(2);
      for (const stream of [1, 3, 5]) peer.send(headers(stream, get("/hold"), { end: true }));
      expect(codeOf(await peer.reset(5))).toBe("REFUSED_STREAM");
      expect(requests).toEqual(["/hold", "/hold"]);
      peer.send(reset(1), headers(7, get(), { end: true }));
      expect((await peer.message(7)).status).toBe("200");
    },
  },
  {
    section: "5.4.1",
    when: "a connection error",
    role: "server",
    does: "GOAWAY names the last stream that was taken, and is the last frame",
    async run() {
      const { address, left, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get(), { end: true }), headers(3, get("/hold"), { end: true }));
      await peer.message(1);
      peer.send(data(0, "x"));
      const last = await peer.goaway();
      expect(last.payload.readUInt32BE(0)).toBe(3);
      await peer.ending();
      expect(peer.frames.at(-1)).toBe(last);
      await until(() => left.length === 1);
    },
  },
  {
    section: "5.4.1",
    when: "frames behind one that is a connection error",
    role: "server",
    does: "are not read",
    async run() {
      const { address, requests } = await serving();
      const peer = await client(address);
      peer.send(Buffer.concat([data(0, "x"), headers(1, get(), { end: true }), ping()]));
      await peer.ending();
      expect(requests).toEqual([]);
      expect(peer.frames.filter(({ type }) => type === TYPE.GOAWAY)).toHaveLength(1);
    },
  },
  {
    section: "5.4.3",
    when: "the end of the connection while streams are open",
    role: "server",
    does: "whoever answers them is told that the caller left",
    async run() {
      const { address, left, until, requests } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/hold")), headers(3, get("/hold"), { end: true }));
      await until(() => requests.length === 2);
      peer.close();
      await until(() => left.length === 2);
    },
  },
];

/** RFC 9113 6, as a server. */
const FRAMES: readonly Story[] = [
  {
    section: "6.5.2",
    when: "its own SETTINGS",
    role: "server",
    does: "do not speak of push, limit streams, and announce CONNECT with a protocol",
    async run() {
      const { address } = await serving();
      const own = settingsOf((await client(address)).frames[0]!);
      expect(own.get(SETTING.ENABLE_PUSH) ?? 0).toBe(0);
      expect(own.get(SETTING.MAX_CONCURRENT_STREAMS)).toBeGreaterThanOrEqual(100);
      expect(own.get(SETTING.ENABLE_CONNECT_PROTOCOL)).toBe(1);
      expect(own.get(SETTING.MAX_FRAME_SIZE) ?? 16_384).toBeGreaterThanOrEqual(16_384);
    },
  },
  {
    section: "6.5.3",
    when: "three SETTINGS",
    role: "server",
    does: "acknowledges each",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(settings(), settings([SETTING.ENABLE_PUSH, 0]), settings());
      await peer.roundTrip();
      expect(peer.frames.filter(isAck)).toHaveLength(1 + 3);
    },
  },
  {
    section: "6.5.3",
    when: "the same setting twice in one frame",
    role: "server",
    does: "the last value counts",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 100], [SETTING.INITIAL_WINDOW_SIZE, 1]));
      peer.send(headers(1, get("/bytes/10"), { end: true }));
      await peer.receives(1, 1);
      await peer.roundTrip();
      expect(pieces(peer, 1)).toEqual([1]);
    },
  },
  {
    section: "6.5.3",
    when: "SETTINGS of its own that nobody acknowledges",
    role: "server",
    does: "connection error SETTINGS_TIMEOUT",
    async run() {
      const { address, advance } = await serving();
      const peer = rawClient(address);
      peer.send(PREFACE, settings(), headers(1, get("/hold"), { end: true }));
      await peer.frame(isAck);
      await advance(12_000);
      expect(codeOf(await peer.goaway())).toBe("SETTINGS_TIMEOUT");
      await peer.ending();
    },
  },
  {
    section: "6.7",
    when: "PING",
    role: "server",
    does: "is answered once, with the same eight bytes",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(ping("\0\xff\x80abcde"), ping("notours!", true));
      await peer.roundTrip();
      const answers = peer.frames.filter(({ type }) => type === TYPE.PING);
      expect(answers.map(({ flags, payload }) => [flags, payload.toString("latin1")])).toEqual([
        [1, "\0\xff\x80abcde"],
        [1, "00000000"],
      ]);
    },
  },
  {
    section: "6.8",
    when: "GOAWAY from a client with a request under way",
    role: "server",
    does: "answers the request, and then ends the connection",
    async run() {
      const { address, exchanges, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }), goaway(0));
      await until(() => exchanges.length === 1);
      await peer.roundTrip();
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
      await peer.ending();
    },
  },
  {
    section: "6.8",
    when: "GOAWAY with debug data, a last stream and a code that nobody knows",
    role: "server",
    does: "finishes what is open",
    async run() {
      const { address, exchanges, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }), goaway(2 ** 31 - 1, 0xdead, "\0\xff".repeat(500)));
      await until(() => exchanges.length === 1);
      await peer.roundTrip();
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
    },
  },
  {
    section: "6.8",
    when: "its listener closes",
    role: "server",
    does: "GOAWAY NO_ERROR; the request under way and those that were on their way are answered, then it ends",
    async run() {
      const { address, server, exchanges, until, time } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }));
      await until(() => exchanges.length === 1);
      const closed = server.close(60_000);
      await time.advance(0);
      const first = await peer.goaway();
      expect(codeOf(first)).toBe("NO_ERROR");
      peer.send(headers(3, get(), { end: true }));
      expect((await peer.message(3)).status).toBe("200");
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
      await time.advance(2_000);
      await peer.ending();
      const lasts = peer.frames
        .filter(({ type }) => type === TYPE.GOAWAY)
        .map(({ payload }) => payload.readUInt32BE(0));
      for (const [i, last] of lasts.entries()) if (i > 0) expect(last).toBeLessThanOrEqual(lasts[i - 1]!);
      expect(lasts.at(-1)).toBeGreaterThanOrEqual(3);
      peer.close();
      expect(await closed).toBe(0);
    },
  },
  {
    section: "6.9.1",
    when: "INITIAL_WINDOW_SIZE of 1",
    role: "server",
    does: "sends one byte, and one more for each that is granted",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 1]);
      peer.send(headers(1, get("/bytes/3"), { end: true }));
      await peer.receives(1, 1);
      for (let bytes = 2; bytes <= 3; bytes++) {
        await peer.roundTrip();
        expect(pieces(peer, 1)).toHaveLength(bytes - 1);
        peer.send(windowUpdate(1, 1));
        await peer.receives(1, bytes);
      }
      expect(pieces(peer, 1).filter((count) => count > 0)).toEqual([1, 1, 1]);
      expect((await peer.message(1)).body).toBe("xxx");
    },
  },
  {
    section: "6.9.1",
    when: "a body larger than the connection's window",
    role: "server",
    does: "sends 65,535 bytes of all streams together, then waits",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 2 ** 30]);
      peer.send(headers(1, get("/bytes/50000"), { end: true }), headers(3, get("/bytes/50000"), { end: true }));
      await peer.message(1);
      await peer.receives(3, 15_535);
      await peer.roundTrip();
      expect(peer.received(1) + peer.received(3)).toBe(65_535);
      peer.send(windowUpdate(0, 34_464));
      await peer.receives(3, 49_999);
      await peer.roundTrip();
      expect(peer.received(3)).toBe(49_999);
      peer.send(windowUpdate(0, 1));
      expect((await peer.message(3)).body).toHaveLength(50_000);
    },
  },
  {
    section: "6.9.1",
    when: "no window at all, and an answer without content",
    role: "server",
    does: "sends the end of the stream all the same",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/bytes/0"), { end: true }), headers(3, get("/status/204"), { end: true }));
      expect((await peer.message(1)).body).toBe("");
      expect((await peer.message(3)).status).toBe("204");
    },
  },
  {
    section: "6.9.1",
    when: "a stream without a window beside one that has some",
    role: "server",
    does: "the one does not hold up the other",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/bytes/30000"), { end: true }), headers(3, get("/bytes/30000"), { end: true }));
      peer.send(windowUpdate(3, 30_000));
      expect((await peer.message(3)).body).toHaveLength(30_000);
      expect(peer.received(1)).toBe(0);
    },
  },
  {
    section: "6.9.1",
    when: "more DATA than the stream's window takes, while nobody reads it",
    role: "server",
    does: "error FLOW_CONTROL_ERROR",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(1, post("/hold")));
      for (let sent = 0; sent <= window; sent += 16_384) peer.send(data(1, "x".repeat(16_384)));
      const end = await peer.frame(({ type }) => type === TYPE.RST_STREAM || type === TYPE.GOAWAY);
      expect(codeOf(end)).toBe("FLOW_CONTROL_ERROR");
    },
  },
  {
    section: "6.9.1",
    when: "as much DATA as the stream's window takes, while nobody reads it",
    role: "server",
    does: "is taken, and not credited to the stream",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(1, post("/hold")));
      for (let sent = 0; sent < window; sent += 16_384) {
        peer.send(data(1, "x".repeat(Math.min(16_384, window - sent))));
      }
      await peer.roundTrip();
      expect(credit(peer, 1)).toBe(0);
      expect(peer.frames.filter(({ type }) => type === TYPE.RST_STREAM)).toEqual([]);
    },
  },
  {
    section: "6.9.1",
    when: "a body of 4 MiB whose padding counts as well",
    role: "server",
    does: "is credited as it is read, padding included",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const window = settingsOf(peer.frames[0]!).get(SETTING.INITIAL_WINDOW_SIZE) ?? 65_535;
      peer.send(headers(1, post("/swallow")));
      let sent = 0;
      const room = (): boolean => sent + 1_256 <= Math.min(window + credit(peer, 1), 65_535 + credit(peer, 0));
      for (; sent < 4 * 1024 * 1024; sent += 1_256) {
        await peer.until("more of the window", room);
        peer.send(data(1, "x".repeat(1_000), { pad: 255 }));
      }
      expect(credit(peer, 1)).toBeGreaterThanOrEqual(sent - window);
      expect(peer.frames.filter(({ type }) => type === TYPE.RST_STREAM || type === TYPE.GOAWAY)).toEqual([]);
    },
  },
  {
    section: "6.9.2",
    when: "INITIAL_WINDOW_SIZE of 0, then of 1, behind the request",
    role: "server",
    does: "sends as much as the change grants",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
      peer.send(headers(1, get("/bytes/10"), { end: true }));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(0);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 1]));
      await peer.receives(1, 1);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 7]));
      await peer.receives(1, 7);
      await peer.roundTrip();
      expect(peer.received(1)).toBe(7);
    },
  },
  {
    section: "6.9.2",
    when: "a window that SETTINGS have made negative",
    role: "server",
    does: "waits until it is positive again",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.INITIAL_WINDOW_SIZE, 100]);
      peer.send(headers(1, get("/bytes/1000"), { end: true }));
      await peer.receives(1, 100);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 20]), windowUpdate(1, 80));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(100); // -80, and 80 granted
      peer.send(windowUpdate(1, 1));
      await peer.receives(1, 101);
      await peer.roundTrip();
      expect(peer.received(1)).toBe(101);
    },
  },
  {
    section: "6.9.2",
    when: "INITIAL_WINDOW_SIZE while the connection's window is used up",
    role: "server",
    does: "does not change the connection's window",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/bytes/70000"), { end: true }));
      await peer.receives(1, 65_535);
      peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 20]));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(65_535);
      peer.send(windowUpdate(0, 100_000));
      expect((await peer.message(1)).body).toHaveLength(70_000);
    },
  },
  {
    section: "4.2",
    when: "MAX_FRAME_SIZE of a MiB",
    role: "server",
    does: "sends no frame above it, and takes none above its own 16,384 bytes",
    async run() {
      const { address } = await serving();
      const peer = await client(address, [SETTING.MAX_FRAME_SIZE, 2 ** 20], [SETTING.INITIAL_WINDOW_SIZE, 2 ** 20]);
      peer.send(windowUpdate(0, 2 ** 20), headers(1, get("/bytes/300000"), { end: true }));
      expect((await peer.message(1)).body).toHaveLength(300_000);
      expect(Math.max(...pieces(peer, 1))).toBeLessThanOrEqual(2 ** 20);
      peer.send(frame(TYPE.DATA, 0, 3, Buffer.alloc(16_385)));
      expect(codeOf(await peer.goaway())).toMatch(/FRAME_SIZE_ERROR|PROTOCOL_ERROR/);
    },
  },
];

/** RFC 9113 8 and RFC 8441, as a server. */
const MESSAGES: readonly Story[] = [
  {
    section: "8.1",
    when: "HEAD",
    role: "server",
    does: "answers with Content-Length and without content",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, request("HEAD", "/ok"), { end: true }));
      const { status, fields, body } = await peer.message(1);
      expect({ status, body, length: fields.get("content-length") }).toEqual({ status: "200", body: "", length: "2" });
    },
  },
  {
    section: "8.1",
    when: "an interim answer, and trailers",
    role: "server",
    does: "are HEADERS of their own, in their order",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/early"), { end: true }), headers(3, get("/trailers"), { end: true }));
      expect(await peer.message(1)).toMatchObject({ informed: ["103"], status: "200", body: "ok" });
      const { trailers, body } = await peer.message(3);
      expect({ body, trailers: [...(trailers ?? [])] }).toEqual({ body: "xxxxx", trailers: [["x-sum", "5"]] });
    },
  },
  {
    section: "8.1",
    when: "an answer before the end of the request",
    role: "server",
    does: "is whole, and RST_STREAM NO_ERROR asks for no more of the request",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/ok")), data(1, "so much"));
      expect((await peer.message(1)).body).toBe("ok");
      expect(codeOf(await peer.reset(1))).toBe("NO_ERROR");
      peer.send(data(1, " more"));
      await peer.roundTrip();
      expect(peer.frames.filter(({ type }) => type === TYPE.GOAWAY)).toEqual([]);
    },
  },
  {
    section: "8.1.1",
    when: "malformed requests of every kind in a row",
    role: "server",
    does: "never reach who answers",
    async run() {
      const { address, requests } = await serving();
      const peer = await client(address);
      const wrong: readonly Pair[] = [
        ["X-Up", "v"],
        ["x a", "v"],
        ["x-a", "v\r\nx: y"],
        ["connection", "close"],
        ["te", "gzip"],
        [":late", "v"],
      ];
      for (const [i, pair] of wrong.entries()) peer.send(headers(2 * i + 1, get("/ok", pair), { end: true }));
      for (const i of wrong.keys()) expect(codeOf(await peer.reset(2 * i + 1))).toBe("PROTOCOL_ERROR");
      await peer.roundTrip();
      expect(requests).toEqual([]);
    },
  },
  {
    section: "8.2.3",
    when: "a Cookie in crumbs",
    role: "server",
    does: "is one field, joined by a semicolon and a space",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const crumbs: readonly Pair[] = [
        ["cookie", "a=b"],
        ["x-a", "v"],
        ["cookie", "c=d; e=f"],
        ["cookie", "g=h"],
      ];
      peer.send(headers(1, get("/show", ...crumbs), { end: true }));
      expect((await peer.message(1)).body.split("\n").filter((line) => line.startsWith("cookie"))).toEqual([
        "cookie: a=b; c=d; e=f; g=h",
      ]);
    },
  },
  {
    section: "8.3.1",
    when: "what a request says of itself",
    role: "server",
    does: "is read as it was written",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, request("PATCH", "/show/it?q=%20", ["x-a", "v"]), { end: true }));
      expect((await peer.message(1)).body).toMatch(/^PATCH \/show\/it\?q=%20 a http\n(?:.*\n)*x-a: v$/);
    },
  },
  {
    section: "8.7",
    when: "a stream above the limit",
    role: "server",
    does: "REFUSED_STREAM says that nobody has seen it, and nobody has",
    async run() {
      const { address, requests } = await serving({ http2: { maxStreams: 1 } });
      const peer = await client(address);
      peer.send(headers(1, post("/hold/1")), headers(3, post("/hold/3")), data(3, "x", { end: true }));
      expect(codeOf(await peer.reset(3))).toBe("REFUSED_STREAM");
      await peer.roundTrip();
      expect(requests).toEqual(["/hold/1"]);
    },
  },
  {
    section: "RFC 8441 4",
    when: "CONNECT with a protocol, and DATA both ways",
    role: "server",
    does: "is a request with a body, and an answer with one",
    async run() {
      const { address, exchanges } = await serving();
      const peer = await client(address);
      const fields = request("CONNECT", "/echo", [":protocol", "websocket"]);
      peer.send(headers(1, fields), data(1, "hello", { end: true }));
      expect(await peer.message(1)).toMatchObject({ status: "200", body: "hello" });
      expect(exchanges[0]?.head).toMatchObject({ method: "CONNECT", protocol: "websocket", target: "/echo" });
    },
  },
  {
    section: "RFC 7541 4.2",
    when: "two changes of the table's size before a request, and fields put into it",
    role: "server",
    does: "the table is as the last one says",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      const filling = Buffer.concat([tableSize(0), tableSize(100), get("/ok"), literal("x-a", "one", 0x40)]);
      peer.send(headers(1, filling, { end: true }));
      peer.send(headers(3, Buffer.concat([get("/show"), Buffer.of(0xbe), literal("x-b", "two", 0x40)]), { end: true }));
      expect((await peer.message(3)).body).toContain("x-a: one\nx-b: two");
      // 100 bytes hold two entries of 38 bytes: the third drops the first.
      peer.send(headers(5, Buffer.concat([get("/ok"), literal("x-c", "three", 0x40)]), { end: true }));
      peer.send(headers(7, Buffer.concat([get("/show"), Buffer.of(0xbf)]), { end: true }));
      expect((await peer.message(7)).body).toContain("x-b: two");
      peer.send(headers(9, Buffer.concat([get("/show"), Buffer.of(0xc0)]), { end: true }));
      expect(codeOf(await peer.goaway())).toBe("COMPRESSION_ERROR");
    },
  },
];

export const SERVER_STORIES: readonly Story[] = [...BEGINNINGS, ...FRAMES, ...MESSAGES];
