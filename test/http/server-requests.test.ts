import { once } from "node:events";
import { connect } from "node:net";
import { type CallerExchange, Fields, NO_FIELDS } from "@weft/http";
import { describe, expect, onTestFinished, test } from "vitest";
import { bodyOf, say, serving, Source } from "./serving.ts";

const echo = (exchange: CallerExchange): void => say(exchange, exchange.head.target);

function get(path: string, lines = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${lines}\r\n`;
}

function answer(body: string, lines = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${lines}\r\n${body}`;
}

describe("requests of one connection", () => {
  test("are answered one after the other", async () => {
    const { call, server } = await serving(echo);
    const caller = call();
    for (const path of ["/1", "/2", "/3"]) {
      caller.send(get(path));
      await caller.shows(answer(path));
    }
    expect(server.connections).toBe(1);
  });

  test("are answered in their order when the first is answered late", async () => {
    const { call, exchanges, told, until } = await serving((exchange) => {
      if (exchange.head.target !== "/1") say(exchange, exchange.head.target);
    });
    const caller = call();
    caller.send(get("/1") + get("/2") + get("/3"));
    await until(() => exchanges.length === 1);
    await new Promise(setImmediate);
    expect(exchanges).toHaveLength(1);
    say(exchanges[0]!, "/1");
    await caller.shows("/3");
    expect(caller.text()).toBe(answer("/1") + answer("/2") + answer("/3"));
    expect(told).toEqual(["answered /1", "answered /2", "answered /3"]);
  });

  test("wait for the one before them that comes in a read of its own", async () => {
    const before: string[] = [];
    const { call, exchanges, told, until, sockets } = await serving(({ head }) => {
      before.push(`${told.join()}: ${head.target}`);
    });
    const caller = call();
    caller.send(get("/1"));
    await until(() => exchanges.length === 1);
    caller.send(get("/2"));
    while (sockets[0]!.bytesRead < get("/1").length + get("/2").length) await new Promise(setImmediate);
    say(exchanges[0]!, "/1");
    await until(() => exchanges.length === 2);
    expect(before).toEqual([": /1", "answered /1: /2"]);
    say(exchanges[1]!, "/2");
    await caller.shows("/2");
  });

  test("come when it is their turn, for those in front of them they have waited", async () => {
    const came: number[] = [];
    const { call, exchanges, until, time } = await serving((exchange) => void came.push(exchange.cameMs));
    const startMs = time.nowMs();
    call().send(get("/1") + get("/2"));
    await until(() => exchanges.length === 1);
    await time.advance(5);
    say(exchanges[0]!, "/1");
    await until(() => exchanges.length === 2);
    expect(came.map((ms) => ms - startMs)).toEqual([0, 5]);
  });

  test("are answered with the reason that was given, whatever the answer before them said", async () => {
    const answers = [
      { status: 200, reason: "OK", line: "200 OK" },
      { status: 200, reason: "Fine", line: "200 Fine" },
      { status: 201, reason: "Fine", line: "201 Fine" },
      { status: 201, reason: "", line: "201 Created" },
    ];
    const { call } = await serving((exchange) => {
      const { status, reason } = answers[Number(exchange.head.target.slice(1))]!;
      exchange.respond(status, reason, NO_FIELDS, "", 0);
    });
    const caller = call();
    caller.send(answers.map((_, i) => get(`/${i}`)).join(""));
    const whole = answers.map(({ line }) => `HTTP/1.1 ${line}\r\nContent-Length: 0\r\n\r\n`).join("");
    await caller.shows("201 Created\r\nContent-Length: 0\r\n\r\n");
    expect(caller.text()).toBe(whole);
  });

  test("a thousand in one packet are answered at once, without a stack of calls", async () => {
    const depths = new Set<number>();
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 1_000;
    onTestFinished(() => void (Error.stackTraceLimit = stackTraceLimit));
    const { call } = await serving((exchange) => {
      depths.add(new Error().stack?.split("\n").length ?? 0);
      echo(exchange);
    });
    const caller = call();
    const paths = Array.from({ length: 1_000 }, (_, i) => `/${i}`);
    caller.send(paths.map((path) => get(path)).join(""));
    await caller.shows(answer("/999"));
    expect(caller.text()).toBe(paths.map((path) => answer(path)).join(""));
    expect(depths.size).toBe(1);
  });

  test("each answered a tick later, a thousand in one packet come in order too", async () => {
    const { call } = await serving((exchange) => void Promise.resolve().then(() => echo(exchange)));
    const caller = call();
    const paths = Array.from({ length: 1_000 }, (_, i) => `/${i}`);
    caller.send(paths.map((path) => get(path)).join(""));
    await caller.shows(answer("/999"));
    expect(caller.text()).toBe(paths.map((path) => answer(path)).join(""));
  });

  test("a head may come byte by byte", async () => {
    const { call, exchanges } = await serving(echo);
    const caller = call();
    caller.socket.setNoDelay(true);
    for (const byte of get("/slow", "X-A: 1\r\n")) {
      caller.send(byte);
      await new Promise(setImmediate);
    }
    await caller.shows(answer("/slow"));
    expect(exchanges[0]?.head.get("x-a")).toBe("1");
  });

  test("an empty line behind a body is no beginning of a head", async () => {
    const { call, advance, server } = await serving(echo, { limits: { idleMs: 60_000 } });
    const caller = call();
    caller.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi\r\n");
    await caller.shows("/1");
    await advance(30_000); // beyond the deadline for heads
    expect(server.connections).toBe(1);
    caller.send(get("/2"));
    await caller.shows("/2");
    expect(caller.text()).not.toContain("408");
  });

  test("half an empty line behind a body, and then a head, is refused", async () => {
    const { call, exchanges, sockets } = await serving(echo);
    const caller = call();
    const first = `${get("/1")}\r`;
    caller.send(first);
    await caller.shows("/1");
    while (sockets[0]!.bytesRead < first.length) await new Promise(setImmediate);
    caller.send(get("/2"));
    await caller.shows("400 Bad Request");
    expect(exchanges).toHaveLength(1);
  });

  test("of a caller that does not read wait until the answer before them has left", async () => {
    const held: boolean[] = [];
    const { call, exchanges, sockets, until } = await serving((exchange) => {
      held.push(sockets[0]!.writableNeedDrain);
      say(exchange, "x".repeat(20 * 1024 * 1024));
    });
    const caller = call({ reads: false });
    caller.send(get("/1"));
    await until(() => exchanges.length === 1);
    caller.send(get("/2"));
    while (sockets[0]!.bytesRead < 2 * get("/1").length) await new Promise(setImmediate);
    caller.socket.resume();
    await until(() => exchanges.length === 2);
    expect(held).toEqual([false, false]);
  });

  test("of a caller that sends and never reads are not all read: memory is bounded", async () => {
    const text = "x".repeat(64 * 1024);
    const { address, exchanges, sockets, until } = await serving((exchange) => say(exchange, text));
    const [host = "", port = ""] = address.split(":");
    const caller = connect({ host, port: Number(port) }).pause();
    onTestFinished(() => void caller.destroy());
    for (let i = 0; i < 1_000; i++) caller.write(get(`/${i}`));
    await until(() => exchanges.length > 0 && sockets[0]!.writableNeedDrain);
    const socket = sockets[0]!;
    let most = 0;
    for (let i = 0; i < 200; i++) {
      await new Promise(setImmediate);
      most = Math.max(most, socket.writableLength);
    }
    // What the kernel keeps for a loopback connection is some megabytes: a hundred answers.
    expect(exchanges.length).toBeLessThan(500);
    expect(most).toBeLessThan(3 * text.length); // the mark of a socket, and the answer that went over it
    let received = 0;
    const whole = 1_000 * answer(text).length;
    caller.on("data", (chunk: Buffer) => void (received += chunk.length)).resume();
    while (received < whole) await once(caller, "data");
    expect(exchanges).toHaveLength(1_000);
  });
});

