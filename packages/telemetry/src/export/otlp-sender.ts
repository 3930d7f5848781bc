import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { gzip as nodeGzip } from "node:zlib";
import { parseRetryAfter } from "@weft/core";
import { readPartialSuccess } from "./partial-success.ts";

/** What a collector made of a message. */
export type Delivery =
  /** `rejected`: spans of it that were not taken, >= 0, and will not be; `why` in the collector's words. */
  | { readonly kind: "accepted"; readonly rejected: number; readonly why: string }
  /** Worth another try: it is away, overloaded or restarting. `afterMs` is what it asked for, or 0. */
  | { readonly kind: "again"; readonly afterMs: number; readonly why: string }
  /** The same message would be refused again. */
  | { readonly kind: "refused"; readonly why: string };

/** A message as it is sent. */
interface PackedMessage {
  readonly bytes: Buffer;
  readonly encoding: Compression;
}

export interface OtlpSender {
  /** Makes of a message what is sent: once, however often that is. Never rejects: what cannot be packed is sent as it is. */
  pack(bytes: Buffer): Promise<PackedMessage>;
  /** Settles within `timeoutMs`, whatever the collector does. Never rejects. @param message from `pack` */
  send(message: PackedMessage): Promise<Delivery>;
  /** Ends every connection. What is on its way is given up, and what comes later is refused. */
  close(): void;
}

export interface OtlpSenderOptions {
  /** With its path. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** For one message, from the dial to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly compression: Compression;
  /** What gzip is done by; for tests. Default: Node's own, which throws when there is no memory to begin with. */
  readonly gzip?: (bytes: Buffer, done: (error: Error | null, packed: Buffer) => void) => void;
}

/** `gzip` costs some time of a thread beside the event loop, and sends an eighth of the bytes. */
export type Compression = "none" | "gzip";

/** Statuses after which to try again. Source: OTLP specification 1.x, "Failures". */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** An answer that says something of spans is far shorter. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** Longest wait that a collector is granted, in ms. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Posts messages to a collector by OTLP over HTTP. Its connections keep no process alive.
 *
 * An answer is judged by its status. Of one that took the message, the body says whether it took all of it.
 */
export function otlpSender(options: OtlpSenderOptions): OtlpSender {
  const { url, headers, timeoutMs, compression, gzip = nodeGzip } = options;
  const secure = url.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const request = secure ? httpsRequest : httpRequest;
  let closed = false;
  return {
    pack: async (bytes) => {
      const packed = compression === "gzip" ? await gzipped(bytes, gzip).catch(() => undefined) : undefined;
      return packed === undefined ? { bytes, encoding: "none" } : { bytes: packed, encoding: "gzip" };
    },
    send: ({ bytes, encoding }) =>
      new Promise((resolve) => {
        if (closed) return resolve({ kind: "refused", why: "closed" });
        const of = { "content-type": "application/x-protobuf", "content-length": bytes.length };
        const fields = { ...headers, ...of, ...(encoding === "gzip" ? { "content-encoding": encoding } : {}) };
        const exchange = request(url, { method: "POST", agent, headers: fields });
        // One for all of it: a collector that sends a byte now and then would reset a timeout of silence.
        const late = setTimeout(() => exchange.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
        late.unref();
        exchange.on("socket", (socket) => socket.unref());
        /** What its status says, which an answer that breaks off inside its body has said as well. */
        let known: Delivery | undefined;
        exchange.on("response", (answer) => {
          known = judge(answer);
          answer.on("error", () => {});
          if (known.kind === "accepted") readTaken(answer, resolve);
          else answer.resume();
        });
        exchange.on("error", (error) => resolve(known ?? again(error.message)));
        exchange.on("close", () => {
          clearTimeout(late);
          resolve(known ?? again("closed without an answer")); // as after an upgrade that nobody asked for
        });
        exchange.end(bytes);
      }),
    close: () => {
      closed = true;
      agent.destroy();
    },
  };
}

function again(why: string): Delivery {
  return { kind: "again", afterMs: 0, why };
}

function judge({ statusCode = 0, headers }: IncomingMessage): Delivery {
  if (statusCode >= 200 && statusCode < 300) return ALL_TAKEN;
  const why = `status ${statusCode}`;
  if (!AGAIN.has(statusCode)) return { kind: "refused", why };
  const asked = parseRetryAfter(headers["retry-after"] ?? "", Date.now);
  return { kind: "again", afterMs: Math.min(asked, LONGEST_WAIT_MS), why };
}

const ALL_TAKEN: Delivery = { kind: "accepted", rejected: 0, why: "" };

/** Reads what the collector says of a message that it took. A longer answer than any of these is read away. */
function readTaken(answer: IncomingMessage, tell: (delivery: Delivery) => void): void {
  const pieces: Buffer[] = [];
  let size = 0;
  answer.on("data", (piece: Buffer) => {
    size += piece.length;
    if (size <= MOST_ANSWER_BYTES) pieces.push(piece);
  });
  answer.on("end", () => {
    const partial = size <= MOST_ANSWER_BYTES ? readPartialSuccess(Buffer.concat(pieces)) : undefined;
    tell(partial === undefined ? ALL_TAKEN : { kind: "accepted", ...partial });
  });
}

function gzipped(bytes: Buffer, gzip: NonNullable<OtlpSenderOptions["gzip"]>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    gzip(bytes, (error, packed) => (error === null ? resolve(packed) : reject(error)));
  });
}
