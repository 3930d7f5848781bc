import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Endpoint } from "@weft/core";
import { onTestFinished } from "vitest";

const GRPC = { ":status": 200, "content-type": "application/grpc" };

/** One call that an endpoint was sent. */
interface SeenCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  /** The body, once all of it is here. */
  readonly body: Promise<string>;
  /** The code that the stream was closed with, once it was. */
  readonly closed: Promise<number>;
}

/** What an endpoint does with a call. */
export type GrpcBehaviour = (call: SeenCall) => void;

/** An endpoint of gRPC on `node:http2` that does what the test says. */
export interface GrpcEndpoint {
  readonly endpoint: Endpoint;
  /** In the order in which they came. */
  readonly calls: readonly SeenCall[];
  /** For the next call that nobody has said anything for; several queue up. Otherwise a call is answered OK. */
  next(behaviour: GrpcBehaviour): void;
  always(behaviour: GrpcBehaviour): void;
  /** Resolves with the call of that number, 0 for the first, once it has come. */
  call(index: number): Promise<SeenCall>;
  /** Ends every connection at once. */
  cutAll(): void;
}

/** A head, messages, and trailers. */
export function answers(messages: readonly string[], trailers: OutgoingHttpHeaders): GrpcBehaviour {
  return ({ stream }) => {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.once("wantTrailers", () => stream.sendTrailers(trailers));
    for (const message of messages) stream.write(message);
    stream.end();
  };
}

/** Nothing but a head, with a status in it. */
export function says(grpcStatus: number, fields: OutgoingHttpHeaders = {}): GrpcBehaviour {
  return ({ stream }) => stream.respond({ ...GRPC, "grpc-status": grpcStatus, ...fields }, { endStream: true });
}

/** A head and a first message, and nothing more. */
export function begins(message: string): GrpcBehaviour {
  return ({ stream }) => {
    stream.respond(GRPC, { waitForTrailers: true });
    stream.write(message);
  };
}

/** Nothing at all. */
export const silent: GrpcBehaviour = () => {};

/** Starts an endpoint on a free port of loopback, as long as the test lasts. */
export async function grpcEndpoint(id: string): Promise<GrpcEndpoint> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  const calls: SeenCall[] = [];
  const queue: GrpcBehaviour[] = [];
  let usual = answers(["hello"], { "grpc-status": "0" });
  let came = Promise.withResolvers<void>();
  server.on("session", (session) => void sessions.add(session.on("error", () => {})));
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const closed = new Promise<number>((resolve) => stream.once("close", () => resolve(stream.rstCode)));
    let text = "";
    const body = new Promise<string>((resolve) => stream.once("end", () => resolve(text)));
    stream.on("error", () => {}).on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
    const call = { stream, headers, body, closed };
    calls.push(call);
    (queue.shift() ?? usual)(call);
    came.resolve();
    came = Promise.withResolvers();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: { id, host: "127.0.0.1", port, weight: 1, state: "passing", tags: [], meta: {} },
    calls,
    next: (behaviour) => void queue.push(behaviour),
    always: (behaviour) => void (usual = behaviour),
    async call(index) {
      while (calls[index] === undefined) await came.promise;
      return calls[index];
    },
    cutAll() {
      for (const session of sessions) session.destroy();
    },
  };
}

/** What came of a call. */
interface GrpcAnswer {
  readonly head: IncomingHttpHeaders;
  readonly text: string;
  /** Undefined: there were none, and a status can stand in the head alone. */
  readonly trailers: IncomingHttpHeaders | undefined;
  /** The code of RST_STREAM; 0: it ended in good order. */
  readonly resetCode: number;
}

/** One call under way. */
interface GrpcCall {
  readonly stream: ClientHttp2Stream;
  /** Resolves when it is over, however that came. */
  readonly answer: Promise<GrpcAnswer>;
}

/** A caller with one connection, which ends with the test. */
export interface GrpcCaller {
  readonly session: ClientHttp2Session;
  /** @param body undefined: more may come, and never does */
  call(fields?: OutgoingHttpHeaders, body?: string): GrpcCall;
}

/** Connects to a port of loopback. */
export function grpcCaller(port: number): GrpcCaller {
  const session = connect(`http://127.0.0.1:${port}`).on("error", () => {});
  onTestFinished(() => session.destroy());
  return {
    session,
    call(fields = {}, body = "question") {
      const stream = session.request({
        ":method": "POST",
        ":path": "/shop.Orders/Get",
        ":authority": "orders",
        "content-type": "application/grpc",
        te: "trailers",
        ...fields,
      });
      stream.end(body, "latin1");
      return { stream, answer: answerOf(stream) };
    },
  };
}

function answerOf(stream: ClientHttp2Stream): Promise<GrpcAnswer> {
  let head: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders | undefined;
  let text = "";
  stream.on("response", (came) => (head = came)).on("trailers", (came) => (trailers = came));
  stream.on("data", (bytes: Buffer) => (text += bytes.toString("latin1"))).on("error", () => {});
  return new Promise((resolve) =>
    stream.on("close", () => resolve({ head, text, trailers, resetCode: stream.rstCode })),
  );
}
