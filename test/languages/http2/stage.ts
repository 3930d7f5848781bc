import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, PolicyInput } from "@weft/config";
import { runWeft } from "../../cli/running.ts";
import { endsWithFile } from "../../ends-with-file.ts";

/** A sidecar before endpoints of both protocols, each a process of its own. Its services: see below. */
export interface Http2Stage extends AsyncDisposable {
  /** Port of the outbound listener, which speaks HTTP/1.1 and HTTP/2 in cleartext. */
  readonly outbound: number;
  /** Port of an inbound listener with TLS, before an endpoint of `modern`. */
  readonly secure: number;
  /** Path of the certificate of that listener, which is its own authority. For `localhost` and 127.0.0.1. */
  readonly authority: string;
  /** For files. Ends with the stage. */
  readonly folder: string;
}

/** Services of cleartext by what their endpoints speak. */
export const SERVICES = [
  { service: "plain", protocol: "http1", version: "1.1" },
  { service: "modern", protocol: "http2", version: "2.0" },
] as const;
/** Services with TLS, of which no policy says what they speak: ALPN tells. */
export const SECURE_SERVICES = [
  { service: "older", protocol: "https", version: "1.1" },
  { service: "agreed", protocol: "both", version: "2.0" },
] as const;

const CERTIFICATES = join(import.meta.dirname, "..", "certificates");

/** Starts two endpoints of each service and `weft sidecar`; resolves when all of them listen. */
export async function startHttp2Stage(): Promise<Http2Stage> {
  const folder = await mkdtemp(join(tmpdir(), "weft-http2-"));
  const started = [...SERVICES, ...SECURE_SERVICES].flatMap(({ service, protocol }) =>
    [1, 2].map((number) => startEndpoint(`${service}-${number}`, protocol)),
  );
  const endpoints = await Promise.all(started);
  const of = (service: string): readonly Address[] =>
    endpoints.filter(({ name }) => name.startsWith(`${service}-`)).map(({ address }) => address);
  const authority = join(CERTIFICATES, "localhost.pem");
  const policy: PolicyInput = {
    version: 1,
    services: {
      plain: { discover: { static: of("plain") }, protocol: "http1" },
      modern: { discover: { static: of("modern") }, protocol: "http2" },
      older: { discover: { static: of("older") }, tls: { ca: authority } },
      agreed: { discover: { static: of("agreed") }, tls: { ca: authority } },
    },
    sidecar: {
      outbound: { listen: "127.0.0.1:0" },
      inbound: {
        listen: "127.0.0.1:0",
        app: of("modern")[0]!, // there are two
        protocol: "http2",
        tls: { cert: authority, key: { file: join(CERTIFICATES, "localhost-key.pem") } },
      },
    },
    telemetry: { accessLog: "off" },
  };
  const file = join(folder, "policy.json");
  await writeFile(file, JSON.stringify(policy));
  const weft = runWeft(["sidecar", file]);
  const portOf = async (name: string): Promise<number> => {
    const [, port] = await weft.says(new RegExp(`"name":"${name}","address":"127\\.0\\.0\\.1:(\\d+)"`));
    return Number(port);
  };
  const stage: Http2Stage = {
    outbound: 0,
    secure: 0,
    authority,
    folder,
    async [Symbol.asyncDispose]() {
      await weft[Symbol.asyncDispose]();
      for (const { child } of endpoints) child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    },
  };
  try {
    return { ...stage, outbound: await portOf("outbound"), secure: await portOf("inbound") };
  } catch (error) {
    await stage[Symbol.asyncDispose]();
    throw error;
  }
}

async function startEndpoint(
  name: string,
  protocol: string,
): Promise<{ readonly name: string; readonly child: ChildProcess; readonly address: Address }> {
  const child = endsWithFile(fork(new URL("endpoint.ts", import.meta.url), [name, protocol], { execArgv: [] }));
  const [port] = await once(child, "message");
  return { name, child, address: `127.0.0.1:${Number(port)}` };
}
