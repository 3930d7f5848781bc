import { Fields, NO_FIELDS } from "@weft/http";
import { expect } from "vitest";
import { DEFAULT_HEAD_LIMITS, parseResponseHead } from "../../http/ours.ts";
import { HandedOut } from "../calling.ts";
import { get, post } from "../field-block.ts";
import { data, headers, reset, SETTING, TYPE, windowUpdate } from "../frames.ts";
import { client, pieces } from "../raw-peer.ts";
import type { Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";

const LONG = "v".repeat(40_000);
const WIDE = [SETTING.INITIAL_WINDOW_SIZE, 2 ** 20] as const;

/** What a sender owes. Whatever else it sends, in every test here, `SentFrames` looks at. */
export const OWN_MESSAGES: readonly Story[] = [
  {
    section: "4.2",
    when: "an answer of 100,000 bytes, into windows that take it",
    role: "server",
    does: "sends no frame above 16,384 bytes",
    async run() {
      const { address } = await serving();
      const peer = await client(address, WIDE);
      peer.send(windowUpdate(0, 2 ** 20), headers(1, get("/bytes/100000"), { end: true }));
      expect((await peer.message(1)).body).toHaveLength(100_000);
      expect(Math.max(...pieces(peer, 1))).toBe(16_384);
    },
  },
  {
    section: "4.2",
    when: "an answer that is text of 20,000 bytes, into windows that take it",
    role: "server",
    does: "sends no frame above 16,384 bytes",
    async run() {
      const { address } = await serving({
        handle: (exchange) => exchange.respond(200, "", NO_FIELDS, "x".repeat(20_000), 20_000),
      });
      const peer = await client(address);
      peer.send(headers(1, get(), { end: true }));
      expect((await peer.message(1)).body).toHaveLength(20_000);
      expect(Math.max(...pieces(peer, 1))).toBe(16_384);
    },
  },
  {
    section: "4.3",
    when: "a head of 40,000 bytes beside other answers",
    role: "server",
    does: "is HEADERS and CONTINUATION without another frame between",
    async run() {
      const { address } = await serving({
        handle: (exchange) => exchange.respond(200, "", Fields.ofList(["x-long", LONG]), "ok", 2),
      });
      const peer = await client(address);
      for (const stream of [1, 3, 5]) peer.send(headers(stream, get(), { end: true }));
      for (const stream of [1, 3, 5]) {
        expect((await peer.message(stream)).fields.get("x-long")).toBe(LONG);
        const first = peer.frames.findIndex((one) => one.type === TYPE.HEADERS && one.stream === stream);
        const types = peer.frames.slice(first, first + 3).map((one) => [one.type, one.stream, one.payload.length > 0]);
        expect(types).toEqual([TYPE.HEADERS, TYPE.CONTINUATION, TYPE.CONTINUATION].map((type) => [type, stream, true]));
      }
    },
  },
  {
    section: "4.2",
    when: "a body of 100,000 bytes, into windows that take it",
    role: "client",
    does: "sends no frame above 16,384 bytes",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      call(endpoint, { method: "POST", body });
      const peer = await accepted(0, WIDE);
      const { stream } = await requestOf(peer, "/");
      peer.send(windowUpdate(0, 2 ** 20));
      await peer.roundTrip();
      body.give("x".repeat(100_000));
      body.end();
      expect((await peer.message(stream)).body).toHaveLength(100_000);
      expect(Math.max(...pieces(peer, stream))).toBe(16_384);
    },
  },
  {
    section: "6.4",
    when: "RST_STREAM while an answer waits for a window",
    role: "server",
    does: "sends nothing more of it when there is room",
    async run() {
      const { address, until, left } = await serving();
      const peer = await client(address, WIDE);
      peer.send(headers(1, get("/bytes/100000"), { end: true }));
      await peer.receives(1, 65_535);
      peer.send(reset(1));
      await until(() => left.length === 1);
      peer.send(windowUpdate(1, 1_000), windowUpdate(0, 1_000));
      await peer.roundTrip();
      expect(peer.received(1)).toBe(65_535);
      expect(peer.frames.filter((one) => one.stream === 1 && one.type === TYPE.RST_STREAM)).toEqual([]);
    },
  },
  {
    section: "6.4",
    when: "RST_STREAM before the answer",
    role: "server",
    does: "sends none, nor an interim one, nor more room for the body",
    async run() {
      const { address, until, left, exchanges } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/hold", ["expect", "100-continue"])), data(1, "x".repeat(16_000)), reset(1));
      await peer.roundTrip();
      peer.send(headers(3, post("/hold")));
      await until(() => exchanges.some(({ head }) => head.target === "/hold"));
      peer.send(data(3, "x".repeat(16_000)), reset(3));
      await until(() => left.length > 0);
      for (const exchange of exchanges) {
        exchange.continue();
        exchange.inform(103, "", NO_FIELDS);
        exchange.respond(200, "", NO_FIELDS, "late", 4);
      }
      await peer.roundTrip();
      expect(peer.frames.filter(({ stream }) => stream !== 0)).toEqual([]);
    },
  },
  {
    section: "6.4",
    when: "RST_STREAM while the request's body waits for a window",
    role: "client",
    does: "sends nothing more of it when there is room",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const body = new HandedOut();
      const heard = call(endpoint, { method: "POST", body });
      const peer = await accepted(0, WIDE);
      const { stream } = await requestOf(peer, "/");
      await peer.roundTrip();
      body.give("x".repeat(100_000));
      await peer.receives(stream, 65_535);
      peer.send(reset(stream));
      await heard.over();
      const before = peer.frames.length;
      peer.send(windowUpdate(stream, 1_000), windowUpdate(0, 1_000));
      body.give("more");
      body.end();
      await peer.roundTrip();
      expect(peer.frames.slice(before).filter((one) => one.stream === stream)).toEqual([]);
      expect(body.cancelled).toBe(true);
    },
  },
  {
    section: "8.2",
    when: "an answer that came with upper-case names, Connection and trailers",
    role: "server",
    does: "is sent with lower-case names, and without what concerns a connection",
    async run() {
      const { address } = await serving({
        handle(exchange) {
          const body = new HandedOut();
          exchange.stream(200, "", answerOf("X-Name: Value\r\nConnection: x-hop, close\r\nX-Hop: 1\r\n"), body);
          body.give("ok");
          body.end(Fields.ofLines("X-Sum: 5\r\n"));
        },
      });
      const peer = await client(address);
      peer.send(headers(1, get(), { end: true }));
      const { fields, trailers } = await peer.message(1);
      expect([...fields]).toEqual([
        [":status", "200"],
        ["x-name", "Value"],
      ]);
      expect([...(trailers ?? [])]).toEqual([["x-sum", "5"]]);
    },
  },
  {
    section: "8.3.1",
    when: "a request for http://b:81 that came with the Host a",
    role: "client",
    does: "has the :authority b:81 and the :path /, and no Host",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { path: "http://b:81" });
      const { fields } = await requestOf(await accepted(), "/");
      expect(fields).toContainEqual([":authority", "b:81"]);
      expect(fields?.map(([name]) => name)).not.toContain("host");
    },
  },
  {
    section: "8.3.1",
    when: "OPTIONS of *, and of http://b",
    role: "client",
    does: "have the :path *",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { method: "OPTIONS", path: "*" });
      const peer = await accepted();
      await requestOf(peer, "*");
      call(endpoint, { method: "OPTIONS", path: "http://b" });
      const second = await peer.frame(({ type, stream }) => type === TYPE.HEADERS && stream === 3);
      expect(second.fields).toContainEqual([":path", "*"]);
      expect(second.fields).toContainEqual([":authority", "b"]);
    },
  },
  {
    section: "8.3.1",
    when: "a request that came over HTTP/1.0 without Host",
    role: "client",
    does: "has no :authority",
    async run() {
      const { call, endpoint, accepted } = await stage();
      call(endpoint, { startAndHost: "GET / HTTP/1.0\r\n" });
      const { fields } = await requestOf(await accepted(), "/");
      expect(fields?.map(([name]) => name)).not.toContain(":authority");
    },
  },
];

/** Fields of an answer as they are after HTTP/1.1. */
function answerOf(lines: string): Fields {
  const text = Buffer.from(`HTTP/1.1 200 OK\r\n${lines}\r\n`, "latin1");
  const head = parseResponseHead(text, 0, text.length, DEFAULT_HEAD_LIMITS);
  if (head?.kind !== "response") throw new Error("the test's own answer is none");
  return head;
}
