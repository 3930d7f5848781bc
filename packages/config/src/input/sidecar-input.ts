import type { AdaptiveKind, SharesInput } from "./limits-input.ts";
import type { Protocol } from "./policy-input.ts";
import type { ListenerTlsInput } from "./tls-input.ts";
import type { Address, Duration, ListenAddress, Size } from "./units.ts";

/** A process next to one service. At least one of `inbound`, `outbound` and `tcp` is needed to run one. */
export interface SidecarInput {
  /** The service it stands next to. */
  readonly service?: string;
  /** Calls to the service. Absent: the service is reached without the sidecar. */
  readonly inbound?: InboundInput;
  /** Calls from the service, HTTP. */
  readonly outbound?: OutboundInput;
  /** Connections from the service whose bytes are passed on as they are. */
  readonly tcp?: readonly TcpInput[];
  readonly admin?: AdminInput;
  /** How it ends. */
  readonly drain?: DrainInput;
  /** An object, even `{}`, registers the service in Consul for as long as the sidecar and the app run. Absent: off. */
  readonly register?: RegisterInput;
}

/** What the HTTP listeners have in common. */
export interface HttpListenerInput {
  /** `127.0.0.1:15001`, with port 0 for any free one, or `unix:/run/weft.sock`. */
  readonly listen: ListenAddress;
  /** Towards the callers. Absent: none. */
  readonly tls?: ListenerTlsInput;
  /** Fields of a request whose names have an underscore, which some programs read as a dash. Default `drop`. */
  readonly underscores?: Underscores;
}

/** `refuse` answers 400. */
export type Underscores = "drop" | "keep" | "refuse";
/** Every word for `underscores`. */
export const UNDERSCORES: readonly Underscores[] = ["drop", "keep", "refuse"];

/** Where others call the service, and what reaches it. */
export interface InboundInput extends HttpListenerInput {
  /** Where the service itself listens. */
  readonly app: Address | `unix:${string}`;
  /** What is spoken to it. Default `auto`: HTTP/2 for calls of gRPC and HTTP/1.1 for the others. */
  readonly protocol?: AppProtocol;
  /**
   * Whether calls of gRPC-Web reach the service as gRPC, and its answers their callers as gRPC-Web. Default true with
   * `protocol: grpc`, else false: a service that knows gRPC-Web itself gets its calls as they are.
   */
  readonly grpcWeb?: boolean;
  /**
   * Whether answers say how many requests the service has in flight and what one takes, for callers that balance by
   * `prequal`. One that says so itself is left as it is. Default false.
   */
  readonly reportLoad?: boolean;
  readonly limits?: InboundLimitsInput;
  readonly timeouts?: InboundTimeoutsInput;
}

/** What an app may speak. */
export type AppProtocol = Exclude<Protocol, "tcp">;
/** Every word for `inbound.protocol`. */
export const APP_PROTOCOLS: readonly AppProtocol[] = ["auto", "http1", "http2", "grpc"];

/** Where the service calls others, and whom it may call. */
export interface OutboundInput extends HttpListenerInput {
  /** Every call is for this service, whatever its Host. Absent: the Host tells. */
  readonly service?: string;
  /** A Host that names no service: 502 with the names that are known, or on to where it points. Default `refuse`. */
  readonly unknown?: "refuse" | "passthrough";
  /**
   * Whether a Host may name any service of Consul, as `orders` or `orders.service.consul`. Default true, but false
   * where services are listed, none of them is found in Consul, and `discovery.consul` is not written.
   */
  readonly consul?: boolean;
  readonly limits?: ListenerLimitsInput;
  readonly timeouts?: ListenerTimeoutsInput;
}

/** What callers may do at once, and how much. */
export interface ListenerLimitsInput {
  /** Connections at once; one more is closed at once. Default 16,384. */
  readonly connections?: number;
  /** Longest head of a request, its first line included, up to 1 MiB; a longer one is answered 431. Default `16KiB`. */
  readonly headBytes?: Size;
  /** Fields of one head, 1..10,000; more are answered 431. Default 100. */
  readonly fields?: number;
  /** Requests at once of one HTTP/2 connection, 1..10,000; one more is refused, and may be sent again. Default 250. */
  readonly streams?: number;
  /** Bytes a second that a request's body brings at least, after its first 5 s; slower: 408. Default `0B`, any pace. */
  readonly bodyRate?: Size;
}

