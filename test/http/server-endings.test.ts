import { once } from "node:events";
import { type CallerExchange, NO_FIELDS } from "@weft/http";
import { describe, expect, test } from "vitest";
import { bodyOf, say, serving, Source } from "./serving.ts";

const echo = (exchange: CallerExchange): void => say(exchange, exchange.head.target);
const later = (): void => {};
const GET = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST = "GET /9 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

describe("the FIN of a caller", () => {
  test.each([LAST, "GET /9 HTTP/1.0\r\n\r\n"])("behind its last request leaves the answer to it", async (request) => {
    const { call, exchanges, sockets, told, until } = await serving(later);
    const caller = call();
    caller.send(request);
    caller.end();
    await until(() => exchanges.length === 1);
    await once(sockets[0]!, "end");
    say(exchanges[0]!, "still here");
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toContain("still here");
    expect(told).toEqual(["answered /9"]);
  });

  test("says that it left when it had not announced that", async () => {
    const { call, exchanges, told, until, server } = await serving(later);
    const caller = call();
    caller.send(GET);
    await until(() => exchanges.length === 1);
    caller.end();
    await until(() => server.connections === 0);
    expect(told).toEqual(["left /1: the caller closed the connection"]);
    say(exchanges[0]!, "for nobody");
    expect(told).toHaveLength(1);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toBe("");
  });

  test("behind several requests is judged by the last of them", async () => {
    const { call, exchanges, sockets, told, until } = await serving(later);
    const caller = call();
    caller.send(GET + GET + LAST);
    caller.end();
    await until(() => exchanges.length === 1);
    await once(sockets[0]!, "end");
    for (let i = 0; i < 3; i++) say(exchanges[i]!, "here");
    expect(await caller.ending()).toBe("end");
    expect(caller.text().split("here")).toHaveLength(4);
    expect(told).toEqual(["answered /1", "answered /1", "answered /9"]);
  });

  test("behind several requests that announce nothing drops the last one", async () => {
    const { call, exchanges, server, sockets, until } = await serving(later);
    const caller = call();
    caller.send(GET + GET);
    caller.end();
    await until(() => exchanges.length === 1);
    await once(sockets[0]!, "end");
    say(exchanges[0]!, "here");
    await until(() => server.connections === 0);
    expect(exchanges).toHaveLength(1);
    expect(await caller.ending()).toBe("end");
  });

  test("behind more than its last request ends the connection with that one's answer", async () => {
    const { call, exchanges, server, sockets, told, until } = await serving(later);
    const caller = call();
    caller.send(`${LAST}more`);
    caller.end();
    await until(() => exchanges.length === 1);
    await once(sockets[0]!, "end");
    say(exchanges[0]!, "here");
    await until(() => server.connections === 0);
    expect(await caller.ending()).toBe("end");
    expect(caller.text()).toContain("here");
    expect(told).toEqual(["answered /9"]);
  });

  test("inside a body breaks that off", async () => {
    const { call, exchanges, told, until, server } = await serving((exchange) => {
      bodyOf(exchange).catch((error: Error) => told.push(`broke: ${error.message}`));
    });
    const caller = call();
    caller.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nConnection: close\r\n\r\n1234");
    await until(() => exchanges.length === 1);
    caller.end();
    await until(() => server.connections === 0);
    const why = "the caller ended the connection inside the body";
    expect(told).toEqual([`left /1: ${why}`, `broke: ${why}`]);
  });

  test.each([
    ["12345", { text: "12345", trailers: "" }],
    ["1234", undefined],
  ])("behind a body that nobody has looked at is judged when somebody does: %j", async (body, read) => {
    const { call, exchanges, sockets, told, until } = await serving(later);
    const caller = call();
    caller.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
    await until(() => exchanges.length === 1);
    caller.send(body);
    caller.end();
    await once(sockets[0]!, "end");
    const result = await bodyOf(exchanges[0]!).catch(() => undefined);
    expect(result).toEqual(read);
    if (read === undefined) expect(told).toHaveLength(1);
    else {
      say(exchanges[0]!, "thanks");
      await caller.shows("thanks");
    }
  });

  test("inside a head, or before one, ends the connection", async () => {
    const { call, server, until } = await serving(later);
    const callers = [call(), call()];
    callers[0]!.send("GET / HT");
    await until(() => server.connections === 2);
    for (const caller of callers) caller.end();
    for (const caller of callers) expect(await caller.ending()).toBe("end");
    await until(() => server.connections === 0);
  });
});

