import { join } from "node:path";
import {
  type Address,
  checkPolicy,
  type ListenerTlsInput,
  type OutboundInput,
  type PolicyInput,
  type ServicePolicyInput,
} from "@weft/config";
import type { Time } from "@weft/core";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { portOf } from "../sidecar/rig.ts";
import type { Target } from "./grpc-js-client.ts";

/** A way from a client to a server, open until it is disposed of. */
export interface Route extends Target, AsyncDisposable {}

const CERTIFICATES = join(import.meta.dirname, "..", "languages", "certificates");
const CERTIFICATE = join(CERTIFICATES, "localhost.pem");
const KEY = join(CERTIFICATES, "localhost-key.pem");

/** The ways on which all must be as it is without us. */
export const ROUTES: Readonly<Record<string, (server: Address) => Promise<Route>>> = {
  directly: async (server) => ({ address: server, authority: server, async [Symbol.asyncDispose]() {} }),
  "through one sidecar": (server) => outboundTo([server]),
  "through two sidecars": (server) => inAndOut(server, undefined, {}),
  "through two sidecars with TLS between them": (server) =>
    inAndOut(server, { cert: CERTIFICATE, key: { file: KEY } }, { service: { tls: { ca: CERTIFICATE } } }),
};

/** Through the outbound listener of one sidecar and the inbound one of another. */
async function inAndOut(app: Address, tls: ListenerTlsInput | undefined, towards: OutboundOptions): Promise<Route> {
  const inbound = await sidecar({ sidecar: { inbound: { listen: "127.0.0.1:0", app, ...(tls ? { tls } : {}) } } });
  const outbound = await outboundTo([`127.0.0.1:${portOf(inbound, "inbound")}`], towards);
  return {
    ...outbound,
    async [Symbol.asyncDispose]() {
      await outbound[Symbol.asyncDispose]();
      await inbound.close();
    },
  };
}

export interface OutboundOptions {
  /** What else the policy says of the service. */
  readonly service?: ServicePolicyInput;
  /** And of the listener. */
  readonly outbound?: Partial<OutboundInput>;
  /** The sidecar's. Default: the machine's own. */
  readonly time?: Time;
}

/** Through the outbound listener of a sidecar in this process, where servers are the endpoints of `interop`. */
export async function outboundTo(servers: readonly Address[], options: OutboundOptions = {}): Promise<Route> {
  const outbound = await sidecar(
    {
      services: { interop: { discover: { static: [...servers] }, ...options.service } },
      sidecar: { outbound: { listen: "127.0.0.1:0", ...options.outbound } },
    },
    options.time,
  );
  return {
    address: `127.0.0.1:${portOf(outbound, "outbound")}`,
    authority: "interop",
    [Symbol.asyncDispose]: () => outbound.close(),
  };
}

async function sidecar(input: Omit<PolicyInput, "version">, time?: Time): Promise<Sidecar> {
  const { policy } = checkPolicy({ version: 1, telemetry: { accessLog: "off" }, ...input }, { home: "sidecar" });
  const started = await createSidecar({ policy, ...(time ? { time } : {}) });
  await started.ready;
  return started;
}
