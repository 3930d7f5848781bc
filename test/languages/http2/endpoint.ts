// An endpoint with trailers, as a process of its own. Arguments: its name, and what it speaks: http1 or http2 in
// cleartext; https or both with TLS, where both lets ALPN choose. It tells its port to whoever forked it, and answers everything with what it was asked, as JSON, after which comes the trailer `x-digest`,
// the SHA-256 of the request's body.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer as createHttp1Server, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createSecureServer,
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { Server } from "node:net";
import { join } from "node:path";
import type { Writable } from "node:stream";

/** What it says of a request. */
export interface Asked {
  readonly endpoint: string;
  readonly version: string;
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  readonly scheme?: string;
  readonly te?: string;
  readonly cookie?: string;
  readonly bytes: number;
  readonly trailer?: string;
}

const [name = "", protocol = ""] = process.argv.slice(2);

async function answer(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Promise<void> {
  const digest = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    const part = chunk as Buffer; // no encoding is set, so a request's chunks are buffers
    digest.update(part);
    bytes += part.length;
  }
  const { method = "", url: path = "", httpVersion: version, headers, trailers } = request;
  const { te, cookie, ":authority": authority = headers.host ?? "", ":scheme": scheme } = headers;
  const asked: Asked = {
    endpoint: name,
    version,
    method,
    path,
    authority: `${authority}`,
    ...(typeof scheme === "string" ? { scheme } : {}),
    ...(te === undefined ? {} : { te: `${te}` }),
    ...(cookie === undefined ? {} : { cookie }),
    bytes,
    ...(typeof trailers["x-caller"] === "string" ? { trailer: trailers["x-caller"] } : {}),
  };
  response.setHeader("content-type", "application/json");
  response.setHeader("trailer", "x-digest");
  response.addTrailers({ "x-digest": digest.digest("hex") });
  const body: Writable = response; // what both protocols have in common
  body.end(JSON.stringify(asked));
}

const handle = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): void => {
  answer(request, response).catch(() => response.destroy());
};
const certificates = join(import.meta.dirname, "..", "certificates");
const tls = {
  cert: readFileSync(join(certificates, "localhost.pem")),
  key: readFileSync(join(certificates, "localhost-key.pem")),
  allowHTTP1: true,
};
const SERVERS: Readonly<Record<string, () => Server>> = {
  http1: () => createHttp1Server(handle),
  http2: () => createHttp2Server(handle),
  https: () => createHttpsServer(tls, handle),
  both: () => createSecureServer(tls, handle),
};
const server = SERVERS[protocol]?.();
if (server === undefined) throw new Error(`no endpoint speaks ${protocol}`);
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.send?.(address.port);
});
process.once("disconnect", () => process.exit());
