import type { MethodDefinition } from "@grpc/grpc-js";

export interface WebCallOptions {
  /** Sent and wanted as base64. */
  readonly text?: boolean;
  readonly fields?: Readonly<Record<string, string>>;
  /** In the place of what the messages are. */
  readonly body?: string | Buffer | ReadableStream<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** One frame of an answer. */
export interface WebFrame {
  readonly flags: number;
  readonly bytes: Buffer;
}

const HEAD_BYTES = 5;

/** A call of gRPC-Web by the platform's fetch, as a browser makes it. */
export function webFetch<Request>(
  port: number,
  { path, requestSerialize }: Pick<MethodDefinition<Request, unknown>, "path" | "requestSerialize">,
  messages: readonly Request[],
  { text = false, fields = {}, body, signal }: WebCallOptions = {},
): Promise<Response> {
  const frames = Buffer.concat(messages.map((message) => webFrame(requestSerialize(message))));
  const type = `application/grpc-web${text ? "-text" : ""}+proto`;
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": type, accept: type, "x-grpc-web": "1", ...fields },
    body: body ?? (text ? frames.toString("base64") : frames),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
}

export function webFrame(bytes: Buffer, flags = 0): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(flags);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

/** The frames of an answer, each as soon as it is here. @throws Error when the body ends inside one */
export async function* webFrames(answer: Response): AsyncGenerator<WebFrame> {
  const text = answer.headers.get("content-type")?.includes("-text") === true;
  let chars = "";
  let rest = Buffer.alloc(0);
  for await (const chunk of answer.body ?? []) {
    const bytes = Buffer.from(chunk);
    if (text) {
      chars += bytes.toString("latin1");
      const whole = chars.length - (chars.length % 4);
      // Padding may stand inside: each text up to its own.
      const texts = chars.slice(0, whole).match(/[^=]+=*/g) ?? [];
      rest = Buffer.concat([rest, ...texts.map((each) => Buffer.from(each, "base64"))]);
      chars = chars.slice(whole);
    } else rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const end = rest.length < HEAD_BYTES ? Number.POSITIVE_INFINITY : HEAD_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) break;
      yield { flags: rest.readUInt8(), bytes: rest.subarray(HEAD_BYTES, end) };
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0 || chars !== "") throw new Error("the body ends inside a frame");
}

/** A whole answer. */
export interface WebAnswer<Message> {
  readonly http: number;
  readonly type: string;
  readonly fields: Headers;
  readonly messages: readonly Message[];
  /** Of the last frame, as fields; undefined: there was none. */
  readonly trailers: Readonly<Record<string, string>> | undefined;
}

export async function webAnswer<Message>(
  answer: Response,
  { responseDeserialize }: Pick<MethodDefinition<never, Message>, "responseDeserialize">,
): Promise<WebAnswer<Message>> {
  const messages: Message[] = [];
  let trailers: Readonly<Record<string, string>> | undefined;
  for await (const { flags, bytes } of webFrames(answer)) {
    if (trailers !== undefined) throw new Error("a frame behind the trailers");
    if (flags === 0x80) trailers = trailersOf(bytes);
    else messages.push(responseDeserialize(bytes));
  }
  const { status: http, headers: fields } = answer;
  return { http, type: fields.get("content-type") ?? "", fields, messages, trailers };
}

export function trailersOf(bytes: Buffer): Readonly<Record<string, string>> {
  const lines = bytes.toString("latin1").split("\r\n");
  if (lines.pop() !== "") throw new Error("the last line of the trailers has no end");
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
}
