import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { createServer, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import type { ServicePolicyInput } from "@weft/config";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { sidecarRig } from "./rig.ts";

const { NGHTTP2_CONNECT_ERROR, NGHTTP2_CANCEL } = constants;

/** An endpoint for bytes, which leaves what it does with a connection to the test. */
async function endpoint(
  serve: (socket: Socket) => void,
): Promise<{ port: number; sockets: Socket[]; close: () => Promise<unknown> }> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const close = (): Promise<unknown> => {
    server.close();
    return once(server, "close");
  };
  return { port: typeof address === "object" && address !== null ? address.port : 0, sockets, close };
}

/** Sends back in capitals what it gets, and says goodbye. */
function shouts(socket: Socket): void {
  socket.on("data", (bytes: Buffer) => socket.write(bytes.toString().toUpperCase()));
  socket.on("end", () => socket.end(" bye"));
}

/** A sidecar over one endpoint, its log, and a caller over HTTP/2. */
async function started(port: number, policy: ServicePolicyInput = {}) {
  const log = new PassThrough({ encoding: "utf8" });
  const time = fakeTime();
  const rig = await sidecarRig({
    count: 0,
    policy: { discover: { static: [`127.0.0.1:${port}`] }, ...policy },
    outbound: { timeouts: { tunnel: "80s" } },
    rest: { telemetry: { accessLog: "json" } },
    options: { time, accessLogTo: log },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const session = connect(`http://127.0.0.1:${rig.port}`).on("error", () => {});
  onTestFinished(() => session.destroy());
  return { ...rig, time, session, entry: async () => JSON.parse(String((await once(log, "data"))[0])) as object };
}

interface Asked {
  readonly stream: ClientHttp2Stream;
  readonly text: () => string;
  until(part: string): Promise<void>;
  status(): Promise<number>;
}

function ask(session: ClientHttp2Session, endStream = false): Asked {
  const stream = session.request({ ":method": "CONNECT", ":authority": "orders:443" }, { endStream });
  let text = "";
  stream.on("error", () => {}).on("data", (bytes: Buffer) => (text += bytes.toString()));
  const answered = once(stream, "response");
  return {
    stream,
    text: () => text,
    async until(part) {
      while (!text.includes(part)) await once(stream, "data");
    },
    status: async () => Number(((await answered) as [{ ":status": number }])[0][":status"]), // by node:http2's documentation
  };
}

/** Resolves when it is closed, for whatever reason: `once` would reject for some. */
function closed(end: ClientHttp2Stream | Socket): Promise<void> {
  return new Promise((resolve) => end.once("close", () => resolve()));
}

test("CONNECT over HTTP/2 becomes a byte tunnel, whose halves end each at its own time", async () => {
  const { port } = await endpoint(shouts);
  const { session, held, entry } = await started(port);
  const { stream, text, until, status } = ask(session);
  stream.write("early ");
  expect(await status()).toBe(200);
  await until("EARLY ");
  const written = entry();
  stream.end("late");
  await closed(stream);
  expect(text()).toBe("EARLY LATE bye");
  expect(stream.rstCode).toBe(0);
  expect(await written).toMatchObject({ protocol: "CONNECT", status: 200, bytesIn: 10, bytesOut: 14, end: "complete" });
  expect(await held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
});

test("what the caller sends goes on when the endpoint has ended its half", async () => {
  let heard = "";
  const { port, sockets } = await endpoint((socket) => {
    socket.on("data", (bytes: Buffer) => (heard += bytes.toString()));
    socket.end("all I have");
  });
  const { session } = await started(port);
  const { stream, text } = ask(session);
  await once(stream, "end");
  expect(text()).toBe("all I have");
  stream.end("and here is mine");
  await once(sockets[0]!, "end");
  expect(heard).toBe("and here is mine");
});

test("a CONNECT that ends with its head is a tunnel whose one half has ended", async () => {
  const { port } = await endpoint(shouts);
  const { session } = await started(port);
  const { stream, text, status } = ask(session, true);
  expect(await status()).toBe(200);
  await closed(stream);
  expect(text()).toBe(" bye");
});

test("a reset of either side is passed on, and no other stream of the connection ends", async () => {
  const { port, sockets } = await endpoint(shouts);
  const { session, entry } = await started(port);
  const first = ask(session);
  const second = ask(session);
  expect([await first.status(), await second.status()]).toEqual([200, 200]);
  first.stream.write("a");
  await first.until("A");
  const [mine, other] = sockets[0]!.bytesRead > 0 ? [sockets[0]!, sockets[1]!] : [sockets[1]!, sockets[0]!];
  const byEndpoint = entry();
  mine.resetAndDestroy();
  await closed(first.stream);
  expect(first.stream.rstCode).toBe(NGHTTP2_CONNECT_ERROR);
  expect(await byEndpoint).toMatchObject({ status: 200, end: "endpoint" });
  second.stream.write("b");
  await second.until("B");
  const byCaller = entry();
  second.stream.close(NGHTTP2_CANCEL);
  await closed(other);
  expect(await byCaller).toMatchObject({ status: 200, end: "caller" });
});

test("a service whose endpoints refuse is answered 502", async () => {
  const { port, close } = await endpoint(shouts);
  await close();
  const { session } = await started(port, { retry: "off" });
  const { status, until } = ask(session);
  expect(await status()).toBe(502);
  await until("CONNECT_FAILED");
});

test("a tunnel that nobody uses is ended when its time has come", async () => {
  const { port } = await endpoint(shouts);
  const { session, time, entry } = await started(port);
  const { stream, status } = ask(session);
  expect(await status()).toBe(200);
  const written = entry();
  const ended = closed(stream);
  for (let second = 0; second < 100; second += 5) await time.advance(5_000);
  await ended;
  expect(stream.rstCode).toBe(NGHTTP2_CONNECT_ERROR);
  expect(await written).toMatchObject({ end: "mesh" });
});

test("megabytes get through unchanged, both ways at once", async () => {
  const { port } = await endpoint((socket) => socket.pipe(socket));
  const { session } = await started(port);
  const stream = session.request({ ":method": "CONNECT", ":authority": "orders:443" });
  const sent = createHash("sha256");
  const came = createHash("sha256");
  stream.on("data", (bytes: Buffer) => came.update(bytes));
  for (let piece = 0; piece < 64; piece++) {
    const bytes = randomBytes(64 * 1024);
    sent.update(bytes);
    if (!stream.write(bytes)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "end");
  expect(came.digest("hex")).toBe(sent.digest("hex"));
});

test("a caller that reads nothing stops the endpoint, and the others go on", async () => {
  const { port, sockets } = await endpoint((socket) => {
    if (sockets.length > 1) return shouts(socket);
    const more = (): void => {
      while (socket.write(Buffer.alloc(64 * 1024)));
    };
    socket.on("drain", more);
    more();
  });
  const { session } = await started(port);
  const stalled = session.request({ ":method": "CONNECT", ":authority": "orders:443" });
  stalled.on("error", () => {}).pause();
  await once(stalled, "response");
  const other = ask(session);
  other.stream.write("me");
  await other.until("ME");
  // What the kernel, the sidecar and node:http2 hold is bounded: a flood would be at a gigabyte by now.
  expect(sockets[0]!.bytesWritten - sockets[0]!.writableLength).toBeLessThan(64 * 1024 * 1024);
  stalled.close(NGHTTP2_CANCEL);
  await closed(sockets[0]!);
});
