import { expect } from "vitest";
import { post, status } from "../field-block.ts";
import { codeOf, CODES, data, headers, reset, TYPE } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";

/** RFC 9113 7 and 8.7: what a code means, and what was never seen and may be sent again. */
export const RELIABILITY: readonly Story[] = [
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
    section: "8.7",
    when: "a request that was handed on, and is broken off",
    role: "server",
    does: "INTERNAL_ERROR: REFUSED_STREAM is never said of what somebody has seen",
    async run() {
      const { address } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/cut")));
      expect(codeOf(await peer.reset(1))).toBe("INTERNAL_ERROR");
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
  {
    section: "7",
    when: "RST_STREAM with a code that nobody knows, in the place of an answer",
    role: "client",
    does: "the call fails as with INTERNAL_ERROR",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint, { method: "POST" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/");
      peer.send(reset(stream, 0xffffffff));
      expect((await heard.over()).failure).toMatchObject({ sent: "maybe", failure: "reset-before-response" });
    },
  },
  {
    section: "7",
    when: "RST_STREAM with a code that nobody knows, of a request",
    role: "server",
    does: "whoever answers is told that the caller left",
    async run() {
      const { address, requests, left, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/hold")));
      await until(() => requests.length === 1);
      peer.send(reset(1, 0xffffffff));
      await until(() => left.length === 1);
      await peer.roundTrip();
    },
  },
];
