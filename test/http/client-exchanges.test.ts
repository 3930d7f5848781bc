import { Fields, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { calling, type Heard } from "./calling.ts";
import { Source } from "./serving.ts";
import type { RawCaller } from "./raw-caller.ts";
import { rawEndpoint } from "./raw-endpoint.ts";

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

describe("an endpoint that closes", () => {
  test.each([
    ["with a FIN", (peer: RawCaller) => peer.end()],
    ["with a reset", (peer: RawCaller) => peer.socket.resetAndDestroy()],
  ])(
    "at the moment of reuse, %s, leaves open whether it saw the request, and nothing is sent twice",
    async (_how, close) => {
      const { endpoint, connection, connections } = await rawEndpoint();
      const { call, limit } = calling();
      await answer(connection(0), call(endpoint));
      const peer = await connection(0);
      const post = call(endpoint, { method: "POST", body: Buffer.from("pay") });
      close(peer); // before the event loop has told of the request
      await post.over();
      expect(post.failure).toMatchObject({ failure: "stale-connection", sent: "maybe", outcome: { kind: "ignored" } });
      expect(post.ends).toBe(1);
      expect(connections).toHaveLength(1);
      expect(limit.running).toBe(0);
    },
  );

  test("before it answers on a new connection may have run the request", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    await peer.shows("\r\n\r\n");
    peer.end();
    await heard.over();
    expect(heard.failure).toMatchObject({
      failure: "reset-before-response",
      sent: "maybe",
      outcome: { kind: "failure", reason: "reset" },
    });
  });

  test("after an interim answer has the request, also on a reused connection", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    await answer(connection(0), call(endpoint));
    const heard = call(endpoint);
    const peer = await connection(0);
    await peer.shows("\r\n\r\n", 2);
    peer.send("HTTP/1.1 103 Early Hints\r\n\r\n");
    peer.end();
    await heard.over();
    expect(heard).toMatchObject({ informedOf: [103], failure: { failure: "reset-before-response" } });
  });

  test("inside its head has the request", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint);
    const peer = await connection(0);
    await peer.shows("\r\n\r\n");
    peer.send("HTTP/1.1 200 OK\r\nConte");
    peer.end();
    await heard.over();
    expect(heard.failure).toMatchObject({ failure: undefined, sent: "yes", outcome: { reason: "truncated" } });
  });
});

describe("a receiver that cuts the exchange", () => {
  test.each([
    ["in the tick of a whole answer", OK],
    ["in the tick of a head", "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nok"],
    [
      "in the tick of a body that came with its head",
      `HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n${"x".repeat(5_000)}`,
    ],
  ])("%s hears nothing more, and the connection is closed", async (_when, bytes) => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const heard = call(endpoint, { prepare: (one) => (one.onAnswered = (exchange) => exchange.cut("enough")) });
    const peer = await connection(0);
    await peer.shows("\r\n\r\n");
    peer.send(bytes);
    await peer.ending();
    expect(heard).toMatchObject({ ends: 0, body: "", trailers: undefined });
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("in the tick of an interim answer is not given the final one", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const heard = call(endpoint, { prepare: (one) => (one.onInformed = () => one.exchange?.cut("enough")) });
    const peer = await connection(0);
    await peer.shows("\r\n\r\n");
    peer.send(`HTTP/1.1 103 x\r\n\r\nHTTP/1.1 103 x\r\n\r\n${OK}`);
    await peer.ending();
    expect(heard).toMatchObject({ informedOf: [103], heads: [], ends: 0 });
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("while its request's body is taken cancels that", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    let cancelled = 0;
    const heard: Heard = call(endpoint, {
      method: "POST",
      body: {
        length: 10,
        chunked: false,
        room: 0,
        attach(sink) {
          sink.write(Buffer.from("12345"));
          heard.exchange?.cut("the caller left");
          sink.write(Buffer.from("67890"));
          sink.end(NO_FIELDS);
        },
        resume() {},
        cancel: () => void cancelled++,
      },
    });
    await (await connection(0)).ending();
    expect(cancelled).toBe(1);
    expect(heard.ends).toBe(0);
    expect(pools.of(endpoint).size).toBe(0);
  });
});

describe("a body of a request", () => {
  test("that breaks off takes the connection with it", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call, pools } = calling();
    const source = new Source(-1);
    const heard = call(endpoint, { method: "POST", body: source });
    const peer = await connection(0);
    await turnsUntil(() => source.sink !== undefined);
    source.give("12345");
    await peer.shows("5\r\n12345\r\n");
    source.sink?.fail(new Error("the caller left"));
    await heard.over();
    expect(heard.failure).toMatchObject({ sent: "yes", outcome: { kind: "ignored" } });
    await peer.ending();
    expect(peer.text()).not.toContain("0\r\n\r\n");
    expect(pools.of(endpoint).size).toBe(0);
  });

  test("goes out with chunks and trailers, and is held back by an endpoint that does not read", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const source = new Source(-1);
    const heard = call(endpoint, { method: "POST", body: source });
    const peer = await connection(0);
    await turnsUntil(() => source.sink !== undefined);
    peer.socket.pause();
    const piece = "x".repeat(65_536);
    let given = 1;
    while (source.give(piece)) given++;
    const before = source.resumed;
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    expect(source.resumed).toBe(before);
    peer.socket.resume();
    await turnsUntil(() => source.resumed > before);
    source.sink?.end(Fields.ofLines("X-Sum: 1\r\n"));
    await peer.shows("\r\n0\r\nX-Sum: 1\r\n\r\n");
    expect(peer.text().split("10000\r\n")).toHaveLength(given + 1);
    peer.send(OK);
    expect(await heard.over()).toMatchObject({ body: "ok", failure: undefined });
  });
});

describe("a reader that stalls", () => {
  test("holds one buffer, and stops the endpoint", async () => {
    const { endpoint, connection } = await rawEndpoint();
    const { call } = calling();
    const heard = call(endpoint, { prepare: (one) => (one.takes = false) });
    const peer = await connection(0);
    const size = 32 * 1024 * 1024;
    peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
    peer.socket.write(Buffer.alloc(size, "x"));
    await turnsUntil(() => heard.body.length > 0);
    for (let i = 0; i < 100; i++) await new Promise(setImmediate);
    expect(heard.body.length).toBeLessThanOrEqual(64 * 1024);
    const left = peer.socket.writableLength;
    expect(left).toBeGreaterThan(size / 2);
    for (let i = 0; i < 5; i++) {
      const before = heard.body.length;
      heard.exchange?.body?.resume();
      await turnsUntil(() => heard.body.length > before);
      expect(heard.body.length - before).toBeLessThanOrEqual(64 * 1024);
    }
    heard.takes = true;
    heard.exchange?.body?.resume();
    await heard.over();
    expect(heard.body).toHaveLength(size);
  });
});
