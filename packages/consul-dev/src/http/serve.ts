import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault, FaultBook } from "../faults.ts";
import type { Time } from "../time.ts";
import { ApiError, encodeJson, type Reply } from "./reply.ts";
import { route, type Routes } from "./router.ts";

const MOST_BODY_BYTES = 512 * 1024; // Consul's limit for a KV value; nothing else is larger

/** What `serve` works with. */
export interface Serving {
  readonly routes: Routes;
  readonly faults: FaultBook;
  readonly time: Time;
  readonly modern: boolean;
  /** Ends every wait when the agent stops. */
  readonly stopping: AbortSignal;
}

/** Answers one HTTP request; never throws. A caller that leaves ends its wait. */
export async function serve(serving: Serving, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const left = new AbortController();
  outgoing.on("close", () => left.abort());
  incoming.on("error", () => left.abort());
  const signal = AbortSignal.any([left.signal, serving.stopping]);
  const [path = "/", query = ""] = split(incoming.url ?? "/");
  const fault = serving.faults.take(path);
  if (fault?.kind === "hang") return; // until one of the two sides closes the socket
  const reply =
    fault?.kind === "status" ? text(fault.status, fault.body) : await answer(serving, incoming, path, query, signal);
  if (fault?.kind === "slow") await pause(serving.time, fault.ms, signal);
  if (outgoing.destroyed) return;
  send(outgoing, reply, fault);
}

async function answer(
  serving: Serving,
  incoming: IncomingMessage,
  path: string,
  query: string,
  signal: AbortSignal,
): Promise<Reply> {
  try {
    const method = incoming.method ?? "GET";
    const body = await readBody(incoming);
    const { handler, rest } = route(serving.routes, path, method, serving.modern);
    return await handler({ method, path, rest, body, params: new URLSearchParams(query), signal });
  } catch (error) {
    if (error instanceof ApiError) return { ...text(error.status, error.message), headers: error.headers };
    return text(500, error instanceof Error ? error.message : String(error));
  }
}

function send(outgoing: ServerResponse, reply: Reply, fault: Fault | undefined): void {
  const { bytes, type } = encode(reply);
  const headers: Record<string, string> = { Vary: "Accept-Encoding", ...reply.headers };
  if (bytes.length > 0) headers["Content-Type"] = type;
  switch (fault?.kind) {
    case "html":
      outgoing.writeHead(200, { "Content-Type": "text/html" }).end("<html><body>Please log in</body></html>");
      return;
    case "empty":
      outgoing
        .writeHead(200, { ...headers, "Content-Type": "application/json", "X-Consul-KnownLeader": "false" })
        .end("[]\n");
      return;
    case "truncated":
      outgoing.writeHead(reply.status, headers).end(bytes.subarray(0, bytes.length / 2));
      return;
    case "cut":
      outgoing.writeHead(reply.status, { ...headers, "Content-Length": String(Math.max(2, bytes.length)) });
      outgoing.write(bytes.subarray(0, bytes.length / 2), () => outgoing.destroy());
      return;
    default:
      outgoing.writeHead(reply.status, { ...headers, "Content-Length": String(bytes.length) }).end(bytes);
  }
}

function encode({ body }: Reply): { readonly bytes: Uint8Array; readonly type: string } {
  switch (body?.kind) {
    case undefined:
      return { bytes: new Uint8Array(), type: "" };
    case "json":
      return { bytes: encodeJson(body.value), type: "application/json" };
    case "text":
      return { bytes: Buffer.from(body.text), type: "text/plain; charset=utf-8" };
    case "bytes":
      return body;
    default:
      return body satisfies never;
  }
}

function text(status: number, body: string): Reply {
  return { status, body: { kind: "text", text: body } };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_BODY_BYTES)
      throw new ApiError(413, `Request body too large, max size: ${MOST_BODY_BYTES} bytes.`, { Connection: "close" });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function pause(time: Time, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      resolve();
    };
    const cancel = time.after(ms, end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}

function split(url: string): [string, string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}
