import type { Duplex } from "node:stream";
import { NO_FIELDS } from "@weft/http";
import { expect } from "vitest";
import { block, type Pair, request, status } from "../field-block.ts";
import { HandedOut } from "../calling.ts";
import { codeOf, data, headers, SETTING, TYPE } from "../frames.ts";
import { client, type RawPeer } from "../raw-peer.ts";
import { answered, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";
import { asked, replied } from "../whole-messages.ts";

const M: Pair = [":method", "GET"];
const S: Pair = [":scheme", "http"];
const A: Pair = [":authority", "a"];
const P: Pair = [":path", "/ok"];

/** RFC 9113 8.5 and 8.6, RFC 8441: CONNECT, with a protocol and without, and what became of Upgrade. */
export const CONNECTS: readonly (Rule | Story)[] = [
  replied("8.6", ":status of 101", status(101)),
  asked("8.5", "CONNECT with :authority alone", block([":method", "CONNECT"], [":authority", "a:80"]), answered(200)),
  asked("8.5", "CONNECT with :path", block([":method", "CONNECT"], [":authority", "a:80"], [":path", "/"])),
  asked("8.5", "CONNECT with :scheme", block([":method", "CONNECT"], [":authority", "a:80"], [":scheme", "http"])),
  asked("8.5", "CONNECT with :scheme and :path", block([":method", "CONNECT"], S, [":authority", "a:80"], P)),
  asked("8.5", "CONNECT without :authority", block([":method", "CONNECT"], ["host", "a:80"])),
  asked("8.5", "CONNECT without a port", block([":method", "CONNECT"], [":authority", "a"])),
  {
    section: "8.5",
    when: "END_STREAM on a stream that has become a tunnel",
    role: "server",
    does: "ends that half alone",
    async run() {
      const { peer, socket } = await tunnel();
      socket.on("end", () => socket.end("and mine"));
      peer.send(data(1, "my half", { end: true }));
      expect(await peer.message(1)).toMatchObject({ status: "200", body: "and mine" });
      await peer.roundTrip();
      expect(peer.frames.filter(({ type }) => type === TYPE.RST_STREAM)).toEqual([]);
    },
  },
  {
    section: "8.5",
    when: "HEADERS on a stream that has become a tunnel",
    role: "server",
    does: "stream error PROTOCOL_ERROR",
    async run() {
      const { peer, socket } = await tunnel();
      const closed = new Promise((resolve) => socket.once("close", resolve));
      peer.send(data(1, "bytes"), headers(1, block(["x-sum", "5"]), { end: true }));
      expect(codeOf(await peer.reset(1))).toBe("PROTOCOL_ERROR");
      await closed;
    },
  },
  {
    section: "8.5",
    when: "HEADERS on a stream that has become one by CONNECT with a protocol",
    role: "server",
    does: "stream error PROTOCOL_ERROR",
    async run() {
      const { address, requests, left, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, request("CONNECT", "/hold", [":protocol", "websocket"])));
      await until(() => requests.length === 1);
      peer.send(headers(1, block(["x-sum", "5"]), { end: true }));
      expect(codeOf(await peer.reset(1))).toBe("PROTOCOL_ERROR");
      await until(() => left.length === 1);
    },
  },
  {
    section: "8.5",
    when: "HEADERS on a stream that has become one by CONNECT with a protocol",
    role: "client",
    does: "stream error PROTOCOL_ERROR, and the tunnel ends broken",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const lines = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
      const heard = call(endpoint, { body: new HandedOut(), lines, upgrades: true });
      const peer = await accepted(0, [SETTING.ENABLE_CONNECT_PROTOCOL, 1]);
      const { stream, fields } = await requestOf(peer, "/");
      expect(fields).toContainEqual([":protocol", "websocket"]);
      peer.send(
        headers(stream, status(200)),
        data(stream, "bytes"),
        headers(stream, block(["x-sum", "5"]), { end: true }),
      );
      expect(codeOf(await peer.reset(stream))).toBe("PROTOCOL_ERROR");
      expect(await heard.over()).toMatchObject({ body: "bytes", failure: { code: "PROTOCOL_ERROR" } });
    },
  },
  {
    section: "8.5",
    when: "a tunnel whose other connection is reset",
    role: "server",
    does: "resets the stream: CONNECT_ERROR",
    async run() {
      const { peer, socket } = await tunnel();
      socket.destroy();
      expect(codeOf(await peer.reset(1))).toBe("CONNECT_ERROR");
    },
  },
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol, :scheme, :path and :authority",
    block([":method", "CONNECT"], [":protocol", "websocket"], S, P, A),
    answered(200),
  ),
  asked("RFC 8441 4", "CONNECT with :protocol, without :path", block([":method", "CONNECT"], [":protocol", "x"], S, A)),
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol, without :scheme",
    block([":method", "CONNECT"], [":protocol", "x"], P, A),
  ),
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol, without :authority",
    block([":method", "CONNECT"], [":protocol", "x"], S, P),
  ),
  asked("RFC 8441 4", "GET with :protocol", block(M, [":protocol", "websocket"], S, A, P)),
  asked(
    "RFC 8441 4",
    "CONNECT with :protocol twice",
    block([":method", "CONNECT"], [":protocol", "x"], [":protocol", "x"], S, P, A),
  ),
  replied("RFC 8441 4", ":protocol in a response", status(200, [":protocol", "x"])),
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
];

/** A CONNECT that was answered 200, and what its stream is to the handler from then on. */
async function tunnel(): Promise<{ readonly peer: RawPeer; readonly socket: Duplex }> {
  const sockets: Duplex[] = [];
  const beside = await serving({
    handle: (exchange) => void sockets.push(exchange.upgrade(200, "", NO_FIELDS).socket.resume()),
  });
  const peer = await client(beside.address);
  peer.send(headers(1, block([":method", "CONNECT"], [":authority", "a:80"])));
  await peer.frame(({ type, stream }) => type === TYPE.HEADERS && stream === 1);
  return { peer, socket: sockets[0]! }; // the answer came by it
}
