import { expect } from "vitest";
import { get, post } from "../field-block.ts";
import { continuation, data, frame, headers, ping, priority, reset, settings, TYPE } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { answered, connectionError, IGNORED, type Rule, type Story, streamError } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";

/** RFC 9113 5.3 to 5.5, and 7: priorities, errors, extensions, unknown codes. */
export const ERRORS: readonly (Rule | Story)[] = [
  {
    section: "5.3.2",
    when: "HEADERS with a priority",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, priority: { dependsOn: 0, weight: 255, exclusive: true } }),
    verdict: answered(200),
  },
  {
    section: "5.3.2",
    when: "HEADERS with a priority that depends on a stream that nobody knows",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, priority: { dependsOn: 99, weight: 0, exclusive: false } }),
    verdict: answered(200),
  },
  {
    section: "5.3.2",
    when: "HEADERS with a priority that depends on its own stream, as RFC 7540 forbade",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      headers(stream, get(), { end: true, priority: { dependsOn: stream, weight: 0, exclusive: false } }),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.3.2",
    when: "PRIORITY that depends on its own stream, as RFC 7540 forbade",
    sends: ({ stream }) => priority(stream, stream),
    verdict: streamError("PROTOCOL_ERROR"),
  },
  {
    section: "5.3.2",
    when: "PRIORITY_UPDATE of RFC 9218",
    sends: ({ stream }) => frame(TYPE.PRIORITY_UPDATE, 0, 0, Buffer.from([0, 0, 0, stream, 0x75, 0x3d, 0x31])),
    verdict: IGNORED,
  },
  {
    section: "5.4.2",
    when: "RST_STREAM of an open stream, to which no RST_STREAM is sent",
    sends: ({ stream }) => reset(stream, 0),
    verdict: IGNORED,
  },
  {
    section: "5.5",
    when: "a frame of an unknown type on a stream that nobody knows",
    sends: () => frame(0x42, 0, 777, "x"),
    verdict: IGNORED,
  },
  {
    section: "5.5",
    when: "a setting that nobody knows",
    sends: () => settings([0xff, 1], [0x0, 0xffffffff]),
    verdict: IGNORED,
  },
  {
    section: "5.5",
    when: "a frame of an unknown type between HEADERS and CONTINUATION",
    state: "waiting",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false }), frame(0x42, 0, stream), continuation(stream)]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.5",
    when: "a frame of an unknown type in the middle of trailers",
    sends: ({ stream, head }) =>
      Buffer.concat([headers(stream, head, { endHeaders: false, end: true }), frame(0x42, 0, 0), ping()]),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "7",
    when: "RST_STREAM with a code that nobody knows",
    sends: ({ stream }) => reset(stream, 0xffffffff),
    verdict: IGNORED,
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
