import { heldBytes, NO_FIELDS } from "@weft/http";
import { expect, test } from "vitest";
import { calling, HandedOut } from "./calling.ts";
import { get, post, status } from "./field-block.ts";
import { data, headers, ping, reset, SETTING, settings, windowUpdate } from "./frames.ts";
import { client, rawEndpoint, type RawPeer } from "./raw-peer.ts";
import { serving, type WeftServing } from "./serving.ts";
import { requestOf } from "./stage.ts";

/** How a stream may end whose bytes wait: for the caller's window, or for somebody to read them. */
const ENDINGS: readonly (readonly [how: string, end: (peer: RawPeer, serving: WeftServing) => void])[] = [
  ["the caller resets it", (peer) => peer.send(reset(1))],
  ["the connection ends", (peer) => peer.close()],
  ["the caller breaks a rule", (peer) => peer.send(data(0, "x"))],
  ["the caller breaks a rule of the stream", (peer) => peer.send(windowUpdate(1, 0))],
  ["it is cut here", (_, { exchanges }) => exchanges[0]?.cut()],
  ["the listener closes", (_, { server }) => void server.close(0)],
];

test.each(ENDINGS)("an answer that waits for a window is held no more when %s", async (_how, end) => {
  const beside = await serving();
  const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
  peer.send(headers(1, get("/bytes/1000000"), { end: true }));
  await beside.until(() => beside.exchanges.length === 1);
  expect(heldBytes()).toBeGreaterThan(0);
  end(peer, beside);
  await settled(peer, beside);
  expect(heldBytes()).toBe(0);
});

test.each(ENDINGS)("a body that nobody has read is held no more when %s", async (_how, end) => {
  const beside = await serving();
  const peer = await client(beside.address);
  peer.send(headers(1, post("/hold")), data(1, "x".repeat(10_000)), ping());
  await beside.until(() => beside.exchanges.length === 1);
  await peer.roundTrip();
  expect(heldBytes()).toBe(10_000);
  end(peer, beside);
  await settled(peer, beside);
  expect(heldBytes()).toBe(0);
});

test("an answer is held no more once the caller has made room, and a body once it was answered unread", async () => {
  const beside = await serving();
  const peer = await client(beside.address, [SETTING.INITIAL_WINDOW_SIZE, 0]);
  peer.send(headers(1, get("/bytes/100000"), { end: true }), headers(3, post("/hold")), data(3, "unread"));
  await beside.until(() => beside.exchanges.length === 2);
  await peer.roundTrip();
  beside.exchanges[1]!.respond(204, "", NO_FIELDS, "", -1);
  peer.send(settings([SETTING.INITIAL_WINDOW_SIZE, 100_000]), windowUpdate(0, 100_000));
  expect((await peer.message(1)).body).toHaveLength(100_000);
  expect(heldBytes()).toBe(0);
});

test("a request's body that waits for an endpoint, and an answer that nobody reads, are held no more when their call is given up", async () => {
  const endpoint = await rawEndpoint();
  const { call } = calling();
  const body = new HandedOut();
  const heard = call(endpoint.endpoint, { method: "POST", body, prepare: (one) => void (one.reads = false) });
  const peer = await endpoint.accepted(0, [SETTING.INITIAL_WINDOW_SIZE, 0]);
  await requestOf(peer, "/");
  await peer.roundTrip();
  body.give("x".repeat(1_000));
  peer.send(headers(1, status(200)), data(1, "y".repeat(2_000)));
  await peer.roundTrip();
  expect(heldBytes()).toBeGreaterThanOrEqual(3_000);
  heard.exchange?.cut("the test wants it so");
  expect(heldBytes()).toBe(0);
});

test("all connections together hold 64 MiB at most: streams beyond are reset, and others go on", async () => {
  const beside = await serving();
  const piece = data(1, "x".repeat(16_384));
  for (let connection = 0; connection < 2; connection++) {
    const peer = await client(beside.address);
    for (let stream = 1; stream < 320; stream += 2) {
      const body = Buffer.from(piece);
      body.writeUInt32BE(stream, 5);
      peer.send(headers(stream, post("/hold")), ...Array.from({ length: 15 }, () => body));
      await peer.roundTrip();
      expect(heldBytes()).toBeLessThanOrEqual(64 * 1024 * 1024);
    }
  }
  expect(beside.server.http2.memoryResets).toBeGreaterThan(10);
  const other = await client(beside.address);
  other.send(headers(1, get(), { end: true }));
  expect((await other.message(1)).status).toBe("200");
});

/** Resolves when what was sent has been read, or the connection is gone. */
async function settled(peer: RawPeer, { server, time }: WeftServing): Promise<void> {
  await peer.roundTrip().catch(() => {}); // it may have ended meanwhile
  for (let turns = 0; turns < 20 && server.running > 0; turns++) {
    await time.advance(0);
    await new Promise((resolve) => void setImmediate(resolve));
  }
}
