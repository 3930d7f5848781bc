import { once } from "node:events";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { createServer, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

/** The certificates that the tests share, made by `make.sh` beside them. */
export const CERTIFICATES: string = new URL("../../packages/config/certificates/", import.meta.url).pathname;
export const pem = (name: string): string => readFileSync(join(CERTIFICATES, `${name}.pem`), "utf8");

/** A folder of certificates that may be replaced while a sidecar uses them. */
export interface CertificateFolder {
  /** Of a policy file that stands there. */
  readonly policyFile: string;
  /** Puts one of the shared certificates, or keys, there under another name. */
  put(from: string, as: string): Promise<void>;
}

export async function certificateFolder(files: Readonly<Record<string, string>>): Promise<CertificateFolder> {
  const folder = await mkdtemp(join(tmpdir(), "weft-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const put = (from: string, as: string): Promise<void> =>
    copyFile(join(CERTIFICATES, `${from}.pem`), join(folder, `${as}.pem`));
  for (const [as, from] of Object.entries(files)) await put(from, as);
  return { policyFile: join(folder, "policy.yaml"), put };
}

export interface SecureEndpoint {
  readonly address: `127.0.0.1:${number}`;
  /** The names of the certificates that its callers showed, one for each connection; "" for none. */
  readonly callers: readonly string[];
}

/** An endpoint over TLS that answers with the certificate's name. @param ca callers must show one that it has signed */
export async function secureEndpoint(name: string, ca?: string): Promise<SecureEndpoint> {
  const callers: string[] = [];
  const asks = ca === undefined ? {} : { ca: pem(ca), requestCert: true, rejectUnauthorized: true };
  const server = createServer({ cert: pem(name), key: pem(`${name}-key`), ...asks }, (_, response) =>
    response.end(name),
  );
  server.on("secureConnection", (socket: TLSSocket) => {
    const { subject } = socket.getPeerCertificate();
    callers.push(String(subject?.CN ?? ""));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { address: `127.0.0.1:${port}`, callers };
}

/** A connection of a caller over TLS, which trusts the tests' authority. */
export async function secureCaller(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca: pem("authority"), servername: "orders", ...options });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  return socket.on("error", () => {}); // it may outlive the sidecar, which then cuts it
}

export interface SecureAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * One call by Node's own client, on a connection of its own.
 *
 * @param at a port of loopback, or the path of a socket
 * @throws what the handshake or the connection came to
 */
export function secureCall(at: number | string, options: ConnectionOptions = {}): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const to = typeof at === "string" ? { socketPath: at } : { host: "127.0.0.1", port: at };
    const tls = { ca: pem("authority"), servername: "orders", ...options };
    const sent = request({ ...to, headers: { host: "orders" }, agent: false, ...tls }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
