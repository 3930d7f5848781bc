import { createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import { onTestFinished } from "vitest";
import { changes } from "../http/changes.ts";
import type { Serving } from "./serving.ts";

/** node:http2's server, which is nghttp2, with the same handler as weft's: see `answer` in handler.ts. */
export async function nghttp2Serving(): Promise<Serving> {
  const requests: string[] = [];
  const left: string[] = [];
  const changed = changes();
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer({ settings: { maxConcurrentStreams: 250, enableConnectProtocol: true } });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {}).on("close", () => sessions.delete(session));
  });
  server.on("sessionError", () => {});
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const path = String(headers[":path"] ?? headers[":authority"]);
    stream.on("error", () => {});
    stream.on("aborted", () => {
      left.push(path);
      changed.tell();
    });
    requests.push(path);
    answer(stream, path, headers);
    changed.tell();
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP address");
  return { address: `127.0.0.1:${address.port}`, requests, left, until: changed.until };
}

function answer(stream: ServerHttp2Stream, path: string, headers: IncomingHttpHeaders): void {
  const [, word = "", number = ""] = path.split("/");
  const head = headers[":method"] === "HEAD";
  function say(text: string): void {
    if (stream.destroyed || stream.closed) return;
    stream.respond({ ":status": 200, "content-length": text.length }, { endStream: head });
    if (!head) stream.end(text, "latin1");
  }
  switch (word) {
    case "hold":
      return;
    case "swallow":
      return void stream.resume();
    case "echo": {
      let text = "";
      stream.setEncoding("latin1").on("data", (piece: string) => void (text += piece));
      stream.on("end", () => say(text));
      return;
    }
    case "show":
      return say(
        Object.entries(headers)
          .map((field) => field.join(": "))
          .join("\n"),
      );
    case "status":
      return stream.respond({ ":status": Number(number) }, { endStream: true });
    case "bytes":
      stream.respond({ ":status": 200, "content-length": Number(number) });
      return void stream.end(Buffer.alloc(Number(number), "x"));
    case "trailers":
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "5" }));
      return void stream.end("xxxxx");
    case "cut":
      return stream.close(2);
    case "early":
      stream.additionalHeaders({ ":status": 103, link: "</a>" });
      return say("ok");
    default:
      return say("ok");
  }
}
