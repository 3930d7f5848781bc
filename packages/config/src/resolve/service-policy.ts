import type {
  AdmissionOptions,
  BreakerOptions,
  ImportanceShares,
  LabelSubset,
  OutlierOptions,
  RateOptions,
  RetryBudgetOptions,
  RetryCapOptions,
  RetryOptions,
  ZonePreference,
  ZoneSpillOptions,
} from "@weft/core";
import type { BalancerKind, FromEnvironment } from "../input/balancer-input.ts";
import type { AdaptiveKind } from "../input/limits-input.ts";
import type { Protocol } from "../input/policy-input.ts";
import type { HashingPolicy } from "./hashing-policy.ts";
import type { RuleWhen } from "./match-rule.ts";
import type { StickyPolicy } from "./sticky-policy.ts";
import type { TracingPolicy } from "./telemetry-policy.ts";
import type { TlsPolicy } from "./tls-policy.ts";

/** How calls to one service are made: every field resolved, in plain numbers. */
export interface ServicePolicy extends CallPolicy {
  readonly discover: Discover;
  readonly protocol: Protocol;
  /** Undefined: plain TCP. */
  readonly tls: TlsPolicy | undefined;
  readonly balancer: BalancerKind;
  /** Whether weights count times what endpoints report of their load. */
  readonly reportsWeigh: boolean;
  /** What a balancer that hashes goes by. */
  readonly hashing: HashingPolicy;
  /** Undefined: every endpoint is used, however many there are. */
  readonly subset: SubsetPolicy | undefined;
  /** Undefined: zones do not count, even where they are known. */
  readonly zones: ZonesPolicy | undefined;
  /** Undefined: nobody keeps sessions. */
  readonly sticky: StickyPolicy | undefined;
  /** Undefined: off. */
  readonly breaker: BreakerOptions | undefined;
  /** Off is `consecutiveFailures: Infinity`. */
  readonly outliers: OutlierOptions;
  readonly limits: LimitPolicy;
  /** Undefined: off. */
  readonly rateLimit: RateOptions | undefined;
  /** Undefined: off. */
  readonly admission: AdmissionOptions | undefined;
  /** Undefined: off. */
  readonly health: HealthPolicy | undefined;
  /** 0: off. */
  readonly slowStartMs: number;
  /**
   * An HTTP/2 connection with calls on it that brought nothing for so long is sent a PING; while it goes on to bring
   * nothing but the answers to them, the next goes after 5 min: that is as often as servers of gRPC take it by default,
   * who close on the third that comes sooner. Infinity: off. Source: gRPC A8, grpc-go `handlePing`; client-go, 30 s.
   */
  readonly keepAliveMs: number;
  /** Which traces are kept: the one of `telemetry`, field by field, where the service says nothing. */
  readonly tracing: TracingPolicy;
  /** In the order written; the first that matches counts. */
  readonly rules: readonly Rule[];
}

/** What a rule can change for one call. */
export interface CallPolicy {
  readonly timeout: TimeoutPolicy;
  /** Undefined: no retries. */
  readonly retry: RetryPolicy | undefined;
  /** Undefined: no hedging. */
  readonly hedge: HedgePolicy | undefined;
  /** What bounds these calls beside the limits of the service; undefined: nothing. Of a rule only. */
  readonly ruleLimits: RuleLimitPolicy | undefined;
}

/** A rule, resolved: what it asks of a call, and the policy of a call that matches. */
export interface Rule {
  readonly when: RuleWhen;
  /** The service's own, with the rule's fields in their place. */
  readonly policy: CallPolicy;
}

/** Where the endpoints of a service are found. Without `port`, DNS is asked for SRV records. */
export type Discover =
  | { readonly kind: "consul"; readonly service: string; readonly tag?: string; readonly datacenter?: string }
  | { readonly kind: "static"; readonly addresses: readonly string[] }
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "dns"; readonly name: string; readonly port?: number };

/** All in ms; Infinity: none. */
export interface TimeoutPolicy {
  readonly totalMs: number;
  readonly attemptMs: number;
  readonly connectMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
}

/** What is tried again, how often, and how many in all. */
export interface RetryPolicy {
  readonly options: RetryOptions;
  readonly budget: RetryBudgetOptions;
  readonly cap: RetryCapOptions;
  /** Bytes of a streamed body kept to be sent again. */
  readonly bufferBytes: number;
  /** Upper case; undefined: idempotent as RFC 9110 has it. */
  readonly methods: readonly string[] | undefined;
}

/** When a second attempt starts before the first has ended. */
export interface HedgePolicy {
  readonly after:
    | { readonly kind: "time"; readonly ms: number }
    | { readonly kind: "percentile"; readonly percentile: number };
  /** Second attempts per call, at most, 0..1. */
  readonly maxExtraRatio: number;
}

/** Which endpoints are used: those that the labels tell, and `size` of them. */
export interface SubsetPolicy extends LabelSubset {
  /** `auto`: 20 at least of more than 50 where the place of this process among its like is known, and all elsewhere. */
  readonly size: number | "auto";
}

/** Calls are to stay in their zone. */
export interface ZonesPolicy extends Pick<ZonePreference, "callers"> {
  /** The caller's zone, or the environment variable that has it; undefined: what the registry says of it. */
  readonly own: FromEnvironment | undefined;
  readonly spill: ZoneSpillOptions;
}

/** What may go on at once of the calls that match a rule. */
export interface RuleLimitPolicy {
  /** Of the rule, as in the policy file: `rules[0]`. */
  readonly name: string;
  readonly calls: number;
  /** How `calls` learns from the answer times of these calls. */
  readonly adaptive: AdaptiveKind;
}

/** What may go on at once; each from 1. */
export interface LimitPolicy {
  /** Connections to the service. */
  readonly connections: number;
  /** Calls that wait for a connection. */
  readonly pending: number;
  /** Calls to the service. */
  readonly calls: number;
  /** Attempts that one endpoint takes. */
  readonly callsPerEndpoint: number;
  /** How `calls` learns from answer times, which is then the most that it may be. */
  readonly adaptive: AdaptiveKind;
  /** The same of `callsPerEndpoint`, for each endpoint. */
  readonly adaptivePerEndpoint: AdaptiveKind;
  /** Of `calls`, what those of each importance have for themselves; undefined: all are alike. */
  readonly shares: ImportanceShares | undefined;
}

/** How each endpoint is asked whether it is fit. */
export interface HealthPolicy {
  readonly question: HealthQuestion;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failures in a row after which an endpoint is unfit. */
  readonly failAfter: number;
  /** Passes in a row after which it is fit again. */
  readonly passAfter: number;
}

/** What tells whether an endpoint is fit. */
export type HealthQuestion =
  /** GET of the path is answered with 2xx. */
  | { readonly kind: "http"; readonly path: string }
  /** A connection is taken. */
  | { readonly kind: "tcp" }
  /** gRPC's health service says SERVING of this service; "": of the server as a whole. */
  | { readonly kind: "grpc"; readonly service: string };
