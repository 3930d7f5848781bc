import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerOptions,
} from "@grpc/grpc-js";
import {
  type EchoStatus,
  type Empty,
  type InputRequest,
  type InputResponse,
  type OutputRequest,
  type OutputResponse,
  type SimpleRequest,
  type SimpleResponse,
  sizeOf,
  TEST_SERVICE,
  zeros,
} from "./test-service.ts";
import type { TestServer } from "./test-server.ts";

/** A call as it came, kept while it runs and after. */
interface SeenCall {
  readonly path: string;
  readonly metadata: Metadata;
  /** Until its deadline when it came, in ms; Infinity without one. */
  readonly leftMs: number;
  /** Resolves when the caller has given up: by cancel, by its deadline, or because the connection is lost. */
  readonly cancelled: Promise<void>;
}

export interface GrpcJsServer extends TestServer {
  readonly server: Server;
  /** All calls that came, the first first. */
  readonly seen: readonly SeenCall[];
  /** Resolves with the next call that comes. */
  next(): Promise<SeenCall>;
}

const ECHO_INITIAL = "x-grpc-test-echo-initial";
const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";

/**
 * Starts a test server of grpc-js on loopback.
 *
 * @param id   what it answers when asked for its `server_id`
 * @param port default: any free one
 */
export async function grpcJsServer(id = "grpc-js", options: ServerOptions = {}, port = 0): Promise<GrpcJsServer> {
  const server = new Server(options);
  const seen: SeenCall[] = [];
  let waiting: ((call: SeenCall) => void)[] = [];
  const see = (call: AnyCall): void => {
    const deadline = call.getDeadline();
    const leftMs = (typeof deadline === "number" ? deadline : deadline.getTime()) - Date.now();
    const cancelled = new Promise<void>((resolve) => void call.once("cancelled", resolve));
    const now: SeenCall = { path: call.getPath(), metadata: call.metadata, leftMs, cancelled };
    seen.push(now);
    const told = waiting;
    waiting = [];
    for (const tell of told) tell(now);
  };
  server.addService(TEST_SERVICE, handlers(id, see));
  const taken = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${taken}`,
    server,
    seen,
    next: () => new Promise((resolve) => void waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

/** What the four kinds of calls have in common here. */
interface AnyCall {
  readonly metadata: Metadata;
  getPath(): string;
  getDeadline(): Date | number;
  once(event: "cancelled", listener: () => void): unknown;
}

// A type, not an interface: grpc-js wants one that could have any other name as well.
type Handlers = {
  readonly EmptyCall: handleUnaryCall<Empty, Empty>;
  readonly UnaryCall: handleUnaryCall<SimpleRequest, SimpleResponse>;
  readonly StreamingInputCall: handleClientStreamingCall<InputRequest, InputResponse>;
  readonly StreamingOutputCall: handleServerStreamingCall<OutputRequest, OutputResponse>;
  readonly FullDuplexCall: handleBidiStreamingCall<OutputRequest, OutputResponse>;
};

function handlers(id: string, see: (call: AnyCall) => void): Handlers {
  return {
    EmptyCall(call, callback) {
      see(call);
      callback(null, {});
    },
    UnaryCall(call, callback) {
      see(call);
      const { responseStatus, responseSize = 0, fillServerId } = call.request;
      // Else the head goes with what follows, and an error is a head alone.
      if (call.metadata.get(ECHO_INITIAL).length > 0) call.sendMetadata(initial(call.metadata));
      const trailers = trailing(call.metadata);
      // proto-loader gives null for a message that is not there.
      if (responseStatus) return callback({ ...asError(responseStatus), metadata: trailers });
      callback(null, { payload: zeros(responseSize), ...(fillServerId ? { serverId: id } : {}) }, trailers);
    },
    StreamingInputCall(call, callback) {
      see(call);
      let aggregatedPayloadSize = 0;
      call.on("data", (message: InputRequest) => (aggregatedPayloadSize += sizeOf(message)));
      call.on("end", () => callback(null, { aggregatedPayloadSize }));
    },
    StreamingOutputCall(call) {
      see(call);
      for (const { size } of call.request.responseParameters ?? []) call.write({ payload: zeros(size) });
      call.end();
    },
    FullDuplexCall(call) {
      see(call);
      call.sendMetadata(initial(call.metadata));
      const trailers = trailing(call.metadata);
      call.on("data", ({ responseStatus, responseParameters = [] }: OutputRequest) => {
        if (responseStatus) return call.emit("error", { ...asError(responseStatus), metadata: trailers });
        for (const { size } of responseParameters) call.write({ payload: zeros(size) });
      });
      call.on("end", () => call.end(trailers));
    },
  };
}

function asError({ code, message }: EchoStatus): { readonly code: number; readonly details: string } {
  return { code, details: message };
}

/** What the caller wants back before the first message. */
function initial(asked: Metadata): Metadata {
  return echo(asked, ECHO_INITIAL);
}

/** What the caller wants back after the last one. */
function trailing(asked: Metadata): Metadata {
  return echo(asked, ECHO_TRAILING);
}

function echo(asked: Metadata, key: string): Metadata {
  const answer = new Metadata();
  for (const value of asked.get(key)) answer.add(key, value);
  return answer;
}
