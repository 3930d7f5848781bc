import { endpoint as endpointOf } from "@weft/core";
import { describe, expect, test } from "vitest";
import { calling, type Heard } from "./calling.ts";
import { Source } from "./serving.ts";
import type { RawCaller } from "./raw-caller.ts";
import { type RawEndpoint, rawEndpoint } from "./raw-endpoint.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Waits for the request on a connection, and answers it. */
async function answer(on: RawCaller | Promise<RawCaller>, heard: Heard, bytes = OK, requests = 1): Promise<void> {
  const peer = await on;
  await peer.shows("\r\n\r\n", requests);
  peer.send(bytes);
  await heard.over();
}

async function turnsUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

describe("a connection is used again", () => {
  test("the one that came free last first", async () => {
    const { endpoint, connection, connections } = await rawEndpoint();
    const { call, pools } = calling();
    const both = [call(endpoint), call(endpoint)];
    await connection(1);
    // Which of them carries which request is the kernel's affair.
    for (const peer of connections) {
      await peer.shows("\r\n\r\n");
      peer.send(OK);
      await turnsUntil(() => pools.of(endpoint).idle === connections.indexOf(peer) + 1);
    }
    for (const heard of both) await heard.over();
    for (let requests = 2; requests < 5; requests++) await answer(connections[1]!, call(endpoint), OK, requests);
    expect(pools.of(endpoint)).toMatchObject({ size: 2, idle: 2 });
    expect(connections).toHaveLength(2);
  });

  test.each([
    ["bytes came behind the answer", `${OK}HTTP/1.1 200 OK\r\n`],
    ["the answer said close", OK.replace("\r\n", "\r\nConnection: close\r\n")],
    ["the answer was HTTP/1.0", OK.replace("1.1", "1.0")],
    ["a body came where there is none", "HTTP/1.1 304 x\r\n\r\nhello"],
    ["the answer ended with the hint of two seconds", OK.replace("\r\n", "\r\nKeep-Alive: timeout=2\r\n")],
  ])("but not when %s", async (_why, bytes) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools, limit } = calling();
    const first = call(endpoint);
    const peer = await connection(0);
    await answer(peer, first, bytes);
    expect(first.failure).toBeUndefined();
    expect(pools.of(endpoint)).toMatchObject({ size: 0, idle: 0 });
    expect(limit.running).toBe(0);
    await peer.ending();
    await answer(connection(1), call(endpoint));
  });

  test.each([
    ["the body came bit by bit", () => new Source(10)],
    ["it came in chunks", () => new Source(-1)],
    ["the kernel had not taken the body", () => Buffer.alloc(32 * 1024 * 1024)],
  ])("but not when the answer came before the end of the request: %s", async (_why, bodyOf) => {
    const body = bodyOf();
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const heard = call(endpoint, { method: "POST", body });
    const peer = await connection(0);
    if (body instanceof Source) body.give("12345");
    await peer.shows("\r\n\r\n");
    peer.socket.pause();
    peer.send(OK);
    await heard.over();
    expect(heard).toMatchObject({ failure: undefined, body: "ok" });
    expect(pools.of(endpoint).size).toBe(0);
    if (body instanceof Source) expect(body.cancelled).toBe(1);
  });

  test("and kept for as long as the endpoint says, less two seconds, or the limit", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools, time } = calling({ idleMs: 10_000 });
    const hinted = call(endpoint);
    await answer(connection(0), hinted, OK.replace("\r\n", "\r\nKeep-Alive: timeout=5, max=9\r\n"));
    await time.advance(2_900);
    expect(pools.of(endpoint).idle).toBe(1);
    await time.advance(200);
    expect(pools.of(endpoint).size).toBe(0);

    await answer(connection(1), call(endpoint), OK.replace("\r\n", "\r\nKeep-Alive: timeout=60\r\n"));
    await turnsUntil(() => pools.of(endpoint).idle === 1);
    await time.advance(9_500);
    expect(pools.of(endpoint).idle).toBe(1);
    await time.advance(2_000);
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("but not once it is too old, even where no sweep has come by", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, time, pools } = calling({ idleMs: 400 });
    await answer(connection(0), call(endpoint));
    await time.advance(500);
    expect(pools.of(endpoint).idle).toBe(1);
    await answer(connection(1), call(endpoint));
  });

  test("but not when the endpoint says something unasked on it, or ends it", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    await answer(connection(0), call(endpoint));
    (await connection(0)).send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    await turnsUntil(() => pools.of(endpoint).size === 0);
    await answer(connection(1), call(endpoint));
    (await connection(1)).end();
    await turnsUntil(() => pools.of(endpoint).size === 0);
    await answer(connection(2), call(endpoint));
  });
});

