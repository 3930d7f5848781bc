import { expect } from "vitest";
import { get, post } from "../field-block.ts";
import { codeOf, data, frame, headers, reset, SETTING, settings, TYPE } from "../frames.ts";
import { client, settingsOf } from "../raw-peer.ts";
import { connectionError, IGNORED, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";

/** RFC 9113 5.1.1 and 5.1.2: how streams are numbered, and how many there may be. */
export const STREAM_NUMBERS: readonly (Rule | Story)[] = [
  {
    section: "5.1.1",
    when: "HEADERS on an even stream",
    state: "idle",
    roles: ["server"],
    sends: () => headers(2, get(), { end: true }),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1.1",
    when: "HEADERS on a stream that was passed over",
    state: "idle",
    roles: ["server"],
    sends: () => Buffer.concat([headers(5, get("/hold"), { end: true }), headers(3, get(), { end: true })]),
    verdict: connectionError("STREAM_CLOSED"),
  },
  {
    section: "5.1.1",
    when: "streams 1 and 901, with those between passed over",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: () => headers(901, get("/hold"), { end: true }),
    verdict: IGNORED,
  },
  {
    section: "5.1.1",
    when: "a second request on the same stream",
    state: "closed",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, post(), { end: true }),
    verdict: connectionError("STREAM_CLOSED"),
  },
  {
    section: "5.1.1",
    when: "a frame that needs a stream and names none",
    state: "idle",
    sends: ({ head }) => frame(TYPE.HEADERS, 0x05, 0, head),
    verdict: connectionError("PROTOCOL_ERROR"),
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
    section: "5.1.2",
    when: "MAX_CONCURRENT_STREAMS of 0 while a request is under way, and on the next connection",
    role: "client",
    does: "further requests wait, without a third connection, until there is room",
    async run() {
      const all = await stage();
      const { call, endpoint, accepted } = all;
      call(endpoint, { path: "/1" });
      const first = await accepted();
      first.send(settings([SETTING.MAX_CONCURRENT_STREAMS, 0]));
      await first.roundTrip();
      for (let i = 2; i <= 100; i++) call(endpoint, { path: `/${i}` });
      const second = await accepted(1, [SETTING.MAX_CONCURRENT_STREAMS, 0]);
      await second.roundTrip();
      call(endpoint, { path: "/101" });
      await all.time.advance(5_000);
      await second.roundTrip();
      expect(second.frames.filter(({ type }) => type === TYPE.HEADERS)).toEqual([]);
      second.send(settings([SETTING.MAX_CONCURRENT_STREAMS, 250]));
      await requestOf(second, "/101");
      expect(all.connections).toBe(2);
    },
  },
];
