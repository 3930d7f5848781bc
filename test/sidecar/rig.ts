import { type Agent, type IncomingHttpHeaders, request } from "node:http";
import { checkPolicy, type PolicyInput, type ServicePolicyInput, type SidecarInput } from "@weft/config";
import { type Endpoint, meshEvents } from "@weft/core";
import { createSidecar, type Sidecar, type SidecarOptions } from "@weft/sidecar";
import {
  type Behaviour,
  eventJournal,
  type EventJournal,
  fakeEndpoints,
  type FakeEndpoints,
  memoryRegistry,
  type MemoryRegistry,
} from "@weft/testkit";

/** A sidecar whose outbound listener knows one service, `orders`, on endpoints that do what the test says. */
export interface SidecarRig extends AsyncDisposable {
  readonly sidecar: Sidecar;
  readonly registry: MemoryRegistry;
  readonly endpoints: FakeEndpoints;
  readonly journal: EventJournal;
  /** Port of the outbound listener. */
  readonly port: number;
  /** What the admin API answers. */
  readonly admin: (path: string, method?: string) => Promise<Answer>;
  /** Calls and connections held now, by the admin API. */
  readonly held: () => Promise<{ readonly calls: number; readonly pending: number; readonly connections: number }>;
}

export interface SidecarRigOptions {
  /** How many endpoints. Default 2. */
  readonly count?: number;
  readonly behaviour?: Behaviour;
  /** Of orders. The balancer is `first` unless it says otherwise: no draw decides. */
  readonly policy?: ServicePolicyInput;
  /** Beside the outbound and admin listeners. */
  readonly sidecar?: SidecarInput;
  /** Of the outbound listener. */
  readonly outbound?: Partial<NonNullable<SidecarInput["outbound"]>>;
  readonly rest?: Pick<PolicyInput, "defaults" | "telemetry">;
  readonly options?: Omit<SidecarOptions, "policy" | "registry">;
  /** What the registry says, when that is not the endpoints started. */
  readonly registered?: readonly Endpoint[];
}

/** Starts endpoints and a sidecar over them, in this process, on free ports of loopback. */
export async function sidecarRig(options: SidecarRigOptions = {}): Promise<SidecarRig> {
  const { count = 2, behaviour = {}, policy = {}, outbound = {}, rest = {} } = options;
  const endpoints = await fakeEndpoints(count, { behaviour });
  const registry = memoryRegistry();
  registry.set("orders", options.registered ?? endpoints.asEndpoints());
  const events = meshEvents();
  const journal = eventJournal(events);
  const input: PolicyInput = {
    version: 1,
    telemetry: { accessLog: "off" },
    ...rest,
    services: { orders: { balancer: { kind: "first" }, ...policy } },
    sidecar: {
      outbound: { listen: "127.0.0.1:0", ...outbound },
      admin: { listen: "127.0.0.1:0" },
      ...options.sidecar,
    },
  };
  const sidecar = await createSidecar({
    ...options.options,
    policy: checkPolicy(input, { home: "sidecar" }).policy,
    registry,
    onEvent(name, event) {
      events.emit(name, event);
      options.options?.onEvent?.(name, event);
    },
  });
  await sidecar.ready;
  const port = portOf(sidecar, "outbound");
  const admin = (path: string, method = "GET"): Promise<Answer> =>
    call(portOf(sidecar, "admin"), path, { method, host: "localhost" });
  return {
    sidecar,
    registry,
    endpoints,
    journal,
    port,
    admin,
    async held() {
      const { services } = JSON.parse((await admin("/services")).body) as { services: readonly Shown[] };
      const pending = services.flatMap((service) => service.endpoints).reduce((sum, node) => sum + node.pending, 0);
      return {
        calls: services.reduce((sum, { calls }) => sum + calls.running, 0),
        pending,
        connections: services.reduce((sum, { connections }) => sum + connections.running, 0),
      };
    },
    async [Symbol.asyncDispose]() {
      await sidecar.close();
      await endpoints.close();
      await registry.close();
      journal.close();
    },
  };
}

/** What `/services` shows, as far as `held` reads it. */
interface Shown {
  readonly calls: { readonly running: number };
  readonly connections: { readonly running: number };
  readonly endpoints: readonly { readonly pending: number }[];
}

/** The port that a listener of the sidecar has taken. */
export function portOf(sidecar: Sidecar, name: string): number {
  const found = sidecar.listeners.find((listener) => listener.name === name);
  if (found === undefined) throw new Error(`the sidecar has no listener ${name}`);
  return Number(found.address.slice(found.address.lastIndexOf(":") + 1));
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface CallOptions {
  readonly method?: string;
  /** Default `orders`. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Default: a connection of its own, which ends with the call. */
  readonly agent?: Agent;
}

/** One call over HTTP/1.1 by Node's own client. @throws when the connection breaks, also inside the body */
export function call(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  const { method = "GET", host = "orders", headers = {}, body, agent } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method,
        headers: { host, ...headers },
        ...(agent ? { agent } : { agent: false }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const { statusCode: status = 0, headers: got } = response;
          resolve({ status, headers: got, body: Buffer.concat(chunks).toString() });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}