describe("the limit of connections", () => {
  async function rig(options: {
    connections: number;
    pending: number;
  }): Promise<RawEndpoint & ReturnType<typeof calling>> {
    return { ...(await rawEndpoint()), ...calling(options) };
  }

  test("lets the others wait, and the first of them have the connection that comes free", async () => {
    const { endpoint, connection, connections, call, pools } = await rig({ connections: 1, pending: 3 });
    const calls = ["/0", "/1", "/2", "/3"].map((path) => call(endpoint, { path }));
    expect(pools.pending).toBe(3);
    const tooMany = call(endpoint, { path: "/4" });
    expect(tooMany.failure).toMatchObject({ code: "OVERLOADED", sent: "no", failure: "never-sent" });
    calls[2]!.exchange?.cut("not wanted any more");
    expect(pools.pending).toBe(2);
    const peer = await connection(0);
    for (const [i, at] of [0, 1, 3].entries()) await answer(peer, calls[at]!, OK, i + 1);
    expect(peer.text().match(/GET \S+/g)).toEqual(["GET /0", "GET /1", "GET /3"]);
    expect(calls[2]).toMatchObject({ ends: 0, heads: [] });
    expect(connections).toHaveLength(1);
  });

  test("closes an idle connection to one endpoint for a call to another", async () => {
    const [a, b] = [await rawEndpoint(), await rawEndpoint()];
    const { call, pools, limit } = calling({ connections: 1, pending: 1 });
    await answer(a.connection(0), call(a.endpoint));
    await answer(b.connection(0), call(b.endpoint));
    expect(pools.of(a.endpoint).size).toBe(0);
    expect(limit.running).toBe(1);
    const [busy, waits] = [call(b.endpoint), call(a.endpoint)];
    expect(pools.pending).toBe(1);
    await answer(b.connection(0), busy, OK, 2);
    await answer(a.connection(1), waits);
  });

  test("is free again after each kind of end", async () => {
    const { endpoint, connection, call, limit, stop } = await rig({ connections: 1, pending: 0 });
    call(endpoint).exchange?.cut("while connecting");
    expect(limit.running).toBe(1); // the connection is on its way, for the next
    const waiting = call(endpoint);
    const first = await connection(0);
    await first.shows("\r\n\r\n");
    waiting.exchange?.cut("while waiting");
    expect(limit.running).toBe(0);
    await first.ending();
    const inside = call(endpoint);
    const second = await connection(1);
    second.send("HTTP/1.1 200 OK\r\nContent-Length: 2049\r\n\r\nhello");
    await inside.answeredOrOver;
    inside.exchange?.cut("inside the body");
    expect(limit.running).toBe(0);
    expect(inside).toMatchObject({ ends: 0, broke: "inside the body" });
    await second.ending();
    await stop();
    expect((await call(endpoint).over()).failure).toMatchObject({ code: "CONNECT_FAILED", sent: "no" });
    expect(limit.running).toBe(0);
  });
});

describe("a connect", () => {
  test("that is refused fails what waited for it, and who waits behind it has its turn", async () => {
    const dead = await rawEndpoint();
    await dead.stop();
    const { call, pools } = calling({ connections: 1, pending: 5 });
    const calls = [call(dead.endpoint), call(dead.endpoint), call(dead.endpoint)];
    for (const heard of calls) {
      await heard.over();
      expect(heard.failure).toMatchObject({ code: "CONNECT_FAILED", failure: "connect-failure", sent: "no" });
      expect(heard.ends).toBe(1);
    }
    expect(pools.pending).toBe(0);
  });

  test("of a call that was given up serves the next one, whether that comes before it stands or after", async () => {
    const { endpoint, connection, connections } = await rawEndpoint();
    const { call, pools } = calling();
    const given = call(endpoint);
    given.exchange?.cut("given up");
    await answer(connection(0), call(endpoint));
    expect(connections).toHaveLength(1);
    connections[0]!.end();
    await turnsUntil(() => pools.of(endpoint).size === 0);
    call(endpoint).exchange?.cut("given up");
    await connection(1);
    await turnsUntil(() => pools.of(endpoint).idle === 1);
    await answer(connection(1), call(endpoint));
    expect(given.ends).toBe(0);
    expect(connections.map((peer) => peer.text().match(/GET/g)?.length)).toEqual([1, 1]);
  });
});

describe("endpoints that leave, and the end of it all", () => {
  test("let what runs on them end, and drop what is idle or waits", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools, limit } = calling({ connections: 2, pending: 5 });
    await answer(connection(0), call(endpoint));
    const running = call(endpoint);
    const second = call(endpoint);
    const waits = call(endpoint);
    await connection(1);
    expect(pools.pending).toBe(1);
    pools.keep([]);
    expect(waits.failure).toMatchObject({ code: "CLOSED", sent: "no" });
    expect(limit.running).toBe(2);
    await answer(connection(0), running, OK, 2);
    await answer(connection(1), second);
    expect(running.failure ?? second.failure).toBeUndefined();
    expect(limit.running).toBe(0);
  });

  test("cut what runs, also on endpoints that left: a request that was sent may have run", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools, limit, time } = calling({ connections: 1, pending: 5 });
    const running = call(endpoint);
    const peer = await connection(0);
    await peer.shows("\r\n\r\n");
    pools.keep([]);
    const waits = call(endpoint);
    pools.destroy();
    expect(running.failure).toMatchObject({ code: "CLOSED", sent: "maybe", failure: undefined });
    expect(waits.failure).toMatchObject({ code: "CLOSED", sent: "no", failure: "never-sent" });
    expect(limit.running).toBe(0);
    await peer.ending();
    const after = call(endpoint);
    expect(after.failure).toMatchObject({ code: "CLOSED", sent: "no" });
    await time.advance(2_000);
    expect(time.pending()).toBe(0);
  });

  test("include connects that are on their way", async () => {
    const { call, pools, limit } = calling({ connectMs: Number.POSITIVE_INFINITY });
    const heard = call(endpointOf({ host: "127.0.0.1", port: (await rawEndpoint()).endpoint.port }));
    pools.destroy();
    expect(heard.failure).toMatchObject({ code: "CLOSED", sent: "no" });
    expect(limit.running).toBe(0);
  });
});