describe("a caller of HTTP/1.0", () => {
  test("gets a length, and the end of the connection", async () => {
    const { call } = await serving(echo);
    const caller = call();
    caller.send("GET /old HTTP/1.0\r\n\r\n");
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toBe(answer("/old"));
  });

  test("keeps the connection when it asks for that", async () => {
    const { call } = await serving(echo);
    const caller = call();
    caller.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    await caller.shows("/1");
    caller.send("GET /2 HTTP/1.0\r\n\r\n");
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toBe(answer("/1", "Connection: keep-alive\r\n") + answer("/2"));
  });

  test("gets a body of unknown length without chunks, up to the end of the connection", async () => {
    const source = new Source(-1);
    const { call } = await serving((exchange) => exchange.stream(200, "OK", NO_FIELDS, source));
    const caller = call();
    caller.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    await caller.shows("\r\n\r\n");
    source.give("one ");
    source.give("two");
    source.sink?.end(NO_FIELDS);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\none two");
  });

  test("sees a reset, not an end, where such a body breaks off", async () => {
    const source = new Source(-1);
    const { call } = await serving((exchange) => exchange.stream(200, "OK", NO_FIELDS, source));
    const caller = call();
    caller.send("GET / HTTP/1.0\r\n\r\n");
    await caller.shows("\r\n\r\n");
    source.give("one ");
    await caller.shows("one ");
    source.sink?.fail(new Error("gone"));
    expect(await caller.ending()).toBe("ECONNRESET");
  });

  test("is told nothing in between", async () => {
    const { call } = await serving((exchange) => {
      exchange.inform(103, "Early Hints", Fields.ofLines("Link: </a>\r\n"));
      echo(exchange);
    });
    const caller = call();
    caller.send("GET /old HTTP/1.0\r\n\r\n");
    await caller.ending();
    expect(caller.text()).toBe(answer("/old"));
  });
});

