import type { OutlierTest, RetryCondition } from "@weft/core";
import type { BalancerInput, FromEnvironment, SubsetInput, ZonesInput } from "./balancer-input.ts";
import type { AdmissionInput, LimitsInput, RateLimitInput, RuleLimitsInput } from "./limits-input.ts";
import type { SidecarInput } from "./sidecar-input.ts";
import type { StickyInput } from "./sticky-input.ts";
import type { TelemetryInput, TracingInput } from "./telemetry-input.ts";
import type { TlsInput } from "./tls-input.ts";
import type { Address, Duration, Secret, Size } from "./units.ts";

/** A policy as a user writes it: the whole file, or the object given to the SDK. Every part but `version` is optional. */
export interface PolicyInput {
  /** Of this format. */
  readonly version: 1;
  /** The registry that knows the endpoints. */
  readonly discovery?: DiscoveryInput;
  /** Inherited by every service, field by field. */
  readonly defaults?: ServiceDefaultsInput;
  /** By name. A call to a service that is not named here has the policy of `defaults`. */
  readonly services?: Readonly<Record<string, ServicePolicyInput>>;
  /** The process next to one service. No other home reads it. */
  readonly sidecar?: SidecarInput;
  /** Checked, not used yet. */
  readonly gateway?: GatewayInput;
  /** What is told about the calls. The SDK does not read it: `createMesh({ telemetry })`. */
  readonly telemetry?: TelemetryInput;
}

/** Where the registry is. */
export interface DiscoveryInput {
  readonly consul?: {
    /** The agent. Default `http://127.0.0.1:8500`. */
    readonly url?: string;
    /** Sent with each request to the agent. Absent: none. */
    readonly token?: Secret;
    /** Absent: the agent's own. */
    readonly datacenter?: string;
  };
  /**
   * Which instance of which service this process is: for `subset` and `zones`, which go by where it stands among its
   * like. Absent in a sidecar that registers its service: that one.
   */
  readonly self?: {
    /** Its name in the registry. */
    readonly service: string;
    /** Its id there, or the environment variable that has it. Absent: one of them, nobody knows which. */
    readonly id?: FromEnvironment;
  };
}

/** What may be inherited: everything about a service but where its endpoints are. */
export interface ServiceDefaultsInput {
  /** What is spoken to the endpoints. Default `auto`. */
  readonly protocol?: Protocol;
  /** Encrypts what is spoken to them. Default off. Not used by the SDK yet. */
  readonly tls?: TlsInput | "off";
  /** How the endpoint of an attempt is picked. */
  readonly balancer?: BalancerInput;
  /** Which of the endpoints are used. Default on, by `size: auto`. */
  readonly subset?: SubsetInput | "off";
  /** Calls stay in their zone as far as it has room for them. Default on, where the zone of this process is known. */
  readonly zones?: ZonesInput | "off";
  /** All calls of a caller's session go to one endpoint. Default off. */
  readonly sticky?: StickyInput | "off";
  /** How long things may take. */
  readonly timeout?: TimeoutInput;
  /** What is tried again, and how often. Default on. */
  readonly retry?: RetryInput | "off";
  /** A second attempt before the first has ended. Default off. */
  readonly hedge?: HedgeInput | "off";
  /** Stops calling a service that fails. Default off. */
  readonly breaker?: BreakerInput | "off";
  /** Leaves out endpoints that fail while others do not. Default on. */
  readonly outliers?: OutliersInput | "off";
  /** What may go on at once. */
  readonly limits?: LimitsInput;
  /** Refuses calls beyond so many a second. Default off. */
  readonly rateLimit?: RateLimitInput | "off";
  /** Refuses a share of the calls while too many fail for overload. Default off. */
  readonly admission?: AdmissionInput | "off";
  /** Asks each endpoint whether it is fit. Default off. */
  readonly health?: HealthInput | "off";
  /** How long a new endpoint's weight grows. Default off. */
  readonly slowStart?: Duration | "off";
  /**
   * An HTTP/2 connection with calls on it that brings nothing for so long is asked for a sign of life. Default `30s`.
   * Not used by the SDK yet.
   */
  readonly keepAlive?: Duration | "off";
}

