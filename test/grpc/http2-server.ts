import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { gunzipSync, gzipSync } from "node:zlib";
import { status, type MethodDefinition } from "@grpc/grpc-js";
import { type Framed, frame, frames } from "./framed.ts";
import type { TestServer } from "./test-server.ts";
import { INPUT_CALL, OUTPUT_CALL, sizeOf, UNARY_CALL, zeros } from "./test-service.ts";

/**
 * Starts a test server on `node:http2` alone, on a free port of loopback.
 *
 * It has only the methods of the cases about compression: grpc-js neither compresses what it answers nor tells whether
 * what came was compressed, and this does both. Messages are compressed one by one, with gzip.
 */
export async function http2Server(): Promise<TestServer> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on("error", () => {}); // the caller has gone
    answer(stream, headers).catch((error: unknown) => endWith(stream, status.INTERNAL, String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const listening = server.address();
  if (listening === null || typeof listening === "string") throw new Error("no TCP port to listen on");
  return {
    address: `127.0.0.1:${listening.port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
  switch (headers[":path"]) {
    case UNARY_CALL.path:
      for await (const message of frames(stream)) {
        const { expectCompressed, responseCompressed, responseSize = 0 } = read(UNARY_CALL, message);
        if (expectCompressed?.value && !message.compressed) return refuse(stream);
        send(stream, UNARY_CALL.responseSerialize({ payload: zeros(responseSize) }), responseCompressed?.value);
      }
      return endWith(stream, status.OK);
    case INPUT_CALL.path: {
      let aggregatedPayloadSize = 0;
      for await (const message of frames(stream)) {
        const request = read(INPUT_CALL, message);
        if (request.expectCompressed?.value && !message.compressed) return refuse(stream);
        aggregatedPayloadSize += sizeOf(request);
      }
      send(stream, INPUT_CALL.responseSerialize({ aggregatedPayloadSize }));
      return endWith(stream, status.OK);
    }
    case OUTPUT_CALL.path:
      for await (const message of frames(stream)) {
        for (const { size, compressed } of read(OUTPUT_CALL, message).responseParameters ?? [])
          send(stream, OUTPUT_CALL.responseSerialize({ payload: zeros(size) }), compressed?.value);
      }
      return endWith(stream, status.OK);
    default:
      return endWith(stream, status.UNIMPLEMENTED);
  }
}

function read<Request, Response>(
  { requestDeserialize }: MethodDefinition<Request, Response>,
  message: Framed,
): Request {
  return requestDeserialize(message.compressed ? gunzipSync(message.bytes) : message.bytes);
}

const HEAD = { ":status": 200, "content-type": "application/grpc", "grpc-encoding": "gzip" };

function send(stream: ServerHttp2Stream, message: Buffer, compressed = false): void {
  if (!stream.headersSent) stream.respond(HEAD, { waitForTrailers: true });
  stream.write(frame({ compressed, bytes: compressed ? gzipSync(message) : message }));
}

function refuse(stream: ServerHttp2Stream): void {
  endWith(stream, status.INVALID_ARGUMENT, "a message that is not compressed, where one was promised");
}

function endWith(stream: ServerHttp2Stream, code: status, message = ""): void {
  const trailers = { "grpc-status": `${code}`, "grpc-message": encodeURIComponent(message) };
  if (!stream.headersSent) {
    stream.respond({ ...HEAD, ...trailers }, { endStream: true });
    return;
  }
  stream.once("wantTrailers", () => stream.sendTrailers(trailers));
  stream.end();
}
