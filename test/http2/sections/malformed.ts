import { expect } from "vitest";
import { get, type Pair, post, request, status } from "../field-block.ts";
import { codeOf, data, headers } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { answered, connectionError, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";
import { asked, field, MALFORMED, TRAILERS } from "../whole-messages.ts";

/** RFC 9113 8.1.1: messages that do not keep their word. */
export const MALFORMED_MESSAGES: readonly (Rule | Story)[] = [
  {
    section: "8.1.1",
    when: "less content than Content-Length says",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/hold", ["content-length", "5"])), data(stream, "four", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "more content than Content-Length says",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/hold", ["content-length", "3"])), data(stream, "four", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "more content than Content-Length says, in two DATA frames",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, post("/hold", ["content-length", "6"])),
        data(stream, "four"),
        data(stream, "four", { end: true }),
      ]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "more content than Content-Length says, without an end",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/hold", ["content-length", "3"])), data(stream, "four")]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "less content than Content-Length says, and trailers",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, post("/hold", ["content-length", "5"])),
        data(stream, "four"),
        headers(stream, TRAILERS, { end: true }),
      ]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "as much content as Content-Length says, in two padded DATA frames",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, post("/echo", ["content-length", "8"])),
        data(stream, "four", { pad: 9 }),
        data(stream, "four", { pad: 0, end: true }),
      ]),
    verdict: answered(200),
  },
  asked("8.1.1", "Content-Length of 5, and the end in HEADERS", post("/hold", ["content-length", "5"])),
  asked("8.1.1", "Content-Length of 0, and the end in HEADERS", post("/ok", ["content-length", "0"]), answered(200)),
  {
    section: "8.1.1",
    when: "an answer with less content than Content-Length says",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, status(200, ["content-length", "5"])), data(stream, "four", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "an answer with more content than Content-Length says",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => Buffer.concat([headers(stream, status(200, ["content-length", "3"])), data(stream, "four")]),
    verdict: MALFORMED,
  },
  ...[
    ["is no number", "five"],
    ["has a sign", "+5"],
    ["is empty", ""],
    ["is a list of two", "5, 6"],
    ["is too large to count", "99999999999999999999"],
  ].flatMap(([what, value = ""]) => field("8.1.1", `Content-Length that ${what}`, ["content-length", value])),
  ...field("8.1.1", "two Content-Lengths that differ", ["content-length", "0"], ["content-length", "1"]),
  asked(
    "10.5.1",
    "a request of 101 fields",
    request("GET", "/ok", ...Array.from({ length: 101 }, (_, i): Pair => [`x-${i}`, "v"])),
    answered(431),
  ),
  {
    section: "8.1.1",
    when: "HEADERS of a malformed request, then DATA of it",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/ok", ["X-Up", "v"])), data(stream, "x", { end: true })]),
    verdict: MALFORMED,
  },
  {
    section: "8.1.1",
    when: "a block that cannot be decoded behind a malformed field",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, Buffer.concat([get("/ok", ["X-Up", "v"]), Buffer.of(0x80)]), { end: true }),
    verdict: connectionError("COMPRESSION_ERROR"),
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
];