describe("a caller that is gone", () => {
  test("while it waits is told of once, by a reset as well", async () => {
    const { call, exchanges, told, until, server } = await serving(later);
    const caller = call();
    caller.send(GET);
    await until(() => exchanges.length === 1);
    caller.socket.resetAndDestroy();
    await until(() => server.connections === 0);
    expect(told).toEqual([expect.stringMatching(/^left \/1: /)]);
    const source = new Source(-1);
    exchanges[0]!.stream(200, "OK", NO_FIELDS, source);
    exchanges[0]!.cut();
    expect(source.sink).toBeUndefined();
    expect(told).toHaveLength(1);
    expect(exchanges[0]!.upgrade(101, "Switching Protocols", NO_FIELDS).socket.destroyed).toBe(true);
  });

  test("inside its answer cancels the source", async () => {
    const source = new Source(-1);
    const { call, told, until, server } = await serving((exchange) => exchange.stream(200, "OK", NO_FIELDS, source));
    const caller = call();
    caller.send(GET);
    await caller.shows("\r\n\r\n");
    caller.socket.resetAndDestroy();
    await until(() => server.connections === 0);
    expect(source.cancelled).toBe(1);
    expect(told).toHaveLength(1);
    source.give("more");
    source.sink?.end(NO_FIELDS);
    expect(told).toHaveLength(1);
  });
});

describe("an exchange that is cut", () => {
  test("resets the connection, and cancels the source of its answer", async () => {
    const source = new Source(-1);
    const { call, exchanges, told } = await serving((exchange) => exchange.stream(200, "OK", NO_FIELDS, source));
    const caller = call();
    caller.send(GET);
    await caller.shows("\r\n\r\n");
    exchanges[0]!.cut();
    expect(await caller.ending()).toBe("ECONNRESET");
    expect(source.cancelled).toBe(1);
    expect(told).toEqual([]);
  });
});

describe("limits", () => {
  test("on connections turn further ones away, until one ends", async () => {
    const { call, server, until } = await serving(echo, { limits: { maxConnections: 2 } });
    const callers = [call(), call()];
    await until(() => server.connections === 2);
    expect(await call().ending()).toBe("ECONNRESET");
    callers[0]!.socket.destroy();
    await until(() => server.connections === 1);
    const next = call();
    next.send(GET);
    await next.shows("/1");
  });
});

describe("closing", () => {
  test("ends connections that stay idle for a second, and refuses new ones", async () => {
    const { call, server, address, time } = await serving(echo);
    const idle = call();
    idle.send(GET);
    await idle.shows("/1");
    const closed = server.close(10_000);
    await time.advance(999);
    expect(server.connections).toBe(1);
    await time.advance(1);
    expect(await closed).toBe(0);
    expect(await idle.ending()).toBe("end");
    expect(server.connections).toBe(0);
    expect(await call().ending()).toBe("ECONNREFUSED");
    expect(address).toMatch(/^127.0.0.1:\d+$/);
  });

  test("answers a request that was on its way to an idle connection, and says that it was the last", async () => {
    const { call, server } = await serving(echo);
    const idle = call();
    idle.send(GET);
    await idle.shows("/1");
    const closed = server.close(10_000);
    idle.send(GET);
    expect(await idle.ending()).toBe("end");
    expect(idle.text()).toContain("Connection: close");
    idle.end();
    expect(await closed).toBe(0);
  });

  test("lets a request end, and says with its answer that it was the last", async () => {
    const { call, server, exchanges, until } = await serving(later);
    const busy = call();
    busy.send(GET + GET);
    await until(() => exchanges.length === 1);
    const closed = server.close(10_000);
    say(exchanges[0]!, "here");
    expect(await busy.ending()).toBe("end");
    expect(busy.text()).toBe("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhere");
    busy.end();
    expect(await closed).toBe(0);
  });

  test("ends a connection whose answer had begun before, when it is complete", async () => {
    const source = new Source(4);
    const { call, server } = await serving((exchange) => exchange.stream(200, "OK", NO_FIELDS, source));
    const busy = call();
    busy.send(GET);
    await busy.shows("\r\n\r\n");
    const closed = server.close(10_000);
    source.give("here");
    source.sink?.end(NO_FIELDS);
    expect(await busy.ending()).toBe("end");
    busy.end();
    expect(await closed).toBe(0);
    expect(busy.text()).toContain("here");
  });

  test("cuts what has not ended in time, and leaves nothing behind", async () => {
    const before = handles();
    const source = new Source(-1);
    const { call, server, time, exchanges, told, until } = await serving((exchange) => {
      if (exchange.head.target === "/stream") exchange.stream(200, "OK", NO_FIELDS, source);
      if (exchange.head.target === "/at-once") echo(exchange);
    });
    const partial = call();
    partial.send(`${GET.replace("/1", "/at-once")}GET / HT`);
    await partial.shows("/at-once");
    const waiting = call();
    waiting.send(GET);
    const streaming = call();
    streaming.send(GET.replace("/1", "/stream"));
    await until(() => exchanges.length === 3);
    const closed = server.close(5_000);
    await time.advance(4_999);
    expect(server.connections).toBe(3);
    await time.advance(1);
    expect(await closed).toBe(2);
    expect(await streaming.ending()).toBe("ECONNRESET");
    expect(told).toContain("left /1: the listener was closed");
    expect(told).toContain("left /stream: the listener was closed");
    expect(source.cancelled).toBe(1);
    expect(time.pending()).toBe(0);
    for (const { socket } of [waiting, streaming, partial])
      if (!socket.destroyed) await once(socket.destroy(), "close");
    await new Promise(setImmediate);
    expect(handles()).toEqual(before);
  });
});

function handles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith("TCP"));
}
