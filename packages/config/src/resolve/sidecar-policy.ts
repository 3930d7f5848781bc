import type { ImportanceShares } from "@weft/core";
import type { AdaptiveKind } from "../input/limits-input.ts";
import type { AppProtocol, ProxyProtocolSend, Underscores } from "../input/sidecar-input.ts";
import type { ListenerTlsPolicy } from "./tls-policy.ts";

/** A sidecar with every field resolved, in plain numbers. Durations in ms; Infinity: no limit. */
export interface SidecarPolicy {
  /** The service it stands next to, as far as it was told. */
  readonly service: string | undefined;
  readonly inbound: InboundPolicy | undefined;
  readonly outbound: OutboundPolicy | undefined;
  readonly tcp: readonly TcpPolicy[];
  readonly admin: AdminPolicy | undefined;
  readonly drain: DrainPolicy;
  /** Undefined: the service is not registered. */
  readonly register: RegisterPolicy | undefined;
}

/** Where to listen or to connect, in the form that `net.Server.listen` and `net.connect` take. */
export type SocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** What the HTTP listeners have in common. */
export interface HttpListenerPolicy {
  /** `inbound` or `outbound`: unique in a sidecar. */
  readonly name: string;
  readonly listen: SocketAddress;
  /** Undefined: plain TCP. */
  readonly tls: ListenerTlsPolicy | undefined;
  readonly underscores: Underscores;
  readonly limits: ListenerLimits;
  readonly timeouts: ListenerTimeouts;
}

/** What callers may do at once, and how much. */
export interface ListenerLimits {
  readonly connections: number;
  readonly headBytes: number;
  readonly fields: number;
  /** Of one HTTP/2 connection, at once. */
  readonly streams: number;
  /** Of a request's body, after its first 5 s; 0: any pace. */
  readonly bodyBytesPerSecond: number;
}

/** How long callers may take. */
export interface ListenerTimeouts {
  readonly headMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** Without a byte on a connection of HTTP/2 with requests on it, until its caller is asked for a sign of life. */
  readonly keepAliveMs: number;
  /** Between two pieces of a body. */
  readonly bodyMs: number;
  /** Without a byte either way. */
  readonly tunnelMs: number;
}

/** Calls to the service. */
export interface InboundPolicy extends HttpListenerPolicy {
  readonly app: SocketAddress;
  readonly protocol: AppProtocol;
  /** Calls of gRPC-Web go on as gRPC. */
  readonly grpcWeb: boolean;
  /** Answers say how loaded the service is. */
  readonly reportLoad: boolean;
  readonly limits: ListenerLimits & {
    readonly calls: number;
    readonly adaptive: AdaptiveKind;
    readonly shares: ImportanceShares | undefined;
  };
  readonly timeouts: ListenerTimeouts & { readonly connectMs: number; readonly totalMs: number };
}

/** Calls from the service. */
export interface OutboundPolicy extends HttpListenerPolicy {
  /** Every call is for this one; undefined: the Host tells. */
  readonly service: string | undefined;
  readonly unknown: "refuse" | "passthrough";
  /** Whether a Host may name any service of Consul. */
  readonly consul: boolean;
}

/** Connections whose bytes are passed on. */
export interface TcpPolicy {
  /** `tcp:15432`; with the host, and then a number, where that is not unique in the sidecar. */
  readonly name: string;
  readonly listen: SocketAddress;
  readonly service: string;
  readonly connections: number;
  readonly idleMs: number;
  readonly proxyProtocol: { readonly accept: boolean; readonly send: ProxyProtocolSend };
}

export interface AdminPolicy {
  readonly listen: SocketAddress;
  readonly allowRemote: boolean;
}

export interface DrainPolicy {
  /** Between leaving the registry and no longer accepting. */
  readonly propagationMs: number;
  /** How long what runs may take after that. */
  readonly graceMs: number;
}

/** What Consul is told of the service. */
export interface RegisterPolicy {
  readonly name: string;
  readonly id: string | undefined;
  /** Undefined: the agent's own. */
  readonly address: string | undefined;
  /** Undefined: the one that the inbound listener has taken, where its policy says 0. */
  readonly port: number | undefined;
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly check: RegisterCheck;
}

/** How Consul learns whether the service is well. */
export type RegisterCheck =
  /** The sidecar connects to the app and tells Consul. */
  | { readonly kind: "ttl"; readonly intervalMs: number; readonly timeoutMs: number }
  | { readonly kind: "tcp"; readonly intervalMs: number; readonly timeoutMs: number }
  | {
      readonly kind: "http";
      readonly path: string;
      /** Over TLS: the inbound listener, which passes it on, has some. */
      readonly secured: boolean;
      readonly intervalMs: number;
      readonly timeoutMs: number;
    };
