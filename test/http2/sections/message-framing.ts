import { Fields } from "@weft/http";
import { expect } from "vitest";
import { HandedOut } from "../calling.ts";
import { block, get, post, request, status } from "../field-block.ts";
import { codeOf, CODES, data, headers, reset, TYPE } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { answered, IGNORED, type Rule, type Story, streamError } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";
import { MALFORMED, TRAILERS } from "../whole-messages.ts";

/** RFC 9113 8.1: how frames make messages. */
export const MESSAGE_FRAMING: readonly (Rule | Story)[] = [
  {
    section: "8.1",
    when: "a request with a field that nobody knows",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) => headers(stream, get("/ok", ["x-more", "y"]), { end: true }),
    verdict: answered(200),
  },
  {
    section: "8.1",
    when: "a body and trailers",
    state: "waiting",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, post("/echo")), data(stream, "hi"), headers(stream, TRAILERS, { end: true })]),
    verdict: answered(200),
  },
  {
    section: "8.1",
    when: "HEADERS a second time without END_STREAM",
    sends: ({ stream }) => headers(stream, TRAILERS),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "DATA behind trailers",
    roles: ["server"],
    sends: ({ stream }) => Buffer.concat([headers(stream, TRAILERS, { end: true }), data(stream, "x")]),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "8.1",
    when: "trailers a second time",
    roles: ["server"],
    sends: ({ stream }) =>
      Buffer.concat([headers(stream, TRAILERS, { end: true }), headers(stream, TRAILERS, { end: true })]),
    verdict: streamError("STREAM_CLOSED"),
  },
  {
    section: "8.1",
    when: "a pseudo-header in trailers",
    sends: ({ stream }) => headers(stream, block(["x-sum", "5"], [":path", "/"]), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: ":status in trailers",
    sends: ({ stream }) => headers(stream, block([":status", "200"]), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "interim answers before the final one",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) =>
      Buffer.concat([
        headers(stream, status(100)),
        headers(stream, status(103, ["link", "</a>"])),
        headers(stream, status(103)),
        headers(stream, status(200)),
      ]),
    verdict: IGNORED,
  },
  {
    section: "8.1",
    when: "an interim answer with END_STREAM",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, status(103), { end: true }),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "an interim answer behind the final one",
    roles: ["client"],
    sends: ({ stream }) => headers(stream, status(103)),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "DATA before HEADERS of the answer",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => data(stream, "x"),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "DATA behind an interim answer",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => Buffer.concat([headers(stream, status(103)), data(stream, "x")]),
    verdict: MALFORMED,
  },
  {
    section: "8.1",
    when: "END_STREAM without an answer",
    state: "waiting",
    roles: ["client"],
    sends: ({ stream }) => data(stream, "", { end: true }),
    verdict: MALFORMED,
  },
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
];
