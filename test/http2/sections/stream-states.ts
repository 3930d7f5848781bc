import { expect } from "vitest";
import { get, post } from "../field-block.ts";
import { continuation, data, frame, headers, priority, reset, windowUpdate } from "../frames.ts";
import { client, credit } from "../raw-peer.ts";
import { connectionError, IGNORED, type Rule, type Story, streamError } from "../rule.ts";
import { serving } from "../serving.ts";
import { TRAILERS } from "../whole-messages.ts";

/** RFC 9113 5.1: which frame may come in which state. */
export const STREAM_STATES: readonly (Rule | Story)[] = [
  {
    section: "5.1",
    when: "idle: DATA",
    state: "idle",
    sends: ({ stream }) => data(stream, "x"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: RST_STREAM",
    state: "idle",
    sends: ({ stream }) => reset(stream),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: WINDOW_UPDATE",
    state: "idle",
    sends: ({ stream }) => windowUpdate(stream, 1),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: CONTINUATION",
    state: "idle",
    sends: ({ stream, head }) => continuation(stream, head),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: PRIORITY",
    state: "idle",
    sends: ({ stream }) => priority(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "idle: a frame of an unknown type",
    state: "idle",
    sends: ({ stream }) => frame(0x42, 0, stream, "x"),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "idle: HEADERS of a response to no request",
    state: "idle",
    roles: ["client"],
    sends: ({ stream, head }) => headers(stream, head),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: HEADERS on a stream of the server's own that it has not promised",
    state: "open",
    roles: ["client"],
    sends: ({ head }) => headers(2, head),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: DATA on a stream of the server's own that nobody has promised",
    sends: () => data(2, "x"),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: WINDOW_UPDATE on a stream of the server's own that nobody has promised",
    sends: () => windowUpdate(2, 1),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "idle: RST_STREAM on a stream of the server's own that nobody has promised",
    sends: () => reset(2),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "open: DATA",
    sends: ({ stream }) => data(stream, "x"),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "open: WINDOW_UPDATE",
    sends: ({ stream }) => windowUpdate(stream, 1),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "open: PRIORITY",
    sends: ({ stream }) => priority(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "open: RST_STREAM",
    sends: ({ stream }) => reset(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "open: CONTINUATION behind a block that has ended",
    sends: ({ stream }) => continuation(stream, TRAILERS),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "half-closed (remote): DATA",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: ({ stream }) => data(stream, "x"),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "half-closed (remote): an empty DATA with END_STREAM",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: ({ stream }) => data(stream, "", { end: true }),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "half-closed (remote): HEADERS",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, TRAILERS, { end: true }),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "half-closed (remote): CONTINUATION",
    state: "half-closed (remote)",
    sends: ({ stream }) => continuation(stream, TRAILERS),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "half-closed (remote): WINDOW_UPDATE",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: ({ stream }) => windowUpdate(stream, 1),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "half-closed (remote): PRIORITY",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: ({ stream }) => priority(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "half-closed (remote): RST_STREAM",
    state: "half-closed (remote)",
    roles: ["server"],
    sends: ({ stream }) => reset(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "closed: DATA",
    state: "closed",
    sends: ({ stream }) => data(stream, "x"),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "closed: HEADERS",
    state: "closed",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, TRAILERS, { end: true }),
    verdict: connectionError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "closed: HEADERS",
    state: "closed",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, TRAILERS, { end: true }),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "closed: CONTINUATION",
    state: "closed",
    sends: ({ stream }) => continuation(stream, TRAILERS),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "closed: WINDOW_UPDATE that was on its way",
    state: "closed",
    sends: ({ stream }) => windowUpdate(stream, 1),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "closed: RST_STREAM that was on its way",
    state: "closed",
    sends: ({ stream }) => reset(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "closed: PRIORITY",
    state: "closed",
    sends: ({ stream }) => priority(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "reset by the peer: DATA of it",
    state: "reset by the peer",
    sends: ({ stream }) => data(stream, "x"),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "reset by the peer: HEADERS of it",
    state: "reset by the peer",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, TRAILERS, { end: true }),
    verdict: connectionError("STREAM_CLOSED"),
  },
  {
    section: "5.1",
    when: "reset by the peer: HEADERS of it",
    state: "reset by the peer",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, TRAILERS, { end: true }),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "reset by the peer: PRIORITY of it",
    state: "reset by the peer",
    sends: ({ stream }) => priority(stream),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "reset by the peer: CONTINUATION of it",
    state: "reset by the peer",
    sends: ({ stream }) => continuation(stream, TRAILERS),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "5.1",
    when: "reset by weft: DATA that was on its way",
    state: "reset by weft",
    sends: ({ stream }) => data(stream, "x"),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "reset by weft: HEADERS that were on their way",
    state: "reset by weft",
    sends: ({ stream }) => headers(stream, TRAILERS, { end: true }),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "reset by weft: WINDOW_UPDATE, PRIORITY and RST_STREAM that were on their way",
    state: "reset by weft",
    sends: ({ stream }) => Buffer.concat([windowUpdate(stream, 1), priority(stream), reset(stream)]),
    verdict: IGNORED,
  },
  {
    section: "5.1",
    when: "DATA on streams that weft has reset",
    role: "server",
    does: "counts for the connection's window, and is credited",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      await peer.roundTrip();
      const first = credit(peer, 0);
      // 8 MiB is the connection's window: ten streams of a MiB would not fit without credit.
      let stream = -1;
      for (let mib = 0; mib < 10; mib++) {
        stream += 2;
        peer.send(headers(stream, post("/cut")));
        await peer.reset(stream);
        for (let i = 0; i < 64; i++) peer.send(data(stream, "x".repeat(16_384)));
        await peer.roundTrip();
      }
      expect(credit(peer, 0) - first).toBeGreaterThanOrEqual(2 * 1024 * 1024);
      peer.send(headers(stream + 2, get(), { end: true }));
      expect((await peer.message(stream + 2)).status).toBe("200");
    },
  },
];
