import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { SocketAddress } from "@weft/config";
import { keepPagesOut } from "./admin-guard.ts";
import { splitTarget } from "./admin-query.ts";
import type { AdminView } from "./admin-view.ts";
import { listenLocal } from "./listen-local.ts";
import { Problem, type Reply } from "./reply.ts";
import { answer } from "./routes.ts";

export interface AdminOptions {
  readonly listen: SocketAddress;
  /** Whether an address that other machines can reach is meant. Default false. */
  readonly allowRemote?: boolean;
}

/** The admin API while it answers. */
export interface AdminServer {
  /** `host:port` with the port that was taken, or `unix:` and a path. */
  readonly address: string;
  /** Takes no connection any more, lets answers that are on their way end for a second, cuts the rest. */
  close(): Promise<void>;
}

const MOST_BODY_BYTES = 16_384; // no route takes one
const MOST_CONNECTIONS = 128;
const CLOSE_MS = 1_000;
/** Callers are on this machine: who needs longer is stuck. In ms. */
const TIMEOUTS = { head: 2_000, request: 10_000, idle: 5_000, stalled: 15_000, check: 1_000 };

/**
 * Starts the admin API.
 *
 * @throws MeshError BAD_CONFIG when the address is not of this machine, or cannot be listened on
 */
export async function startAdmin(options: AdminOptions, view: AdminView): Promise<AdminServer> {
  const { listen, allowRemote = false } = options;
  const anyHost = allowRemote || "path" in listen; // no page reaches a unix socket
  const server = createServer({
    maxHeaderSize: 16_384,
    headersTimeout: TIMEOUTS.head,
    requestTimeout: TIMEOUTS.request,
    keepAliveTimeout: TIMEOUTS.idle,
    connectionsCheckingInterval: TIMEOUTS.check,
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.setTimeout(TIMEOUTS.stalled);
  server.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => {
    // One that leaves early is told of here, and nobody waits for it.
    incoming.on("error", () => {});
    outgoing.on("error", () => {});
    withoutBody(incoming, (tooLong) => {
      const reply = tooLong ? TOO_LONG : replyTo(incoming, view, anyHost);
      send(outgoing, reply, tooLong);
    });
  });
  const address = await listenLocal(server, listen, allowRemote);
  server.on("error", () => {}); // one connection that could not be taken ends nothing
  return { address, close: () => close(server) };
}

const TOO_LONG: Reply = new Problem(413, `a body of more than ${MOST_BODY_BYTES} bytes; none is needed`).reply;

function replyTo(incoming: IncomingMessage, view: AdminView, anyHost: boolean): Reply {
  const { method = "", url = "", headers } = incoming;
  try {
    keepPagesOut(incoming, anyHost);
    const { path, query } = splitTarget(url);
    return answer({ method, path, query, accept: (headers.accept ?? "").toLowerCase() }, view);
  } catch (error) {
    if (error instanceof Problem) return error.reply;
    return new Problem(500, error instanceof Error ? error.message : String(error)).reply;
  }
}

/** Reads over a body that nobody needs, so that what is asked is done once and the connection can be used again. */
function withoutBody(incoming: IncomingMessage, done: (tooLong: boolean) => void): void {
  let size = 0;
  const onData = (bytes: Buffer): void => {
    size += bytes.length;
    if (size <= MOST_BODY_BYTES) return;
    incoming.off("data", onData);
    incoming.off("end", onEnd);
    incoming.pause();
    done(true);
  };
  const onEnd = (): void => done(false);
  incoming.on("data", onData);
  incoming.on("end", onEnd);
}

function send(outgoing: ServerResponse, { status, type, body, headers }: Reply, last: boolean): void {
  const bytes = Buffer.from(body);
  outgoing.writeHead(status, {
    "Content-Type": type,
    "Content-Length": bytes.length,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(last ? { Connection: "close" } : {}),
    ...headers,
  });
  outgoing.end(bytes);
}

async function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await promise;
  clearTimeout(cut);
}