describe("answers", () => {
  test("to HEAD name the length of what does not come", async () => {
    const { call } = await serving(echo);
    const caller = call();
    caller.send(get("/1").replace("GET", "HEAD") + get("/2"));
    await caller.shows("/2");
    expect(caller.text()).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + answer("/2"));
  });

  test.each([204, 304])("of %d have neither length nor body", async (status) => {
    const { call } = await serving((exchange) => exchange.respond(status, "x", Fields.ofLines("A: b\r\n"), "", -1));
    const caller = call();
    caller.send(get("/1") + get("/2", "Connection: close\r\n"));
    await caller.ending();
    const head = `HTTP/1.1 ${status} x\r\nA: b\r\n`;
    expect(caller.text()).toBe(`${head}\r\n${head}Connection: close\r\n\r\n`);
  });

  test("may be announced by interim ones", async () => {
    const { call } = await serving((exchange) => {
      exchange.inform(103, "Early Hints", Fields.ofLines("Link: </a>\r\n"));
      echo(exchange);
      exchange.inform(103, "Early Hints", NO_FIELDS);
    });
    const caller = call();
    caller.send(get("/1"));
    await caller.shows("/1");
    expect(caller.text()).toBe("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer("/1"));
  });

  test("in chunks, with trailers, leave the connection as it was", async () => {
    const { call } = await serving((exchange) => {
      const source = new Source(-1);
      exchange.stream(200, "OK", NO_FIELDS, source);
      source.give("abc");
      source.give("defghijklmnopq");
      source.sink?.end(Fields.ofLines("X-Sum: 1\r\n"));
    });
    const caller = call();
    caller.send(get("/1") + get("/2"));
    const one =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\ne\r\ndefghijklmnopq\r\n0\r\nX-Sum: 1\r\n\r\n";
    await caller.shows("X-Sum", 2);
    expect(caller.text()).toBe(one + one);
  });

  test("that have an empty body of unknown length are one write", async () => {
    const empty = { length: -1, chunked: true, room: 0, resume() {}, cancel() {} };
    const { call, exchanges } = await serving((exchange) =>
      exchange.stream(200, "OK", NO_FIELDS, { ...empty, attach: (sink) => sink.end(NO_FIELDS) }),
    );
    const caller = call();
    caller.send(get("/1"));
    await caller.shows("0\r\n\r\n");
    expect(caller.text()).toBe("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    expect(exchanges[0]?.over).toBe(true);
  });

  test("whose source gives less than it said are broken off", async () => {
    const source = new Source(10);
    const { call, told } = await serving((exchange) => exchange.stream(200, "OK", NO_FIELDS, source));
    const caller = call();
    caller.send(get("/1"));
    await caller.shows("\r\n\r\n");
    source.give("12345");
    await caller.shows("12345");
    source.sink?.end(NO_FIELDS);
    expect(await caller.ending()).toBe("ECONNRESET");
    expect(told).toEqual([]);
  });

  test("are the last of a connection where a listener limits its requests", async () => {
    const { call } = await serving(echo, { limits: { maxRequests: 2 } });
    const caller = call();
    caller.send(get("/1") + get("/2") + get("/3"));
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toBe(answer("/1") + answer("/2", "Connection: close\r\n"));
  });
});

test("what a handler throws breaks the connection off", async () => {
  const { call, server } = await serving(() => {
    throw new Error("a broken handler");
  });
  const { promise: thrown, resolve } = Promise.withResolvers<Error>();
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").once("uncaughtException", resolve);
  const caller = call();
  caller.send(get("/1"));
  expect((await thrown).message).toBe("a broken handler");
  for (const other of others) process.on("uncaughtException", other);
  expect(await caller.ending()).toBe("ECONNRESET");
  expect(server.running).toBe(0);
});

test("a body of several packets is read whole, and the request behind it is answered", async () => {
  const { call } = await serving((exchange) => void bodyOf(exchange).then(({ text }) => say(exchange, text)));
  const caller = call();
  const body = "0123456789".repeat(20_000);
  caller.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}` + get("/2"));
  await caller.shows("HTTP/1.1 200 OK\r\nContent-Length: 0");
  expect(caller.text()).toBe(answer(body) + answer(""));
});
