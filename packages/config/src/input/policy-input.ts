import type { RetryCondition } from "@weft/core";
import type { Address, Duration, Secret, Size } from "./units.ts";

/** A policy as a user writes it: the whole file, or the object given to the SDK. Every part but `version` is optional. */
export interface PolicyInput {
  readonly version: 1;
  readonly discovery?: DiscoveryInput;
  /** Inherited by every service, field by field. */
  readonly defaults?: ServiceDefaultsInput;
  readonly services?: Readonly<Record<string, ServicePolicyInput>>;
  readonly sidecar?: SidecarInput;
  readonly gateway?: GatewayInput;
  readonly telemetry?: TelemetryInput;
}

export interface DiscoveryInput {
  readonly consul?: { readonly url?: string; readonly token?: Secret; readonly datacenter?: string };
}

/** What may be inherited: everything about a service but where its endpoints are. */
export interface ServiceDefaultsInput {
  readonly protocol?: Protocol;
  readonly balancer?: BalancerInput;
  readonly timeout?: TimeoutInput;
  readonly retry?: RetryInput | "off";
  readonly hedge?: HedgeInput | "off";
  readonly breaker?: BreakerInput | "off";
  readonly outliers?: OutliersInput | "off";
  readonly limits?: LimitsInput;
  readonly health?: HealthInput | "off";
  readonly slowStart?: Duration | "off";
}

export interface ServicePolicyInput extends ServiceDefaultsInput {
  readonly discover?: DiscoverInput;
  /** The first rule that matches a call overrides the service's policy for it. */
  readonly rules?: readonly RuleInput[];
}

export type Protocol = "auto" | "http1" | "http2" | "grpc" | "tcp";

export type DiscoverInput =
  | { readonly consul: string; readonly tag?: string; readonly datacenter?: string }
  | { readonly static: readonly Address[] }
  | { readonly file: string }
  | { readonly dns: string; readonly port?: number };

export const BALANCER_KINDS = [
  "peak-ewma",
  "round-robin",
  "weighted-round-robin",
  "least-request",
  "random",
  "first",
  "ring-hash",
  "maglev",
  "source-ip",
] as const;
export type BalancerKind = (typeof BALANCER_KINDS)[number];

export interface BalancerInput {
  readonly kind?: BalancerKind;
  /** What is hashed. Only with `ring-hash` or `maglev`. */
  readonly hash?: HashInput;
}
export type HashInput = { readonly header: string } | { readonly cookie: string };

export interface TimeoutInput {
  readonly total?: Duration;
  readonly attempt?: Duration;
  readonly connect?: Duration;
  readonly idle?: Duration;
}

export interface RetryInput {
  readonly maxRetries?: number;
  readonly on?: readonly (RetryOnName | number)[];
  readonly methods?: readonly string[];
  readonly budget?: { readonly ratio?: number; readonly minPerSecond?: number };
  readonly backoff?: { readonly base?: Duration; readonly max?: Duration };
  readonly bufferBytes?: Size;
  readonly retryAfter?: { readonly max?: Duration };
}

/** Core's conditions by name; a 5xx that is no gateway error is listed by its number instead. */
export type RetryOnName = Exclude<RetryCondition, "server-error">;
export const RETRY_ON: readonly RetryOnName[] = [
  "never-sent",
  "connect-failure",
  "refused-stream",
  "stale-connection",
  "reset-before-response",
  "gateway-error",
  "timeout",
  "retriable-4xx",
];

export interface HedgeInput {
  readonly after?: Duration | `p${number}`;
  readonly maxExtraRatio?: number;
}

export interface BreakerInput {
  readonly failureRatio?: number;
  readonly minimumCalls?: number;
  readonly window?: Duration;
  readonly coolDown?: Duration;
}

export interface OutliersInput {
  readonly consecutiveFailures?: number;
  readonly baseEjection?: Duration;
  readonly maxEjection?: Duration;
  readonly maxEjectedRatio?: number;
}

export interface LimitsInput {
  readonly connections?: number;
  readonly pending?: number;
  readonly calls?: number;
  readonly callsPerEndpoint?: number;
}

export interface HealthInput {
  readonly http?: string;
  readonly interval?: Duration;
  readonly timeout?: Duration;
  readonly failAfter?: number;
  readonly passAfter?: number;
}

export interface RuleInput {
  readonly when: RuleWhenInput;
  readonly timeout?: TimeoutInput;
  readonly retry?: RetryInput | "off";
  readonly hedge?: HedgeInput | "off";
}

export interface RuleWhenInput {
  /** `/reports/**`: the path and all below it; `*`: anything within one segment. */
  readonly path?: string;
  readonly method?: string | readonly string[];
  /** Header name to exact value; `*`: any value. All must match. */
  readonly header?: Readonly<Record<string, string>>;
}

export interface SidecarInput {
  readonly service?: string;
  readonly inbound?: { readonly listen: Address; readonly app: Address };
  readonly outbound?: { readonly listen: Address };
  readonly tcp?: readonly { readonly listen: Address; readonly service: string }[];
  readonly admin?: { readonly listen: Address };
}

export interface GatewayInput {
  readonly listen?: Address;
  readonly admin?: { readonly listen: Address };
}

export interface TelemetryInput {
  readonly otlp?: { readonly url: string };
  readonly sampleRatio?: number;
  readonly accessLog?: "json" | "text" | "off";
}