/** The same, and what the service takes. */
export interface InboundLimitsInput extends ListenerLimitsInput {
  /** Calls in the service at once; more are answered 503 at once. Default 1,024. */
  readonly calls?: number;
  /** Learns from answer times how many calls the service takes at once, up to `calls`. Default `off`. */
  readonly adaptive?: AdaptiveKind;
  /** What calls of each importance have of `calls` for themselves. Absent: all are alike. */
  readonly shares?: SharesInput;
}

/** How long callers may take, each up to `24h`. `0s`: no limit. */
export interface ListenerTimeoutsInput {
  /** From the first byte of a head to its last, and from a connection's start to its first. Default `10s`. */
  readonly head?: Duration;
  /** Between two requests of a connection. Default `75s`. */
  readonly idle?: Duration;
  /**
   * An HTTP/2 connection with requests on it that brings nothing for so long is asked for a sign of life by PING, and
   * closed when none comes within 10 s. Default `5m`.
   */
  readonly keepAlive?: Duration;
  /** Between two pieces of a body, either way. Default `5m`. */
  readonly body?: Duration;
  /** Without a byte either way in a tunnel: an Upgrade or a CONNECT. Default `1h`. */
  readonly tunnel?: Duration;
}

/** The same, and how long the service may take. */
export interface InboundTimeoutsInput extends ListenerTimeoutsInput {
  /** Opening one connection to the service. Default `1s`. */
  readonly connect?: Duration;
  /** One call, up to the head of its response. A deadline that the caller sent counts too. Default `0s`, none. */
  readonly total?: Duration;
}

/** One listener for connections to one service. */
export interface TcpInput {
  /** Where the service connects. */
  readonly listen: ListenAddress;
  /** The service it is connected to. */
  readonly service: string;
  readonly limits?: {
    /** Connections at once. Default 16,384. */
    readonly connections?: number;
  };
  readonly timeouts?: {
    /** Without a byte either way. `0s`: no limit. Default `1h`. */
    readonly idle?: Duration;
  };
  /** Who is at the other end, told in front of the bytes. */
  readonly proxyProtocol?: {
    /** Every connection starts with a header, version 1 or 2; one that does not is cut. Default false. */
    readonly accept?: boolean;
    /** What the endpoint is told first. Default `off`. */
    readonly send?: ProxyProtocolSend;
  };
}

/** Versions of the PROXY protocol, or none. */
export type ProxyProtocolSend = "off" | "v1" | "v2";
/** Every word for `proxyProtocol.send`. */
export const PROXY_PROTOCOL_SEND: readonly ProxyProtocolSend[] = ["off", "v1", "v2"];

/** Where the admin API answers. */
export interface AdminInput {
  readonly listen: ListenAddress;
  /** Whether an address that other machines can reach is meant: whoever reaches it can eject and drain. Default false. */
  readonly allowRemote?: boolean;
}

/** How a sidecar ends: it leaves the registry, waits, stops accepting, lets what runs finish. */
export interface DrainInput {
  /** How long callers have to notice that it left. Default `5s` with `register`, `0s` without. */
  readonly propagation?: Duration;
  /** How long what runs may take after that. `0s` cuts it at once. Default `20s`. */
  readonly grace?: Duration;
}

/** What Consul is told of the service. */
export interface RegisterInput {
  /** Default `sidecar.service`. */
  readonly name?: string;
  /** Unique on the agent. Default `NAME-ADDRESS-PORT`, with the machine's name where there is no address. */
  readonly id?: string;
  /** Where others reach it. Default the host of `inbound.listen`, or where that is every address, the agent's own. */
  readonly address?: string;
  /** Default the port of `inbound.listen`. */
  readonly port?: number;
  readonly tags?: readonly string[];
  /** At most 64 entries. */
  readonly meta?: Readonly<Record<string, string>>;
  readonly check?: RegisterCheckInput;
}

/** How Consul learns whether the service is well. */
export interface RegisterCheckInput {
  /**
   * `ttl`: the sidecar connects to the app, and tells Consul. `tcp`, `http`: the agent connects, or asks, at the
   * registered address, through the sidecar. Default `http` with `path`, `ttl` without.
   */
  readonly kind?: RegisterCheckKind;
  /** Path that is asked; 2xx passes. Only with `http`. Default `/healthz`. */
  readonly path?: string;
  /** Between two checks, from `1s`. Default `5s`. With `ttl`, Consul gives up after three of them. */
  readonly interval?: Duration;
  /** One check. Not over `interval`. Default `2s`. */
  readonly timeout?: Duration;
}

/** Who checks, and how. */
export type RegisterCheckKind = "ttl" | "tcp" | "http";
/** Every word for `register.check.kind`. */
export const REGISTER_CHECKS: readonly RegisterCheckKind[] = ["ttl", "tcp", "http"];
