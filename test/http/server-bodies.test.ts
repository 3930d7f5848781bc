import { type BodySink, bytesOf, type CallerExchange, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { bodyOf, say, serving, Source } from "./serving.ts";

const CHUNKED = "POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const EXPECTS = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
const GET = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";

/** Answers with what the body was, as soon as its end is there. */
function answerBody(exchange: CallerExchange): void {
  let text = exchange.whole === undefined ? "" : bytesOf(exchange.whole).toString("latin1");
  if (exchange.body === undefined) return say(exchange, text);
  exchange.body.attach({
    takesChunks: false,
    keeps: true,
    write: (bytes) => ((text += bytes.toString("latin1")), true),
    end: (trailers) => exchange.respond(200, "OK", trailers, text, text.length),
    fail() {},
  });
}

describe("a body in chunks", () => {
  test.each([
    ["when the handler reads at once", answerBody],
    ["when it reads later", (exchange: CallerExchange) => void setImmediate(answerBody, exchange)],
  ])("with trailers, and the request behind it in the same packet, is read %s", async (_when, handle) => {
    const { call } = await serving(handle);
    const caller = call();
    caller.send(`${CHUNKED}3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n${CHUNKED}0\r\n\r\n${GET}`);
    await caller.shows("HTTP/1.1 200 OK", 3);
    expect(caller.text()).toBe(
      "HTTP/1.1 200 OK\r\nX-Sum: 7\r\nContent-Length: 7\r\n\r\nabcdefg" +
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".repeat(2),
    );
  });

  test("whose end comes with the next request is answered, and so is that", async () => {
    const { call, exchanges, until } = await serving(answerBody);
    const caller = call();
    caller.send(`${CHUNKED}3\r\nab`);
    await until(() => exchanges.length === 1);
    caller.send(`c\r\n0\r\n\r\n${GET}${CHUNKED}0\r\n\r\n${GET}`);
    await caller.shows("HTTP/1.1 200 OK", 4);
    expect(exchanges.map(({ head }) => head.target)).toEqual(["/1", "/2", "/1", "/2"]);
  });

  test.each([1, 2, 3, 7])("is the same in reads of %d bytes", async (size) => {
    const { call } = await serving(answerBody);
    const caller = call();
    caller.socket.setNoDelay(true);
    const bytes = `${CHUNKED}3\r\nabc\r\n1;x="y"\r\nd\r\n0\r\nX-Sum: 4\r\n\r\n${GET}`;
    for (let at = 0; at < bytes.length; at += size) {
      caller.send(bytes.slice(at, at + size));
      await new Promise(setImmediate);
    }
    await caller.shows("HTTP/1.1 200 OK", 2);
    expect(caller.text()).toMatch(/^HTTP\/1.1 200 OK\r\nX-Sum: 4\r\nContent-Length: 4\r\n\r\nabcdHTTP\/1.1 200/);
  });

  test("that is malformed is refused; the handler hears that the caller left, and the reader that it broke off", async () => {
    const { call, told } = await serving((exchange) => {
      bodyOf(exchange).catch((error: Error) => told.push(`broke: ${error.message}`));
    });
    const caller = call();
    caller.send(`${CHUNKED}3\r\nabc\r\n`);
    caller.send(`0x3\r\nabc\r\n0\r\n\r\n${GET}`);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toMatch(/^HTTP\/1.1 400 Bad Request\r\n[^]*"code":"chunk-size"/);
    expect(told).toEqual([
      expect.stringMatching(/^left \/1: a chunk size/),
      expect.stringMatching(/^broke: a chunk size/),
    ]);
  });

  test("that is malformed after the answer has begun cuts it", async () => {
    const source = new Source(-1);
    const { call, told, refused } = await serving((exchange) => {
      bodyOf(exchange).catch(() => {});
      exchange.stream(200, "OK", NO_FIELDS, source);
    });
    const caller = call();
    caller.send(CHUNKED);
    await caller.shows("\r\n\r\n");
    caller.send("no size\r\n");
    expect(await caller.ending()).toBe("ECONNRESET");
    expect(told).toHaveLength(1);
    expect(refused).toMatchObject([{ code: "chunk-size" }]);
    expect(source.cancelled).toBe(1);
  });
});

describe("a caller that expects 100", () => {
  test("is told to go on when somebody wants the body, once", async () => {
    const { call, exchanges, until } = await serving(() => {});
    const caller = call();
    caller.send(EXPECTS);
    await until(() => exchanges.length === 1);
    await new Promise(setImmediate);
    expect(caller.text()).toBe("");
    const read = bodyOf(exchanges[0]!);
    exchanges[0]!.continue();
    await caller.shows(CONTINUE);
    caller.send("hello");
    expect(await read).toEqual({ text: "hello", trailers: "" });
    say(exchanges[0]!, "ok");
    await caller.shows("ok");
    expect(caller.text()).toBe(`${CONTINUE}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
  });

  test("is not told so when it is refused", async () => {
    const { call } = await serving((exchange) => exchange.respond(413, "Too Large", NO_FIELDS, "", 0));
    const caller = call();
    caller.send(EXPECTS);
    await caller.ending();
    expect(caller.text()).toBe("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });

  test("is not told so when it has begun to send", async () => {
    const { call } = await serving(answerBody);
    const caller = call();
    caller.send(`${EXPECTS}he`);
    await new Promise(setImmediate);
    caller.send("llo");
    await caller.shows("hello");
    expect(caller.text()).not.toContain("100 Continue");
  });

  test("is not told so after the answer has begun", async () => {
    const source = new Source(2);
    const { call } = await serving((exchange) => {
      exchange.stream(200, "OK", NO_FIELDS, source);
      bodyOf(exchange).catch(() => {});
    });
    const caller = call();
    caller.send(EXPECTS);
    await caller.shows("\r\n\r\n");
    source.give("ok");
    source.sink?.end(NO_FIELDS);
    await caller.ending();
    expect(caller.text()).toBe("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  });
});

describe("backpressure", () => {
  test("stops the caller of a big body that nobody reads", async () => {
    const { call, exchanges, sockets, until } = await serving(() => {});
    const caller = call();
    const size = 64 * 1024 * 1024;
    caller.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
    caller.socket.write(Buffer.alloc(size, "x"));
    await until(() => exchanges.length === 1);
    const socket = sockets[0]!;
    const first = await settled(() => socket.bytesRead);
    // One read is held, and what Node reads ahead of a pause: 64 KiB each.
    expect(first).toBeLessThan(256 * 1024);
    let taken = 0;
    let refused = 0;
    let ended = false;
    const stalls: BodySink = {
      takesChunks: false,
      keeps: true,
      write({ length }) {
        taken += length;
        return ++refused > 20;
      },
      end: () => void (ended = true),
      fail() {},
    };
    const { body } = exchanges[0]!;
    body?.attach(stalls);
    for (let i = 0; i < 5; i++) {
      const before = taken;
      body?.resume();
      await settled(() => socket.bytesRead);
      expect(taken - before).toBeLessThanOrEqual(128 * 1024);
    }
    refused = 100;
    body?.resume();
    while (taken < size) await new Promise(setImmediate);
    expect(ended).toBe(true);
  });

  test("holds back the source of an answer that is not read, and lets it go on when it is", async () => {
    const source = new Source(-1);
    const { call, exchanges, sockets, until } = await serving((exchange) =>
      exchange.stream(200, "OK", NO_FIELDS, source),
    );
    const caller = call({ reads: false });
    caller.send(GET);
    await until(() => exchanges.length === 1);
    const piece = "x".repeat(64 * 1024);
    let given = 0;
    do given++;
    while (source.give(piece));
    const socket = sockets[0]!;
    expect(socket.writableLength).toBeLessThan(2 * piece.length);
    const resumed = source.resumed;
    await settled(() => source.resumed);
    expect(source.resumed).toBe(resumed);
    caller.socket.resume();
    while (source.resumed === resumed) await new Promise(setImmediate);
    expect(socket.writableLength).toBe(0);
    source.sink?.end(NO_FIELDS);
    await caller.shows("\r\n0\r\n\r\n");
    expect(caller.text().length).toBeGreaterThan(given * piece.length);
  });
});

/** The value once it has not changed for some turns. */
async function settled(read: () => number): Promise<number> {
  for (let same = 0, last = read(); ; last = read()) {
    await new Promise(setImmediate);
    same = read() === last ? same + 1 : 0;
    if (same === 200) return last;
  }
}
