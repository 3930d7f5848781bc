import { expect } from "vitest";
import { get } from "../field-block.ts";
import { codeOf, data, goaway, headers, ping, PREFACE, settings, settingsAck, TYPE, windowUpdate } from "../frames.ts";
import { isAck, rawClient } from "../raw-peer.ts";
import { type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { fresh, requestOf, stage } from "../stage.ts";

const WHOLE = Buffer.concat([PREFACE, settings(), headers(1, get(), { end: true })]);

/** What may not come first. */
const TOO_SOON = [
  ["PING", ping()],
  ["DATA", data(1, "x")],
  ["HEADERS", headers(1, get(), { end: true })],
  ["WINDOW_UPDATE", windowUpdate(0, 1)],
  ["GOAWAY", goaway(0)],
] as const;

/** RFC 9113 3: how a connection begins. */
export const PREFACES: readonly Story[] = [
  {
    section: "3.4",
    when: "the preface and a request in one packet",
    role: "server",
    does: "SETTINGS come first, then their acknowledgement and the answer",
    async run() {
      const peer = await fresh(WHOLE);
      expect(await peer.message(1)).toMatchObject({ status: "200", body: "ok" });
      expect(peer.frames[0]).toMatchObject({ type: TYPE.SETTINGS, flags: 0, stream: 0 });
      expect(peer.frames.filter(isAck)).toHaveLength(1);
    },
  },
  {
    section: "3.4",
    when: "the preface and a request byte by byte",
    role: "server",
    does: "is answered all the same",
    async run() {
      const peer = await fresh();
      for (const byte of WHOLE) {
        peer.send(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      expect(await peer.message(1)).toMatchObject({ status: "200", body: "ok" });
    },
  },
  {
    section: "3.4",
    when: "the preface and a request, cut in two at every byte",
    role: "server",
    does: "is answered all the same",
    async run() {
      const { address } = await serving();
      for (let at = 1; at < WHOLE.length; at++) {
        const peer = rawClient(address);
        peer.send(WHOLE.subarray(0, at));
        for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
        peer.send(WHOLE.subarray(at));
        expect(await peer.message(1)).toMatchObject({ status: "200", body: "ok" });
        peer.close();
      }
    },
  },
  {
    section: "3.4",
    when: "a preface that is none",
    role: "server",
    does: "is read as HTTP/1.1, refused, and the connection ends",
    async run() {
      const peer = await fresh(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", "latin1"), settings());
      await peer.ending();
    },
  },
  {
    section: "3.4",
    when: "an acknowledgement in the place of the first SETTINGS",
    role: "server",
    does: "connection error PROTOCOL_ERROR",
    async run() {
      const peer = await fresh(PREFACE, settingsAck());
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      await peer.ending();
    },
  },
  {
    section: "3.3",
    when: "HTTP/1.1 on the same port",
    role: "server",
    does: "is answered in HTTP/1.1",
    async run() {
      const { address } = await serving();
      const { socket } = rawClient(address);
      socket.removeAllListeners("data");
      socket.write("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      let text = "";
      for await (const bytes of socket) text += String(bytes);
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
    },
  },
  {
    section: "3.4",
    when: "a connection that it opens",
    role: "client",
    does: "the preface and SETTINGS come first, then the request, without waiting for the server",
    async run() {
      // The endpoint looks at the preface of every connection.
      const { call, endpoint, connection } = await stage();
      call(endpoint);
      const peer = await connection();
      await requestOf(peer, "/");
      expect(peer.frames[0]).toMatchObject({ type: TYPE.SETTINGS, flags: 0, stream: 0 });
      expect(peer.frames.filter(isAck)).toEqual([]);
    },
  },
  {
    section: "3.4",
    when: "HTTP/1.1 in the place of the server's first SETTINGS",
    role: "client",
    does: "the connection ends, and the call fails",
    async run() {
      const { call, endpoint, connection } = await stage();
      const heard = call(endpoint);
      const peer = await connection();
      peer.send(Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "latin1"));
      await peer.ending();
      expect((await heard.over()).failure?.outcome).toMatchObject({ kind: "failure" });
    },
  },
  ...TOO_SOON.flatMap(([name, bytes]): Story[] => [
    {
      section: "3.4",
      when: `${name} in the place of the first SETTINGS`,
      role: "server",
      does: "connection error PROTOCOL_ERROR",
      async run() {
        const peer = await fresh(PREFACE, bytes);
        expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
        await peer.ending();
      },
    },
    {
      section: "3.4",
      when: `${name} in the place of the server's first SETTINGS`,
      role: "client",
      does: "connection error PROTOCOL_ERROR, and the call fails",
      async run() {
        const { call, endpoint, connection } = await stage();
        const heard = call(endpoint);
        const peer = await connection();
        await requestOf(peer, "/");
        peer.send(bytes);
        expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
        await peer.ending();
        expect((await heard.over()).failure).toBeDefined();
      },
    },
  ]),
];
