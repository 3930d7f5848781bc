import { expect } from "vitest";
import { get } from "../field-block.ts";
import { codeOf, frame, headers, PREFACE, SETTING, settings, settingsAck, TYPE } from "../frames.ts";
import { client, isAck, pieces, rawClient, settingsOf } from "../raw-peer.ts";
import { connectionError, IGNORED, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { stage } from "../stage.ts";

/** RFC 9113 6.5. */
export const SETTINGS: readonly (Rule | Story)[] = [
  {
    section: "6.5",
    when: "SETTINGS with ACK and a payload",
    sends: () => frame(TYPE.SETTINGS, 1, 0, Buffer.alloc(6)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS on a stream",
    sends: ({ stream }) => frame(TYPE.SETTINGS, 0, stream),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS with ACK on a stream",
    sends: ({ stream }) => frame(TYPE.SETTINGS, 1, stream),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS of five bytes",
    sends: () => frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(5)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.5",
    when: "SETTINGS of seven bytes",
    sends: () => frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(7)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 2",
    sends: () => settings([SETTING.ENABLE_PUSH, 2]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 0 and of 1, from a client",
    roles: ["server"],
    sends: () => settings([SETTING.ENABLE_PUSH, 1], [SETTING.ENABLE_PUSH, 0], [SETTING.ENABLE_PUSH, 1]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 0, from a server",
    roles: ["client"],
    sends: () => settings([SETTING.ENABLE_PUSH, 0]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "ENABLE_PUSH of 1, from a server",
    roles: ["client"],
    sends: () => settings([SETTING.ENABLE_PUSH, 1]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "INITIAL_WINDOW_SIZE of 2^31",
    sends: () => settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31]),
    verdict: connectionError("FLOW_CONTROL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "INITIAL_WINDOW_SIZE of 2^31 - 1",
    sends: () => settings([SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "MAX_FRAME_SIZE of 16,383",
    sends: () => settings([SETTING.MAX_FRAME_SIZE, 16_383]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "MAX_FRAME_SIZE of 2^24",
    sends: () => settings([SETTING.MAX_FRAME_SIZE, 2 ** 24]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.2",
    when: "MAX_FRAME_SIZE of 16,384 and of 2^24 - 1",
    sends: () => settings([SETTING.MAX_FRAME_SIZE, 2 ** 24 - 1], [SETTING.MAX_FRAME_SIZE, 16_384]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "HEADER_TABLE_SIZE of 2^32 - 1, MAX_HEADER_LIST_SIZE of 0",
    sends: () => settings([SETTING.HEADER_TABLE_SIZE, 2 ** 32 - 1], [SETTING.MAX_HEADER_LIST_SIZE, 0]),
    verdict: IGNORED,
  },
  {
    section: "6.5.2",
    when: "a bad value behind a good one of the same setting",
    sends: () => settings([SETTING.ENABLE_PUSH, 0], [SETTING.ENABLE_PUSH, 7]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.5.3",
    when: "SETTINGS with ACK that acknowledge nothing",
    sends: () => settingsAck(),
    verdict: IGNORED,
  },
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
];
