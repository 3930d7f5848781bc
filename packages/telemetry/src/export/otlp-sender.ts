import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** What a collector made of a message. */
export type Delivery =
  | { readonly kind: "accepted" }
  /** Worth another try: it is away, overloaded or restarting. `afterMs` is what it asked for, or 0. */
  | { readonly kind: "again"; readonly afterMs: number; readonly why: string }
  /** The same message would be refused again. */
  | { readonly kind: "refused"; readonly why: string };

export interface OtlpSender {
  /** Settles within `timeoutMs`, whatever the collector does. Never rejects. */
  send(bytes: Buffer): Promise<Delivery>;
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
}

/** Statuses after which to try again. Source: OTLP specification 1.x, "Failures". */
const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Longest wait that a collector is granted, in ms. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Posts messages to a collector by OTLP over HTTP. Its connections keep no process alive.
 *
 * An answer is judged by its status: what stands in its body is read away, and nothing depends on it.
 */
export function otlpSender({ url, headers, timeoutMs }: OtlpSenderOptions): OtlpSender {
  const secure = url.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const request = secure ? httpsRequest : httpRequest;
  let closed = false;
  return {
    send: (bytes) =>
      new Promise((resolve) => {
        if (closed) return resolve({ kind: "refused", why: "closed" });
        const fields = { ...headers, "content-type": "application/x-protobuf", "content-length": bytes.length };
        const exchange = request(url, { method: "POST", agent, headers: fields });
        // One for all of it: a collector that sends a byte now and then would reset a timeout of silence.
        const late = setTimeout(() => exchange.destroy(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
        late.unref();
        exchange.on("socket", (socket) => socket.unref());
        exchange.on("response", (answer) => {
          answer.on("error", () => {}); // cut inside its body, which nobody asks for
          answer.resume();
          resolve(judge(answer));
        });
        exchange.on("error", (error) => resolve(again(error.message)));
        exchange.on("close", () => {
          clearTimeout(late);
          resolve(again("closed without an answer")); // after an upgrade that nobody asked for
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
  if (statusCode >= 200 && statusCode < 300) return { kind: "accepted" };
  const why = `status ${statusCode}`;
  if (!AGAIN.has(statusCode)) return { kind: "refused", why };
  const seconds = Number(headers["retry-after"] ?? 0);
  const afterMs = seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : 0;
  return { kind: "again", afterMs, why };
}
