import { type CallerExchange, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { bodyOf, say, serving, Source } from "./serving.ts";

const echo = (exchange: CallerExchange): void => say(exchange, exchange.head.target);
const GET = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const POST = "POST /1 HTTP/1.1\r\nHost: a\r\n";
const MIB = 1024 * 1024;

describe("what is no request", () => {
  test.each([
    [400, "bare-lf", "GET / HTTP/1.1\nHost: a\n\n"],
    [400, "two-hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"],
    [414, "request-line-too-long", `GET /${"a".repeat(9_000)} HTTP/1.1\r\n`],
    [431, "head-too-long", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(17_000)}`],
    [431, "too-many-fields", `GET / HTTP/1.1\r\n${"X: a\r\n".repeat(101)}`],
    [417, "expect", "POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n"],
    [501, "transfer-coding", `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    [505, "version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"],
  ])("is answered with %d (%s), and the connection closed", async (status, code, bytes) => {
    const { call, refused, exchanges } = await serving(echo);
    const caller = call();
    caller.send(bytes);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z].*\\r\\n`));
    expect(caller.text()).toContain("\r\nConnection: close\r\n");
    expect(JSON.parse(caller.text().slice(caller.text().indexOf("{")))).toMatchObject({ status, code });
    expect(refused).toMatchObject([{ status, code }]);
    expect(exchanges).toEqual([]);
  });

  test("is what lies behind a CONNECT that is refused: it was meant for the tunnel", async () => {
    const { call, exchanges } = await serving((exchange) => exchange.respond(502, "Bad Gateway", NO_FIELDS, "no", 2));
    const caller = call();
    caller.send(`CONNECT b:443 HTTP/1.1\r\nHost: b:443\r\n\r\n${GET}`);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toMatch(/^HTTP\/1.1 502 Bad Gateway\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno$/);
    expect(exchanges).toHaveLength(1);
  });

  test("does not take the place of the answers before it", async () => {
    const { call } = await serving(echo);
    const caller = call();
    caller.send(`${GET}GET\r\n\r\n${GET}`);
    await caller.ending();
    expect(caller.text()).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\/1HTTP\/1.1 400 Bad Request\r\n/);
    expect(caller.text().split("HTTP/1.1")).toHaveLength(3);
  });

  test("is answered so that the caller sees it while it is still sending a MiB", async () => {
    const { call } = await serving(echo);
    const caller = call({ reads: false });
    caller.send(`${POST}Content-Length: +${MIB}\r\n\r\n`);
    for (let i = 0; i < 16; i++) {
      caller.send("x".repeat(MIB / 16));
      await new Promise(setImmediate);
    }
    caller.socket.resume();
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("an answer before the end of a body", () => {
  test("is the last, and is seen by a caller that is still sending a MiB", async () => {
    const { call, exchanges, told } = await serving((exchange) =>
      exchange.respond(413, "Too Large", NO_FIELDS, "no", 2),
    );
    const caller = call({ reads: false });
    caller.send(`${POST}Content-Length: ${MIB}\r\n\r\n`);
    for (let i = 0; i < 16; i++) {
      caller.send("x".repeat(MIB / 16));
      await new Promise(setImmediate);
    }
    caller.send(GET);
    caller.socket.resume();
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toBe("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    expect(exchanges).toHaveLength(1); // nothing of the body was taken for a request
    expect(told).toEqual(["answered /1"]);
  });

  test("ends a reader of the body as well", async () => {
    const { call, exchanges, until } = await serving(() => {});
    const caller = call();
    caller.send(`${POST}Content-Length: 10\r\n\r\n12345`);
    await until(() => exchanges.length === 1);
    const read = bodyOf(exchanges[0]!);
    say(exchanges[0]!, "enough");
    await expect(read).rejects.toThrow("answered before its body had been read");
    await caller.ending();
  });

  test("after a body that was cancelled does not make requests of the rest of it", async () => {
    const { call, exchanges } = await serving((exchange) => {
      exchange.body?.cancel("not wanted");
      say(exchange, "no");
    });
    const caller = call();
    caller.send(`${POST}Content-Length: ${GET.length + 10}\r\n\r\n12345`);
    await caller.shows("no");
    caller.send(`12345${GET}`);
    expect(await caller.ending()).toBe("end");
    expect(exchanges).toHaveLength(1);
    expect(caller.text()).toContain("Connection: close");
  });

  test("keeps the connection no longer than the caller needs to be done with it", async () => {
    const { call, advance, server } = await serving((exchange) => say(exchange, "no"));
    const caller = call();
    caller.send(`${POST}Content-Length: 10\r\n\r\n`);
    await caller.ending();
    expect(server.connections).toBe(1);
    await advance(7_000); // five seconds of silence
    await server.close(0);
    expect(server.connections).toBe(0);
  });

  test("is no reason to listen to a caller that goes on sending for ever", async () => {
    const { advance, call, server, sockets, until } = await serving((exchange) => say(exchange, "no"));
    const caller = call();
    caller.send(`${POST}Content-Length: 100000\r\n\r\n`);
    await caller.ending();
    const socket = sockets[0]!;
    for (let seconds = 0; seconds < 33 && !socket.destroyed; seconds++) {
      const before = socket.bytesRead;
      caller.send("x");
      while (socket.bytesRead === before && !socket.destroyed) await new Promise(setImmediate);
      await advance(1_000);
    }
    await until(() => server.connections === 0);
  });
});

describe("a caller that is too slow", () => {
  test("with its head gets 408", async () => {
    const { call, advance, exchanges, refused, sockets, until } = await serving(echo, { limits: { headMs: 10_000 } });
    const caller = call();
    await until(() => sockets.length === 1);
    for (const [bytes, ms] of [
      ["GET / HTTP/1.1\r\nHo", 9_000],
      ["st: a\r\nX: ", 3_000],
    ] as const) {
      const before = sockets[0]!.bytesRead;
      caller.send(bytes);
      while (sockets[0]!.bytesRead === before) await turns();
      await advance(ms);
    }
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    expect(refused).toMatchObject([{ status: 408, code: "too-slow" }]);
    expect(exchanges).toEqual([]);
  });

  test("to say anything is closed without a word", async () => {
    const { call, advance, server, until, refused } = await serving(echo, { limits: { idleMs: 5_000 } });
    const callers = [call(), call()];
    callers[0]!.send(GET);
    await callers[0]!.shows("/1");
    await until(() => server.connections === 2);
    await advance(7_000);
    expect(await callers[0]!.ending()).toBe("end");
    expect(await callers[1]!.ending()).toBe("end");
    expect(callers[1]!.text()).toBe("");
    expect(refused).toEqual([]);
  });

  test("with its body gets 408, and the handler hears that it left", async () => {
    const { call, advance, exchanges, told, until } = await serving((exchange) => {
      bodyOf(exchange).catch((error: Error) => told.push(error.message));
    });
    const caller = call();
    caller.send(`${POST}Content-Length: 100000\r\n\r\n`);
    await until(() => exchanges.length === 1);
    for (let seconds = 0; seconds < 4; seconds++) {
      caller.send("x".repeat(4_000));
      await bytesIn(exchanges[0]!, (seconds + 1) * 4_000);
      await advance(1_000);
    }
    expect(caller.text()).toBe("");
    await advance(12_000);
    await caller.ending();
    expect(caller.text()).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/);
    const why = "the body came slower than 1024 bytes a second";
    expect(told).toEqual([`left /1: ${why}`, why]);
  });

  test("with its body, after its answer has begun, is cut", async () => {
    const source = new Source(-1);
    const { call, advance, exchanges, told, until } = await serving((exchange) => {
      bodyOf(exchange).catch(() => {});
      exchange.stream(200, "OK", NO_FIELDS, source);
    });
    const caller = call();
    caller.send(`${POST}Content-Length: 100000\r\n\r\n`);
    await until(() => exchanges.length === 1);
    await advance(7_000);
    expect(await caller.ending()).toBe("ECONNRESET");
    expect(source.cancelled).toBe(1);
    expect(told).toHaveLength(1);
  });

  test("is not who is held up by whoever reads its body", async () => {
    const { call, advance, exchanges, until } = await serving(() => {});
    const caller = call();
    caller.send(`${POST}Content-Length: 100000\r\n\r\n${"x".repeat(1_000)}`);
    await until(() => exchanges.length === 1);
    await advance(20_000); // nobody has attached
    let taken = 0;
    const body = exchanges[0]!.body!;
    body.attach({
      takesChunks: false,
      keeps: true,
      write: ({ length }) => ((taken += length), false),
      end() {},
      fail() {},
    });
    await advance(20_000); // the reader stalls
    caller.send("x".repeat(1_000));
    body.resume();
    while (taken < 2_000) await turns();
    await advance(4_000);
    expect(caller.text()).toBe("");
    body.resume();
    await advance(12_000); // and now it is the caller
    await caller.ending();
    expect(caller.text()).toMatch(/^HTTP\/1.1 408/);
  });

  test("to read its answer is cut, but not before the limit, however long the listener has run", async () => {
    const source = new Source(-1);
    const { call, advance, exchanges, until, told, server } = await serving(
      (exchange) => exchange.stream(200, "OK", NO_FIELDS, source),
      { limits: { stallMs: 10_000, headMs: 3_600_000, idleMs: 3_600_000 } },
    );
    await advance(100_000);
    const caller = call({ reads: false });
    await until(() => server.connections === 1);
    await advance(20_000);
    caller.send(GET);
    await until(() => exchanges.length === 1);
    while (source.give("x".repeat(65_536)));
    await advance(9_000);
    expect(told).toEqual([]);
    await advance(3_000);
    expect(told).toEqual(["left /1: the caller took nothing of its answer for 10000 ms"]);
    caller.socket.resume();
    expect(await caller.ending()).toBe("ECONNRESET");
  });

  test("to read its last answer is cut as well", async () => {
    const { call, advance, exchanges, until, server } = await serving(
      (exchange) => say(exchange, "x".repeat(20 * MIB)),
      { limits: { stallMs: 10_000 } },
    );
    const caller = call({ reads: false });
    caller.send("GET / HTTP/1.0\r\n\r\n");
    await until(() => exchanges.length === 1);
    await advance(15_000);
    await until(() => server.connections === 0);
    caller.socket.resume();
    expect(await caller.ending()).toBe("ECONNRESET");
  });
});

async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

async function bytesIn(exchange: CallerExchange, bytes: number): Promise<void> {
  while (exchange.bytesIn < bytes) await new Promise(setImmediate);
}
