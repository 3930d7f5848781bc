import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { ConcurrencyLimit, endpoint, TimeoutQueues } from "@weft/core";
import { systemTime } from "@weft/discovery";
import { type BodySink, type EndpointExchange, ownRequest, ServicePools } from "@weft/http";
import { expect, onTestFinished, test } from "vitest";

type Parts = readonly string[];

/** Answers each request with the next list of parts; a part leaves when the one before it has been taken. */
async function answering(
  answers: Parts[],
): Promise<{ readonly pools: ServicePools; readonly at: ReturnType<typeof endpoint> }> {
  const server: Server = createServer({ noDelay: true }, (socket: Socket) => {
    let asked = "";
    socket.on("data", (bytes) => {
      asked += bytes.toString();
      if (!asked.endsWith("\r\n\r\n")) return;
      asked = "";
      void send(socket, answers.shift() ?? ["HTTP/1.1 500 Out\r\nContent-Length: 0\r\n\r\n"]);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const timeouts = new TimeoutQueues(systemTime);
  const pools = new ServicePools({
    time: systemTime,
    limit: new ConcurrencyLimit("limits.connections", 1),
    maxPending: () => 10,
    target: ({ host, port: to }) => ({ host, port: to }),
    dial: () => ({ clock: systemTime, timeouts, connectMs: 5_000 }),
    headLimits: { maxHeadBytes: 65_536, maxFields: 200, underscores: "keep" },
    idleMs: 60_000,
  });
  onTestFinished(() => {
    pools.destroy();
    timeouts.close();
    server.close();
  });
  return { pools, at: endpoint({ host: "127.0.0.1", port }) };
}

async function send(socket: Socket, parts: Parts): Promise<void> {
  for (const part of parts) {
    socket.write(part);
    // A turn of the loop, and the reader has seen the part: it is in this process.
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Sends a request; the body is attached to in the tick of the answer, or some turns later. */
function ask(pools: ServicePools, at: ReturnType<typeof endpoint>, late: boolean): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const sink: BodySink = {
    takesChunks: false,
    keeps: true,
    write(bytes) {
      text += bytes.toString("latin1");
      return true;
    },
    end: () => resolve(text),
    fail: reject,
  };
  pools.send(at, ownRequest({ method: "GET", target: "/", authority: "orders" }), {
    informed: () => {},
    answered: (exchange: EndpointExchange) => {
      if (exchange.text !== undefined) return resolve(exchange.text);
      if (!late) return exchange.body?.attach(sink);
      setImmediate(() => setImmediate(() => exchange.body?.attach(sink)));
    },
    ended: (_exchange, failure) => {
      if (failure !== undefined) reject(new Error(failure.problem));
    },
  });
  return promise;
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const LONG = "l".repeat(5_000);
const LONG_HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";

test.each([
  {
    name: "the body comes after the head",
    parts: ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello"],
    body: "hello",
  },
  { name: "the body comes in two", parts: ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "llo"], body: "hello" },
  { name: "a long body comes after the head", parts: [LONG_HEAD, LONG], body: LONG },
  { name: "a long body comes in two", parts: [`${LONG_HEAD}l`, LONG.slice(1)], body: LONG },
  { name: "chunks come after the head", parts: [CHUNKED, "5\r\nhello\r\n0\r\n\r\n"], body: "hello" },
  { name: "the last chunk comes late", parts: [`${CHUNKED}5\r\nhello\r\n`, "0\r\n\r\n"], body: "hello" },
  { name: "a long body comes whole", parts: [`${LONG_HEAD}${LONG}`], body: LONG },
  { name: "long chunks come whole", parts: [`${CHUNKED}1388\r\n${LONG}\r\n0\r\n\r\n`], body: LONG },
])("a connection serves on when $name", async ({ parts, body }) => {
  for (const late of [false, true]) {
    const { pools, at } = await answering(Array.from({ length: 8 }, () => parts));
    for (let i = 0; i < 8; i++) expect(await ask(pools, at, late)).toBe(body);
    expect(pools.of(at).size).toBe(1);
  }
});

test("a body attached to late is not overwritten by the answer that follows it", async () => {
  const other = "o".repeat(5_000);
  const whole = (text: string): Parts => [`${CHUNKED}1388\r\n${text}\r\n0\r\n\r\n`];
  const { pools, at } = await answering([whole(LONG), whole(other)]);
  const kept: Buffer[] = [];
  const first = Promise.withResolvers<void>();
  const holding: BodySink = {
    takesChunks: false,
    keeps: true,
    write(bytes) {
      kept.push(bytes);
      return false; // and never resumes: the memory stays the sink's
    },
    end: () => first.resolve(),
    fail: first.reject,
  };
  pools.send(at, ownRequest({ method: "GET", target: "/", authority: "orders" }), {
    informed: () => {},
    answered: (exchange) => void setImmediate(() => exchange.body?.attach(holding)),
    ended: () => {},
  });
  await first.promise;
  expect(await ask(pools, at, false)).toBe(other);
  expect(Buffer.concat(kept).toString()).toBe(LONG);
});
