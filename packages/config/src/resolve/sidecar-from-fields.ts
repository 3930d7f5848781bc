import type { AdaptiveKind } from "../input/limits-input.ts";
import type { AppProtocol, ProxyProtocolSend, SidecarInput, Underscores } from "../input/sidecar-input.ts";
import type { ListenerTlsInput } from "../input/tls-input.ts";
import { durationMs, type ListenAddress, sizeBytes } from "../input/units.ts";
import type { Fields } from "./merge.ts";
import type {
  HttpListenerPolicy,
  InboundPolicy,
  OutboundPolicy,
  RegisterCheck,
  RegisterPolicy,
  SidecarPolicy,
  SocketAddress,
  TcpPolicy,
} from "./sidecar-policy.ts";
import { sharesOf } from "./shares.ts";
import { addressText, isEveryHost, socketAddress } from "./socket-address.ts";
import { listenerTlsPolicy, type ListenerTlsPolicy, type Locate } from "./tls-policy.ts";

/** Turns fields into plain numbers. The fields went through the schema, which is what each `read` relies on. */
export function sidecarFromFields(input: SidecarInput, fields: Fields, found: Locate): SidecarPolicy {
  const at = reader(fields, "sidecar");
  const part = (name: string): Reader => reader(fields, `sidecar.${name}`);
  const inbound = input.inbound === undefined ? undefined : inboundFrom(part("inbound"), found);
  return {
    service: at.read("service"),
    inbound,
    outbound: input.outbound === undefined ? undefined : outboundFrom(part("outbound"), found),
    tcp: named((input.tcp ?? []).map((_, i) => tcpFrom(part(`tcp[${i}]`)))),
    admin:
      input.admin === undefined
        ? undefined
        : { listen: at.address("admin.listen"), allowRemote: at.read("admin.allowRemote") },
    drain: { propagationMs: at.ms("drain.propagation"), graceMs: at.ms("drain.grace") },
    register: input.register === undefined ? undefined : registerFrom(part("register"), inbound),
  };
}

function listenerFrom(name: string, at: Reader, found: Locate): HttpListenerPolicy {
  return {
    name,
    listen: at.address("listen"),
    tls: tlsFrom(at, found),
    underscores: at.read<Underscores>("underscores"),
    limits: {
      connections: at.read("limits.connections"),
      headBytes: at.bytes("limits.headBytes"),
      fields: at.read("limits.fields"),
      streams: at.read("limits.streams"),
      bodyBytesPerSecond: at.bytes("limits.bodyRate"),
    },
    timeouts: {
      headMs: at.limitMs("timeouts.head"),
      idleMs: at.limitMs("timeouts.idle"),
      keepAliveMs: at.limitMs("timeouts.keepAlive"),
      bodyMs: at.limitMs("timeouts.body"),
      tunnelMs: at.limitMs("timeouts.tunnel"),
    },
  };
}

function tlsFrom(at: Reader, found: Locate): ListenerTlsPolicy | undefined {
  const cert = at.read<string | undefined>("tls.cert");
  if (cert === undefined) return undefined;
  const ca = at.read<ListenerTlsInput["ca"]>("tls.ca");
  const minVersion = at.read<NonNullable<ListenerTlsInput["minVersion"]>>("tls.minVersion");
  return listenerTlsPolicy({ cert, key: at.read("tls.key"), minVersion, ...(ca === undefined ? {} : { ca }) }, found);
}

function inboundFrom(at: Reader, found: Locate): InboundPolicy {
  const listener = listenerFrom("inbound", at, found);
  return {
    ...listener,
    app: at.address("app"),
    protocol: at.read<AppProtocol>("protocol"),
    grpcWeb: at.read("grpcWeb"),
    reportLoad: at.read("reportLoad"),
    limits: {
      ...listener.limits,
      calls: at.read("limits.calls"),
      adaptive: at.read<AdaptiveKind>("limits.adaptive"),
      shares: sharesOf((name) => at.read<number | undefined>(`limits.shares.${name}`) ?? 0),
    },
    timeouts: {
      ...listener.timeouts,
      connectMs: at.limitMs("timeouts.connect"),
      totalMs: at.limitMs("timeouts.total"),
    },
  };
}

function outboundFrom(at: Reader, found: Locate): OutboundPolicy {
  return {
    ...listenerFrom("outbound", at, found),
    service: at.read("service"),
    unknown: at.read("unknown"),
    consul: at.read("consul"),
  };
}

function tcpFrom(at: Reader): Omit<TcpPolicy, "name"> {
  return {
    listen: at.address("listen"),
    service: at.read("service"),
    connections: at.read("limits.connections"),
    idleMs: at.limitMs("timeouts.idle"),
    proxyProtocol: {
      accept: at.read("proxyProtocol.accept"),
      send: at.read<ProxyProtocolSend>("proxyProtocol.send"),
    },
  };
}

/** The shortest name that tells a listener from those before it. */
function named(listeners: readonly Omit<TcpPolicy, "name">[]): readonly TcpPolicy[] {
  const taken = new Set<string>();
  return listeners.map((listener) => {
    const { listen } = listener;
    const whole = addressText(listen);
    const names = [...("path" in listen ? [] : [`tcp:${listen.port}`]), `tcp:${whole}`];
    for (let n = 2; ; n++) {
      const name = names.find((free) => !taken.has(free));
      if (name === undefined) {
        names.push(`tcp:${whole}#${n}`);
        continue;
      }
      taken.add(name);
      return { name, ...listener };
    }
  });
}

function registerFrom(at: Reader, inbound: InboundPolicy | undefined): RegisterPolicy {
  const listen = inbound !== undefined && "port" in inbound.listen ? inbound.listen : undefined;
  return {
    name: at.read("name"),
    id: at.read("id"),
    address: at.read("address") ?? (listen === undefined || isEveryHost(listen) ? undefined : listen.host),
    port: at.read("port") ?? (listen?.port === 0 ? undefined : listen?.port),
    tags: at.read("tags") ?? [],
    meta: at.read("meta") ?? {},
    check: checkFrom(at, inbound?.tls !== undefined),
  };
}

function checkFrom(at: Reader, secured: boolean): RegisterCheck {
  const times = { intervalMs: at.ms("check.interval"), timeoutMs: at.ms("check.timeout") };
  const kind = at.read<RegisterCheck["kind"]>("check.kind");
  return kind === "http" ? { kind, path: at.read("check.path"), secured, ...times } : { kind, ...times };
}

interface Reader {
  read<T>(field: string): T;
  /** `0s` is zero. */
  ms(field: string): number;
  /** `0s` is no limit. */
  limitMs(field: string): number;
  bytes(field: string): number;
  address(field: string): SocketAddress;
}

function reader(fields: Fields, part: string): Reader {
  // The schema let through nothing but T at this path, and the built-in defaults pass the schema too: a test checks.
  const read = <T>(field: string): T => fields.get(`${part}.${field}`)?.value as T;
  const ms = (field: string): number => durationMs(read<string>(field));
  return {
    read,
    ms,
    limitMs: (field) => ms(field) || Number.POSITIVE_INFINITY,
    bytes: (field) => sizeBytes(read<string>(field)),
    address: (field) => socketAddress(read<ListenAddress>(field)),
  };
}
