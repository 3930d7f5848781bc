import { once } from "node:events";
import {
  connect,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { Caller, type Sent } from "./caller.ts";
import { EndpointConnection, type EndpointCounts } from "./endpoint-connection.ts";
import { FrameReader, FrameWriter } from "./frames.ts";
import { loadOf } from "./loads.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function portOf(server: Server): Promise<number> {
  closing.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // it listens on TCP
}

test("Node's client is answered each message by the endpoint, with trailers, and refused what is no message", async () => {
  const counts: EndpointCounts = { requests: 0, answered: 0, cut: 0, refused: 0 };
  const server = createServer((socket) => {
    const connection = new EndpointConnection(socket, "unary", counts);
    socket.on("data", (bytes: Buffer) => connection.read(bytes));
  });
  const session = connect(`http://127.0.0.1:${await portOf(server)}`);
  closing.push(() => session.destroy());
  const call = async (body: Buffer) => {
    const stream = session.request({ ":method": "POST", ":path": "/a" });
    let trailers: IncomingHttpHeaders = {};
    stream.on("trailers", (fields: IncomingHttpHeaders) => (trailers = fields));
    stream.end(body);
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece);
    return [Buffer.concat(pieces), trailers["grpc-status"]];
  };
  const message = Buffer.from([0, 0, 0, 0, 3, 1, 2, 3]);
  const answers = await Promise.all(Array.from({ length: 300 }, () => call(message)));
  expect(answers).toEqual(Array.from({ length: 300 }, () => [message, "0"]));
  await expect(call(Buffer.from("no message"))).rejects.toThrow("NGHTTP2_PROTOCOL_ERROR");
  expect(counts).toEqual({ requests: 301, answered: 300, cut: 0, refused: 1 });
});

test.each(["grpc", "grpc-changing", "grpc-literal"])("Node's server reads 500 calls of the load %s", async (name) => {
  const seen: IncomingHttpHeaders[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream, fields: IncomingHttpHeaders) => {
    seen.push(fields);
    stream.respond({ ":status": 200 }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.pipe(stream);
  });
  const port = await portOf(server);
  const load = loadOf(name);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ended: Sent[] = [];
  const caller = new Caller(port, {
    ready: () => void load.send(caller),
    ended(sent) {
      if (ended.push(sent) < 500) load.send(caller);
      else resolve();
    },
    failed: (why) => reject(new Error(why)),
  });
  closing.push(() => caller.close());
  await promise;
  expect(ended.every(load.answers)).toBe(true);
  const pathsAndTraces = new Set(seen.map((fields) => `${fields[":path"]} ${String(fields["traceparent"])}`));
  expect(pathsAndTraces.size).toBe(name === "grpc" ? 1 : 500);
  for (const fields of seen) {
    expect(fields).toMatchObject({ ":authority": "bench", "user-agent": "bench", te: "trailers" });
    if (name !== "grpc") expect(fields["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
});

test("frames are the same however their bytes are split", () => {
  const writer = new FrameWriter();
  writer.frame(0, 1, 3, Buffer.from("abc"));
  writer.frame(1, 4, 5, Buffer.alloc(0));
  const bytes = writer.take()!;
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new FrameReader();
    const frames: unknown[] = [];
    for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
      reader.read(part, (type, flags, stream, all, from, to) => {
        frames.push([type, flags, stream, all.toString("latin1", from, to)]);
      });
    }
    expect(frames).toEqual([
      [0, 1, 3, "abc"],
      [1, 4, 5, ""],
    ]);
  }
});