/** How one service is called; what is absent comes from `defaults`. */
export interface ServicePolicyInput extends ServiceDefaultsInput {
  /** Where the endpoints are found. Absent: in Consul, by the service's own name. Not inherited. */
  readonly discover?: DiscoverInput;
  /** Which traces of calls to it are kept; what is absent comes from `telemetry`. Not used by the SDK. */
  readonly tracing?: TracingInput;
  /** The first rule that matches a call overrides the service's policy for it. */
  readonly rules?: readonly RuleInput[];
}

/**
 * What is spoken to endpoints. `auto`: what the endpoint's metadata says in `protocol`; else what TLS agrees on; else
 * HTTP/2 for calls of gRPC and HTTP/1.1 for the others. The SDK speaks HTTP/1.1 only, for now.
 */
export const PROTOCOLS = ["auto", "http1", "http2", "grpc", "tcp"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Where the endpoints of a service are found: exactly one form. */
export type DiscoverInput =
  | { readonly consul: string; readonly tag?: string; readonly datacenter?: string }
  | { readonly static: readonly Address[] }
  | { readonly file: string }
  | { readonly dns: string; readonly port?: number };

/** How long things may take, each up to `24h`. `0s`: no limit. */
export interface TimeoutInput {
  /** A call with all its attempts and the pauses between them. Default none in the SDK, `15s` elsewhere. */
  readonly total?: Duration;
  /** One attempt, up to the head of its response. Not over `total`. Default `0s`, none. */
  readonly attempt?: Duration;
  /** Opening one connection, TLS included. Not over `total`. Default `1s`. */
  readonly connect?: Duration;
  /** Between two pieces of a body. Default `5m`. */
  readonly idle?: Duration;
}

/** What is tried again, how often, and when. */
export interface RetryInput {
  /** Attempts after the first, 0..10. Default 1. */
  readonly maxRetries?: number;
  /**
   * Failures that are repeated, by phase, by status in 400..599, or by gRPC status. `never-sent`: what provably reached
   * no endpoint, whatever the call. A gRPC status: whatever the call, when it is all that was answered. The others only
   * when the call is idempotent; UNAVAILABLE is a `gateway-error`, too.
   * Default: all phases, and `gateway-error`.
   */
  readonly on?: readonly (RetryOnName | number)[];
  /** Methods taken for idempotent. Absent: as RFC 9110 has it. */
  readonly methods?: readonly string[];
  /** Bounds the retries of all calls together. */
  readonly budget?: {
    /** Retries per call, 0..1. Default 0.2. 0 leaves only the reserve. */
    readonly ratio?: number;
    /** The reserve: retries granted each second whatever the traffic, 0..10,000. Default 10. */
    readonly minPerSecond?: number;
    /** Retries under way at once, as a share of the calls under way, 0..1. Default 0.2. 1: no bound of their own. */
    readonly concurrentRatio?: number;
    /** So many at once in any case, 0..10,000. Default 100; Envoy has 3. */
    readonly minConcurrent?: number;
  };
  /** The pause before a retry, drawn between 0 and a bound that doubles. */
  readonly backoff?: {
    /** Bound of the first pause. Default `25ms`. */
    readonly base?: Duration;
    /** Bound of any pause, not under `base`. Default `250ms`. */
    readonly max?: Duration;
  };
  /** Bytes of a streamed body kept to be sent again, up to `1GiB`. Default `64KiB`. */
  readonly bufferBytes?: Size;
  readonly retryAfter?: {
    /** A longer Retry-After, or gRPC pushback, is not waited for: the caller gets the answer. Default `1s`. */
    readonly max?: Duration;
  };
}

/** Core's conditions by name, those of gRPC among them; a 5xx that is no gateway error is listed by its number instead. */
export type RetryOnName = Exclude<RetryCondition, "server-error">;
/** Every name that may stand in `retry.on`. */
export const RETRY_ON: readonly RetryOnName[] = [
  "never-sent",
  "connect-failure",
  "refused-stream",
  "stale-connection",
  "reset-before-response",
  "gateway-error",
  "timeout",
  "retriable-4xx",
  "cancelled",
  "deadline-exceeded",
  "resource-exhausted",
  "internal",
  "unavailable",
];

/** A second attempt before the first has ended. Needs retries. */
export interface HedgeInput {
  /** When the second attempt starts: a time, or a percentile of the latencies seen. Default `p95`. */
  readonly after?: Duration | `p${number}`;
  /** Second attempts per call, at most, 0..1. Default 0.05. */
  readonly maxExtraRatio?: number;
}

/** When a failing service is no longer called. */
export interface BreakerInput {
  /** Share of the window's calls that must fail to trip, above 0 and up to 1. Default 0.5. */
  readonly failureRatio?: number;
  /** Calls the window must hold before it may trip, from 1. Default 20. */
  readonly minimumCalls?: number;
  /** How far back calls count. Default `10s`. */
  readonly window?: Duration;
  /** How long it stays open the first time; doubles with each failed trial, up to 16 times. Default `5s`. */
  readonly coolDown?: Duration;
}

/** When a failing endpoint is left out, and for how long. */
export interface OutliersInput {
  /** Failures in a row that eject an endpoint, from 1. Default 5. */
  readonly consecutiveFailures?: number;
  /** Of the first; each that follows is twice as long, none shorter than the endpoint has been failing. Default `5s`. */
  readonly baseEjection?: Duration;
  /** No ejection is longer. Not under `baseEjection`. Default `5m`. */
  readonly maxEjection?: Duration;
  /** Share of the endpoints that may be ejected at once, 0..1; one always may. Default 0.5. */
  readonly maxEjectedRatio?: number;
  /** How endpoints are compared, besides failures in a row. Default `[relative]`. */
  readonly tests?: readonly OutlierTest[];
  /** Of these tests, those that only report what they would have done. Default none. */
  readonly observe?: readonly OutlierTest[];
  readonly successRate?: {
    /** Default 5. */
    readonly minimumEndpoints?: number;
    /** In 10 s. Default 100. */
    readonly minimumAttempts?: number;
    /** Default 1.9. */
    readonly deviations?: number;
  };
  readonly failurePercentage?: {
    /** Default 0.85. */
    readonly threshold?: number;
    /** Default 5. */
    readonly minimumEndpoints?: number;
    /** In 10 s. Default 50. */
    readonly minimumAttempts?: number;
  };
  readonly latency?: {
    /** Default 5. */
    readonly factor?: number;
    /** Default `100ms`. */
    readonly atLeast?: Duration;
    /** In 10 s. Default 20. */
    readonly minimumAttempts?: number;
  };
}

/** Every test that compares endpoints. */
export const OUTLIER_TESTS: readonly OutlierTest[] = ["relative", "success-rate", "failure-percentage", "latency"];

/** How each endpoint is asked whether it is fit: in one way, the first unless told otherwise. The SDK has no `grpc`. */
export interface HealthInput {
  /** Path that is asked; 2xx passes. Default `/healthz`. */
  readonly http?: string;
  /** That an endpoint takes a connection, TLS included where that is on, is enough. */
  readonly tcp?: true;
  /** Name of the service that gRPC's own health service is asked for; "": the server as a whole. SERVING passes. */
  readonly grpc?: string;
  /** Between two checks of one endpoint. Default `2s`. */
  readonly interval?: Duration;
  /** One check. Not over `interval`. Default `1s`. */
  readonly timeout?: Duration;
  /** Failures in a row after which an endpoint is unfit, 1..100. Default 3. */
  readonly failAfter?: number;
  /** Passes in a row after which it is fit again, 1..100. Default 2. */
  readonly passAfter?: number;
}

/** Changes the policy for the calls that it matches, field by field. */
export interface RuleInput {
  readonly when: RuleWhenInput;
  readonly timeout?: TimeoutInput;
  readonly retry?: RetryInput | "off";
  readonly hedge?: HedgeInput | "off";
  /** What may go on at once of these calls. Absent: what the service has room for. */
  readonly limits?: RuleLimitsInput;
}

/** What a call must be like: all that is named must match; `{}` is any call. */
export interface RuleWhenInput {
  /** `/reports/**`: the path and all below it; `*`: anything within one segment. */
  readonly path?: string;
  /** Any of these, in any case. */
  readonly method?: string | readonly string[];
  /** Header name to exact value; `*`: any value. All must match. */
  readonly header?: Readonly<Record<string, string>>;
}

/** A process where calls come in from outside. Checked, not used yet. */
export interface GatewayInput {
  /** Where clients call. */
  readonly listen?: Address;
  readonly admin?: { readonly listen: Address };
}
