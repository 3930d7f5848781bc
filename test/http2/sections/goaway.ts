import { NO_FIELDS } from "@weft/http";
import { expect } from "vitest";
import { block, get, literal, post, status } from "../field-block.ts";
import { codeOf, data, frame, goaway, headers, TYPE } from "../frames.ts";
import { client } from "../raw-peer.ts";
import { connectionError, type Rule, type Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf, stage } from "../stage.ts";

/** RFC 9113 6.8. */
export const GOAWAY: readonly (Rule | Story)[] = [
  {
    section: "6.8",
    when: "GOAWAY on a stream",
    sends: ({ stream }) => frame(TYPE.GOAWAY, 0, stream, Buffer.alloc(8)),
    verdict: connectionError("PROTOCOL_ERROR"),
  },
  {
    section: "6.8",
    when: "GOAWAY of seven bytes",
    sends: () => frame(TYPE.GOAWAY, 0, 0, Buffer.alloc(7)),
    verdict: connectionError("FRAME_SIZE_ERROR"),
  },
  {
    section: "6.8",
    when: "GOAWAY from a client with a request under way",
    role: "server",
    does: "answers the request, and then ends the connection",
    async run() {
      const { address, exchanges, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }), goaway(0));
      await until(() => exchanges.length === 1);
      await peer.roundTrip();
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
      await peer.ending();
    },
  },
  {
    section: "6.8",
    when: "GOAWAY with debug data, a last stream and a code that nobody knows",
    role: "server",
    does: "finishes what is open",
    async run() {
      const { address, exchanges, until } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }), goaway(2 ** 31 - 1, 0xdead, "\0\xff".repeat(500)));
      await until(() => exchanges.length === 1);
      await peer.roundTrip();
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
    },
  },
  {
    section: "6.8",
    when: "requests with bodies that come behind its last GOAWAY, while another still runs",
    role: "server",
    does: "REFUSED_STREAM; what comes of their bodies is nobody's error, and the other is answered",
    async run() {
      const { address, server, exchanges, until, time } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }));
      await until(() => exchanges.length === 1);
      const closed = server.close(60_000);
      await time.advance(2_000);
      await peer.until("the last GOAWAY", () => peer.frames.filter(({ type }) => type === TYPE.GOAWAY).length === 2);
      peer.send(headers(3, post("/ok")), data(3, "body"), headers(3, block(["x-sum", "4"]), { end: true }));
      expect(codeOf(await peer.reset(3))).toBe("REFUSED_STREAM");
      await peer.roundTrip();
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
      await peer.ending();
      expect(peer.frames.findLast(({ type }) => type === TYPE.GOAWAY)?.payload.readUInt32BE(0)).toBe(1);
      expect(exchanges).toHaveLength(1);
      peer.close();
      expect(await closed).toBe(0);
    },
  },
  {
    section: "6.8",
    when: "fields put into the table by a request behind its last GOAWAY",
    role: "server",
    does: "are there for the trailers of one that still runs",
    async run() {
      const { address, server, requests, until, time } = await serving();
      const peer = await client(address);
      peer.send(headers(1, post("/echo")));
      await until(() => requests.length === 1);
      const closed = server.close(60_000);
      await time.advance(2_000);
      await peer.until("the last GOAWAY", () => peer.frames.filter(({ type }) => type === TYPE.GOAWAY).length === 2);
      peer.send(headers(3, Buffer.concat([post("/ok"), literal("x-a", "late", 0x40)])));
      peer.send(headers(3, literal("x-b", "later", 0x40), { end: true }));
      peer.send(headers(1, Buffer.of(0xbf, 0xbe), { end: true }));
      expect((await peer.message(1)).body).toBe("\nx-a,late\nx-b,later");
      await peer.ending();
      expect(codeOf(await peer.reset(3))).toBe("REFUSED_STREAM");
      peer.close();
      expect(await closed).toBe(0);
    },
  },
  {
    section: "6.8",
    when: "its listener closes",
    role: "server",
    does: "GOAWAY NO_ERROR; the request under way and those that were on their way are answered, then it ends",
    async run() {
      const { address, server, exchanges, until, time } = await serving();
      const peer = await client(address);
      peer.send(headers(1, get("/hold"), { end: true }));
      await until(() => exchanges.length === 1);
      const closed = server.close(60_000);
      await time.advance(0);
      const first = await peer.goaway();
      expect(codeOf(first)).toBe("NO_ERROR");
      peer.send(headers(3, get(), { end: true }));
      expect((await peer.message(3)).status).toBe("200");
      exchanges[0]!.respond(200, "", NO_FIELDS, "late", 4);
      expect((await peer.message(1)).body).toBe("late");
      await time.advance(2_000);
      await peer.ending();
      const lasts = peer.frames
        .filter(({ type }) => type === TYPE.GOAWAY)
        .map(({ payload }) => payload.readUInt32BE(0));
      for (const [i, last] of lasts.entries()) if (i > 0) expect(last).toBeLessThanOrEqual(lasts[i - 1]!);
      expect(lasts.at(-1)).toBeGreaterThanOrEqual(3);
      peer.close();
      expect(await closed).toBe(0);
    },
  },
  {
    section: "6.8",
    when: "GOAWAY whose last stream is below one of three requests",
    role: "client",
    does: "that one was never seen; those below go on, and the next request takes a new connection",
    async run() {
      const { call, endpoint, accepted, connection } = await stage();
      const first = call(endpoint, { path: "/1", method: "POST" });
      const peer = await accepted();
      const second = call(endpoint, { path: "/2", method: "POST" });
      const third = call(endpoint, { path: "/3", method: "POST" });
      await requestOf(peer, "/3");
      peer.send(goaway(3));
      expect((await third.over()).failure).toMatchObject({ sent: "no", failure: "refused-stream" });
      call(endpoint, { path: "/4" });
      await requestOf(await connection(1), "/4");
      for (const stream of [1, 3]) peer.send(headers(stream, status(200), { end: true }));
      expect(await first.over()).toMatchObject({ failure: undefined });
      expect(await second.over()).toMatchObject({ failure: undefined });
      await peer.ending();
    },
  },
  {
    section: "6.8",
    when: "GOAWAY of 2^31 - 1 and then of the last stream, as in a graceful end",
    role: "client",
    does: "what runs goes on; nothing new begins there",
    async run() {
      const { call, endpoint, accepted, connection } = await stage();
      const heard = call(endpoint, { path: "/1" });
      const peer = await accepted();
      const { stream } = await requestOf(peer, "/1");
      peer.send(goaway(2 ** 31 - 1));
      await peer.roundTrip();
      call(endpoint, { path: "/2" });
      await requestOf(await connection(1), "/2");
      peer.send(goaway(stream), headers(stream, status(200)), data(stream, "done", { end: true }));
      expect(await heard.over()).toMatchObject({ failure: undefined, body: "done" });
      await peer.ending();
      expect(peer.frames.filter(({ type }) => type === TYPE.HEADERS)).toHaveLength(1);
    },
  },
  {
    section: "6.8",
    when: "GOAWAY with a code that nobody knows, and the end of the connection",
    role: "client",
    does: "what was below its last stream may have been seen",
    async run() {
      const { call, endpoint, accepted } = await stage();
      const heard = call(endpoint);
      const peer = await accepted();
      await requestOf(peer, "/");
      peer.send(goaway(1, 0xdead, "debug"));
      peer.socket.end();
      expect((await heard.over()).failure).toMatchObject({ sent: "maybe" });
    },
  },
];
