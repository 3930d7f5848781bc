import { type Endpoint, endpoint } from "@weft/core";
import { expect, test } from "vitest";
import { type Calling, calling, type Heard } from "./calling.ts";
import { status } from "./field-block.ts";
import { data, FLAGS, headers, ping, TYPE } from "./frames.ts";
import { nghttp2Serving } from "./nghttp2-serving.ts";
import type { RawPeer } from "./raw-peer.ts";
import { requestOf, stage } from "./stage.ts";

/** Resets on one connection after which another one takes the streams. */
const BORNE = 100;

/** Begins calls and cancels them, as callers do that lose patience. */
async function cancel({ call }: Calling, to: Endpoint, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    call(to, { path: "/hold" }).exchange?.cut("the caller lost patience");
  }
  await turn();
}

/** What was written leaves, and is read. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** A call that goes to that connection of the endpoint's. */
async function begin({ call }: Calling, to: Endpoint, peer: RawPeer, path: string): Promise<Heard> {
  const heard = call(to, { path });
  await requestOf(peer, path);
  return heard;
}

test("the streams of others outlive a caller who cancels more than node:http2 bears", async () => {
  const { address, requests, until, left } = await nghttp2Serving();
  const to = endpoint({ host: "127.0.0.1", port: Number(address.split(":")[1]) });
  const stage = calling();
  const held: Heard[] = [stage.call(to, { path: "/hold" })];
  await until(() => requests.length === 1);
  for (let round = 1; round <= 30; round++) {
    await cancel(stage, to, 50); // 1,500: node:http2 ends a connection at the 1,001st
    held.push(stage.call(to, { path: `/hold/${round}` }));
    await until(() => requests.includes(`/hold/${round}`) && left.length === round * 50);
  }
  expect(held.map(({ ends }) => ends)).toEqual(held.map(() => 0));
  expect((await stage.call(to, { path: "/ok" }).over()).body).toBe("ok");
});

test("a connection that has reset 100 streams gives the next ones to another, and ends with its last", async () => {
  const all = await stage();
  const { endpoint: to, accepted, call } = all;
  const heard = call(to, { path: "/long" });
  const old = await accepted(0);
  const { stream } = await requestOf(old, "/long");
  await cancel(all, to, BORNE);
  const next = await accepted(1);
  await begin(all, to, next, "/next");
  await old.roundTrip();
  expect(old.frames.filter(({ type }) => type === TYPE.RST_STREAM)).toHaveLength(BORNE);
  old.send(headers(stream, status(200)), data(stream, "done", { end: true }));
  expect(await heard.over()).toMatchObject({ failure: undefined, body: "done" });
  expect(await old.ending()).toBe("end");
  expect(all.connections).toBe(2);
});

test("a connection that carries nothing is given up when another one takes its place, not before", async () => {
  const all = await stage();
  const { endpoint: to, accepted, connection, call } = all;
  call(to, { path: "/first" }).exchange?.cut("");
  const old = await accepted(0);
  await cancel(all, to, BORNE);
  await connection(1);
  expect(await old.ending()).toBe("end");
  expect(old.frames.at(-1)?.type).toBe(TYPE.GOAWAY);
});

test("connections that carry others' streams are replaced sixteen times, whatever is cancelled", async () => {
  const all = await stage();
  const { endpoint: to, accepted } = all;
  const held: Heard[] = [];
  all.call(to, { path: "/first" });
  let peer = await accepted(0);
  for (let round = 1; round <= 16; round++) {
    held.push(await begin(all, to, peer, `/long/${round}`));
    await cancel(all, to, BORNE);
    peer = await accepted(round);
  }
  await begin(all, to, peer, "/last");
  await cancel(all, to, 20 * BORNE);
  await peer.roundTrip();
  // The youngest goes on, at its own risk; the streams on the others are safe.
  await begin(all, to, peer, "/still");
  await all.time.advance(5_000);
  expect(all.connections).toBe(17);
  expect(held.every(({ ends }) => ends === 0)).toBe(true);
});

test("a tired connection takes streams again when its resets are long past", async () => {
  const all = await stage();
  const { endpoint: to, accepted } = all;
  all.call(to, { path: "/long" });
  const old = await accepted(0);
  await cancel(all, to, BORNE);
  // A call that is given up without a byte is followed by PING: the endpoint lives.
  const asked = await old.frame(({ type, flags }) => type === TYPE.PING && (flags & FLAGS.ACK) === 0);
  old.send(ping(asked.payload.toString("latin1"), true));
  const other = await accepted(1);
  await begin(all, to, other, "/other");
  await all.time.advance(29_000);
  await begin(all, to, other, "/early");
  await all.time.advance(2_000);
  await begin(all, to, old, "/rested");
  expect(all.connections).toBe(2);
});
