import { isDeepStrictEqual } from "node:util";
import type { TlsOptions } from "node:tls";
import { addressText, type TlsListener } from "@weft/config";
import { MeshError } from "@weft/core";
import { type AdminServer, startAdmin } from "../admin/admin-server.ts";
import type { AdminView } from "../admin/admin-view.ts";
import type { Drainable } from "../consul/shut-down.ts";
import { type ListenerPlan, type PlannedListener } from "../reload/listener-plans.ts";
import { APP, appPolicy } from "../service/app-policy.ts";
import type { SidecarListener } from "../sidecar.ts";
import type { HttpListener } from "./http-listener.ts";
import { InboundListener } from "./inbound-listener.ts";
import type { ListenerPorts } from "./listener-ports.ts";
import { OutboundListener } from "./outbound-listener.ts";
import { openTcp } from "./tcp-listener.ts";

/** A listener that accepts. */
export interface OpenListener {
  readonly plan: ListenerPlan;
  readonly shown: SidecarListener;
  /** Undefined for the admin API, which answers to the end. */
  readonly drainable: Drainable | undefined;
  /** Another policy for the same address. */
  configure(plan: ListenerPlan): void;
  /** Other certificates, where it has some and they differ. */
  renew(tls: ListenersTls): void;
  /** Ends it and cuts its connections. */
  close(): Promise<void>;
}

/** What the TLS of each listener comes to; undefined: it has none. */
export type ListenersTls = (listener: TlsListener) => TlsOptions | undefined;

/** What stands for an app on a unix socket where endpoints have a host and a port; nobody dials it. */
const UNIX_APP = "127.0.0.1:1";

/**
 * Opens what a plan asks for.
 *
 * @throws MeshError BAD_CONFIG that names the listener and says what the system said
 */
export async function openListener(
  planned: PlannedListener,
  ports: ListenerPorts,
  { view, tls }: { readonly view: AdminView; readonly tls: ListenersTls },
): Promise<OpenListener> {
  try {
    return await open(planned, ports, view, tls);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new MeshError("BAD_CONFIG", `${planned.path}.listen: cannot listen on ${planned.address}: ${said}`, {
      cause,
    });
  }
}

function open(
  { plan, name }: PlannedListener,
  ports: ListenerPorts,
  view: AdminView,
  tls: ListenersTls,
): Promise<OpenListener> {
  switch (plan.kind) {
    case "inbound":
      return openInbound(plan, name, ports, tls("inbound"));
    case "outbound":
      return openOutbound(plan, name, ports, tls("outbound"));
    case "tcp":
      return openTcp(plan, name, ports);
    case "admin":
      return openAdmin(plan, view);
    default:
      return plan satisfies never;
  }
}

async function openOutbound(
  plan: Extract<ListenerPlan, { kind: "outbound" }>,
  name: string,
  ports: ListenerPorts,
  tls: TlsOptions | undefined,
): Promise<OpenListener> {
  const listener = new OutboundListener(plan.policy, tls, ports);
  await listener.open(plan.policy);
  return {
    plan,
    shown: { name, address: listener.address, protocol: "http" },
    drainable: listener,
    configure: (next) => {
      if (next.kind === "outbound") listener.configure(next.policy);
    },
    renew: renewing(listener, "outbound", tls),
    close: async () => void (await listener.finish(0)),
  };
}

async function openInbound(
  plan: Extract<ListenerPlan, { kind: "inbound" }>,
  name: string,
  ports: ListenerPorts,
  tls: TlsOptions | undefined,
): Promise<OpenListener> {
  const { services } = ports;
  const at = plan.policy.app;
  const address = "path" in at ? UNIX_APP : addressText(at);
  const target = "path" in at ? { host: "app", port: 1, path: at.path } : undefined;
  const app = services.single(
    APP,
    address,
    appPolicy(plan.policy, address, services.defaults),
    target && (() => target),
  );
  services.pin(APP);
  const listener = new InboundListener(plan.policy, tls, app, ports);
  await listener.open(plan.policy);
  return {
    plan,
    shown: { name, address: listener.address, protocol: "http" },
    drainable: listener,
    configure: (next) => {
      if (next.kind !== "inbound") return;
      listener.configure(next.policy);
      app.configure(appPolicy(next.policy, address, services.defaults));
    },
    renew: renewing(listener, "inbound", tls),
    close: async () => void (await listener.finish(0)),
  };
}

function renewing(
  listener: HttpListener,
  which: TlsListener,
  opened: TlsOptions | undefined,
): (tls: ListenersTls) => void {
  let inForce = opened;
  return (tls) => {
    const next = tls(which);
    if (inForce === undefined || next === undefined || isDeepStrictEqual(inForce, next)) return;
    listener.renew(next);
    inForce = next;
  };
}

async function openAdmin(plan: Extract<ListenerPlan, { kind: "admin" }>, view: AdminView): Promise<OpenListener> {
  const { listen, allowRemote } = plan.policy;
  const server: AdminServer = await startAdmin({ listen, allowRemote }, view);
  return {
    plan,
    shown: { name: "admin", address: server.address, protocol: "http" },
    drainable: undefined,
    configure: () => {},
    renew: () => {},
    close: () => server.close(),
  };
}

/** The port of an address as it was asked for or taken; undefined for a unix socket. */
export function portOf(address: string): number | undefined {
  const port = Number(/:(\d+)$/.exec(address)?.[1]);
  return Number.isNaN(port) ? undefined : port;
}
