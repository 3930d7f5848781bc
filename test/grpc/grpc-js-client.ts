import { Client, type ClientOptions, credentials, Metadata, type MethodDefinition, type status } from "@grpc/grpc-js";

/** Where calls go: an address, and what they are for. */
export interface Target {
  /** `host:port`. */
  readonly address: string;
  readonly authority: string;
}

export interface CallOptions {
  readonly metadata?: Metadata;
  /** Default: far more than a call takes, so that none hangs. */
  readonly timeoutMs?: number;
}

/** How a call ended. */
export interface Status {
  readonly code: status;
  readonly details: string;
  readonly trailers: Metadata;
}

export interface UnaryAnswer<Response> {
  readonly response: Response | undefined;
  readonly head: Metadata | undefined;
  readonly status: Status;
}

/** A call of any of the three streaming kinds, which differ in nothing on the wire. */
export interface StreamingCall<Request, Response> {
  send(message: Request): void;
  halfClose(): void;
  cancel(): void;
  /** Waits for a message. @returns undefined when there comes none any more */
  next(): Promise<Response | undefined>;
  /** Undefined: it ended without. */
  readonly head: Promise<Metadata | undefined>;
  readonly ended: Promise<Status>;
}

const LONG_MS = 50_000;

/** A client of grpc-js with connections of its own, which end with it. */
export function grpcJsClient({ address, authority }: Target, options: ClientOptions = {}): Client & Disposable {
  const client = new Client(address, credentials.createInsecure(), {
    "grpc.default_authority": authority,
    "grpc.use_local_subchannel_pool": 1,
    ...options,
  });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

export function unary<Request, Response>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  request: Request,
  { metadata = new Metadata(), timeoutMs = LONG_MS }: CallOptions = {},
): Promise<UnaryAnswer<Response>> {
  return new Promise((resolve) => {
    let response: Response | undefined;
    let head: Metadata | undefined;
    const deadline = Date.now() + timeoutMs;
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      { deadline },
      (_error, value) => (response = value),
    );
    call.on("metadata", (came) => (head = came));
    // After the callback; an error is also a status.
    call.on("status", ({ code, details, metadata: trailers }) =>
      resolve({ response, head, status: { code, details, trailers } }),
    );
  });
}

export function streaming<Request, Response>(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<Request, Response>,
  { metadata = new Metadata(), timeoutMs = LONG_MS }: CallOptions = {},
): StreamingCall<Request, Response> {
  const deadline = Date.now() + timeoutMs;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, { deadline });
  call.on("error", () => {}); // is told as the status
  const ended = new Promise<Status>((resolve) => {
    call.on("status", ({ code, details, metadata: trailers }) => resolve({ code, details, trailers }));
  });
  const head = new Promise<Metadata | undefined>((resolve) => {
    call.on("metadata", resolve);
    void ended.then(() => resolve(undefined));
  });
  const messages: AsyncIterator<Response> = call[Symbol.asyncIterator]();
  return {
    send: (message) => void call.write(message),
    halfClose: () => void call.end(),
    cancel: () => call.cancel(),
    async next() {
      try {
        const { value, done } = await messages.next();
        return done ? undefined : value;
      } catch {
        return undefined; // `ended` tells why
      }
    },
    head,
    ended,
  };
}
