import { expect } from "vitest";
import { block, get, literal, post, status, text } from "../field-block.ts";
import {
  codeOf,
  continuation,
  data,
  frame,
  headers,
  ping,
  reset,
  SETTING,
  settings,
  TYPE,
  windowUpdate,
} from "../frames.ts";
import { client, pieces } from "../raw-peer.ts";
import { connectionError, IGNORED, type Rule, type Story, streamError } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";

const MOST = 16_384;

/** RFC 9113 4: frames, their sizes, and blocks of fields. */
export const FRAMES: readonly (Rule | Story)[] = [
  {
    section: "4.1",
    when: "a frame of an unknown type on the connection",
    sends: () => frame(0x42, 0xff, 0, "whatever"),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "a frame of an unknown type on an open stream",
    sends: ({ stream }) => frame(0x42, 0xff, stream, "whatever"),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "an empty frame of an unknown type",
    sends: ({ stream }) => frame(0xff, 0, stream),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "PING with flags that mean nothing",
    sends: () => frame(TYPE.PING, 0xfe, 0, "flagsful"),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "SETTINGS with flags that mean nothing",
    sends: () => frame(TYPE.SETTINGS, 0xfe, 0),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "DATA with flags that mean nothing",
    sends: ({ stream }) => data(stream, "x", { flags: 0xf6 }),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "WINDOW_UPDATE with flags that mean nothing",
    sends: ({ stream }) => frame(TYPE.WINDOW_UPDATE, 0xff, stream, "\0\0\0\x01"),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "HEADERS with flags that mean nothing",
    state: "waiting",
    sends: ({ stream, head }) => headers(stream, head, { flags: 0xd2 }),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "CONTINUATION with flags that mean nothing",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), frame(TYPE.CONTINUATION, 0xff, stream, "")]),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "PRIORITY and RST_STREAM with flags that mean nothing",
    sends: ({ stream }) =>
      Buffer.concat([
        frame(TYPE.PRIORITY, 0xff, stream, "\0\0\0\0\x0f"),
        frame(TYPE.RST_STREAM, 0xff, stream, "\0\0\0\x08"),
      ]),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "HEADERS with the reserved bit of its stream set",
    state: "waiting",
    sends: ({ stream, head }) => headers((stream + 2 ** 31) >>> 0, head),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "DATA with the reserved bit of its stream set",
    sends: ({ stream }) => data((stream + 2 ** 31) >>> 0, "x"),
    verdict: IGNORED,
  },
  {
    section: "4.1",
    when: "PING with the reserved bit of its stream set",
    sends: () => frame(TYPE.PING, 0, 2 ** 31, "reserved"),
    verdict: IGNORED,
  },
  {
    section: "4.2",
    when: "DATA of 16,384 bytes",
    sends: ({ stream }) => data(stream, "x".repeat(MOST)),
    verdict: IGNORED,
  },
  {
    section: "4.2",
    when: "SETTINGS of 16,380 bytes and a frame of an unknown type of 16,384",
    sends: () =>
      Buffer.concat([frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(MOST - 4)), frame(0x42, 0, 0, Buffer.alloc(MOST))]),
    verdict: IGNORED,
  },
  {
    section: "4.2",
    when: "DATA of 16,385 bytes",
    sends: ({ stream }) => data(stream, "x".repeat(MOST + 1)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "HEADERS of 16,385 bytes",
    state: "waiting",
    sends: ({ stream }) => frame(TYPE.HEADERS, 4, stream, Buffer.alloc(MOST + 1)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "CONTINUATION of 16,385 bytes",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([
        headers(stream, head, { endHeaders: false }),
        frame(TYPE.CONTINUATION, 4, stream, Buffer.alloc(MOST + 1)),
      ]),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "SETTINGS of 16,386 bytes",
    sends: () => frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(MOST + 2)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "a frame of an unknown type of 16,385 bytes",
    sends: () => frame(0x42, 0, 0, Buffer.alloc(MOST + 1)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "HEADERS with a priority, too short for one",
    state: "waiting",
    sends: ({ stream }) => frame(TYPE.HEADERS, 0x24, stream, "\0\0\0\0"),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "padded HEADERS without the length of the padding",
    state: "waiting",
    sends: ({ stream }) => frame(TYPE.HEADERS, 0x0c, stream),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.2",
    when: "padded DATA without the length of the padding",
    sends: ({ stream }) => frame(TYPE.DATA, 0x08, stream),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "4.3",
    when: "a block that ends inside a field",
    state: "waiting",
    sends: ({ stream, head }) => headers(stream, head.subarray(0, head.length - 1), { end: true }),
    verdict: connectionError("COMPRESSION_ERROR"),
  },
  {
    section: "4.3",
    when: "a block with an index of nothing, in trailers",
    sends: ({ stream }) => headers(stream, Buffer.of(0xff, 0x80, 0x01), { end: true }),
    verdict: connectionError("COMPRESSION_ERROR"),
  },
  {
    section: "4.3",
    when: "a block that cannot be decoded, on a stream that weft has reset",
    state: "reset by weft",
    sends: ({ stream }) => headers(stream, Buffer.of(0x80), { end: true }),
    verdict: connectionError("COMPRESSION_ERROR"),
  },
  {
    section: "4.3",
    when: "a malformed block, as a whole request",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, Buffer.concat([get(), literal("X", "upper")]), { end: true }),
    verdict: streamError("PROTOCOL_ERROR"),
  },
  {
    section: "4.3",
    when: "PING between HEADERS and CONTINUATION",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), ping(), continuation(stream)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "4.3",
    when: "SETTINGS between HEADERS and CONTINUATION",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), settings(), continuation(stream)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "4.3",
    when: "a block in which a name is cut by the frame's end, and goes on in CONTINUATION",
    state: "waiting",
    sends: ({ stream, head, role }) => {
      const whole = Buffer.concat([head, Buffer.of(0x00), text("x-long"), text("value")]);
      const end = role === "server";
      return Buffer.concat([
        headers(stream, whole.subarray(0, head.length + 4), { endHeaders: false, end }),
        continuation(stream, whole.subarray(head.length + 4)),
      ]);
    },
    verdict: IGNORED,
  },
  {
    section: "4.3",
    when: "an empty HEADERS whose block is all in CONTINUATION",
    state: "waiting",
    sends: ({ stream, head, role }) =>
      Buffer.concat([
        headers(stream, block(), { endHeaders: false, end: role === "server" }),
        continuation(stream, head),
      ]),
    verdict: IGNORED,
  },
  {
    section: "4.3.1",
    when: "a table that is made larger than 4,096 bytes",
    state: "waiting",
    sends: ({ stream, head }) => headers(stream, Buffer.concat([Buffer.of(0x3f, 0xe2, 0x1f), head])),
    verdict: connectionError("COMPRESSION_ERROR"),
  },
  {
    section: "4.3.1",
    when: "a table that is made smaller and as large again",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, Buffer.concat([Buffer.of(0x20, 0x3f, 0xe1, 0x1f), status(200)])),
    verdict: IGNORED,
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
    section: "4.3",
    when: "fields put into the table by requests that are refused: for want of room, and as too long",
    role: "server",
    does: "are there for the next request",
    async run() {
      const { address, requests } = await serving({ http2: { maxStreams: 1 } });
      const peer = await client(address);
      peer.send(headers(1, post("/hold")));
      peer.send(headers(3, Buffer.concat([get("/ok"), literal("x-late", "kept", 0x40)]), { end: true }));
      expect(codeOf(await peer.reset(3))).toBe("REFUSED_STREAM");
      peer.send(reset(1));
      const long = Buffer.concat([get("/ok", ["x-long", "v".repeat(17_000)]), literal("x-more", "too", 0x40)]);
      peer.send(
        headers(5, long.subarray(0, 9_000), { endHeaders: false, end: true }),
        continuation(5, long.subarray(9_000)),
      );
      expect((await peer.message(5)).status).toBe("431");
      peer.send(headers(7, Buffer.concat([get("/show"), Buffer.of(0xbf, 0xbe)]), { end: true }));
      expect((await peer.message(7)).body).toContain("x-late: kept\nx-more: too");
      expect(requests).toEqual(["/hold", "/show"]);
    },
  },
  {
    section: "4.3",
    when: "a field put into the table by HEADERS behind the end of the stream",
    role: "server",
    does: "is there for the next request",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }));
      peer.send(headers(1, literal("x-late", "kept", 0x40), { end: true }));
      expect(codeOf(await peer.reset(1))).toBe("STREAM_CLOSED");
      peer.send(headers(3, Buffer.concat([get("/show"), Buffer.of(0xbe)]), { end: true }));
      expect((await peer.message(3)).body).toContain("x-late: kept");
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
];
