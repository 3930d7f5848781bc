import {
  type AdmissionOptions,
  type Labels,
  type LabelSubset,
  type RateOptions,
  RETRY_BUDGET_DEFAULTS,
  type RetryCondition,
} from "@weft/core";
import type { BalancerKind } from "../input/balancer-input.ts";
import type { AdaptiveKind } from "../input/limits-input.ts";
import type { DiscoverInput, Protocol } from "../input/policy-input.ts";
import type { TlsInput } from "../input/tls-input.ts";
import { durationMs, sizeBytes } from "../input/units.ts";
import { hashingPolicy } from "./hashing-policy.ts";
import type { Fields } from "./merge.ts";
import { numberOf, read } from "./read-fields.ts";
import type {
  CallPolicy,
  Discover,
  HealthPolicy,
  HealthQuestion,
  HedgePolicy,
  Rule,
  ServicePolicy,
  SubsetPolicy,
  ZonesPolicy,
} from "./service-policy.ts";
import { outlierOptions } from "./outlier-options.ts";
import { sharesOf } from "./shares.ts";
import { stickyPolicy } from "./sticky-policy.ts";
import { tracingFromFields } from "./telemetry-from-fields.ts";
import { type Locate, type TlsPolicy, tlsPolicy } from "./tls-policy.ts";

/** Turns merged fields into plain numbers. The fields went through the schema, which is what each `read` relies on. */
export function serviceFromFields(
  service: string,
  fields: Fields,
  rules: readonly Rule[],
  found: Locate,
): ServicePolicy {
  return {
    discover: discover(service, read<DiscoverInput | undefined>(fields, "discover"), found),
    protocol: read<Protocol>(fields, "protocol"),
    tls: tls(fields, found),
    balancer: read<BalancerKind>(fields, "balancer.kind"),
    reportsWeigh: read<boolean>(fields, "balancer.reportsWeigh"),
    hashing: hashingPolicy(fields),
    subset: subset(fields),
    zones: zones(fields),
    sticky: stickyPolicy(fields),
    ...callFromFields(fields),
    breaker: isOff(fields, "breaker")
      ? undefined
      : {
          failureRatio: read<number>(fields, "breaker.failureRatio"),
          minimumCalls: read<number>(fields, "breaker.minimumCalls"),
          windowMs: ms(fields, "breaker.window"),
          coolDownMs: ms(fields, "breaker.coolDown"),
        },
    outliers: outlierOptions(fields),
    limits: {
      connections: read<number>(fields, "limits.connections"),
      pending: read<number>(fields, "limits.pending"),
      calls: read<number>(fields, "limits.calls"),
      callsPerEndpoint: read<number>(fields, "limits.callsPerEndpoint"),
      adaptive: read<AdaptiveKind>(fields, "limits.adaptive"),
      adaptivePerEndpoint: read<AdaptiveKind>(fields, "limits.adaptivePerEndpoint"),
      shares: sharesOf((name) => numberOf(fields, `limits.shares.${name}`)),
    },
    rateLimit: rateLimit(fields),
    admission: admission(fields),
    health: health(fields),
    slowStartMs: isOff(fields, "slowStart") ? 0 : ms(fields, "slowStart"),
    keepAliveMs: isOff(fields, "keepAlive") ? Number.POSITIVE_INFINITY : ms(fields, "keepAlive"),
    tracing: tracingFromFields(fields, "tracing"),
    rules,
  };
}

function rateLimit(fields: Fields): RateOptions | undefined {
  if (isOff(fields, "rateLimit")) return undefined;
  const perSecond = read<number>(fields, "rateLimit.perSecond");
  return { perSecond, burst: read<number | undefined>(fields, "rateLimit.burst") ?? Math.max(1, perSecond) };
}

function admission(fields: Fields): AdmissionOptions | undefined {
  if (isOff(fields, "admission")) return undefined;
  return {
    successRatio: read<number>(fields, "admission.successRatio"),
    aggression: read<number>(fields, "admission.aggression"),
    maxRefusedRatio: read<number>(fields, "admission.maxRefusedRatio"),
    minPerSecond: read<number>(fields, "admission.minPerSecond"),
    windowMs: ms(fields, "admission.window"),
  };
}

function subset(fields: Fields): SubsetPolicy | undefined {
  if (isOff(fields, "subset")) return undefined;
  return {
    labels: read<Labels | undefined>(fields, "subset.labels") ?? {},
    fallback: read<LabelSubset["fallback"]>(fields, "subset.fallback"),
    size: read<SubsetPolicy["size"]>(fields, "subset.size"),
  };
}

function zones(fields: Fields): ZonesPolicy | undefined {
  if (isOff(fields, "zones")) return undefined;
  return {
    own: read<ZonesPolicy["own"]>(fields, "zones.own"),
    callers: read<ZonesPolicy["callers"]>(fields, "zones.callers"),
    spill: {
      latencyFactor: read<number>(fields, "zones.spill.latencyFactor"),
      healthyRatio: read<number>(fields, "zones.spill.healthyRatio"),
    },
  };
}

function tls(fields: Fields, found: Locate): TlsPolicy | undefined {
  if (isOff(fields, "tls")) return undefined;
  const written = TLS_FIELDS.map((field) => [field, fields.get(`tls.${field}`)?.value] as const);
  // The schema let through nothing but a TlsInput, of which these are the fields.
  return tlsPolicy(Object.fromEntries(written.filter(([, value]) => value !== undefined)) as TlsInput, found);
}

const TLS_FIELDS: readonly (keyof TlsInput)[] = ["ca", "cert", "key", "serverName", "verify"];

/** The part that a rule can change. */
export function callFromFields(fields: Fields): CallPolicy {
  return {
    timeout: {
      totalMs: limitMs(fields, "timeout.total"),
      attemptMs: limitMs(fields, "timeout.attempt"),
      connectMs: limitMs(fields, "timeout.connect"),
      idleMs: limitMs(fields, "timeout.idle"),
    },
    retry: isOff(fields, "retry")
      ? undefined
      : {
          options: {
            maxRetries: read<number>(fields, "retry.maxRetries"),
            on: new Set(read<readonly (RetryCondition | number)[]>(fields, "retry.on")),
            backoff: { baseMs: ms(fields, "retry.backoff.base"), maxMs: ms(fields, "retry.backoff.max") },
            maxRetryAfterMs: ms(fields, "retry.retryAfter.max"),
          },
          budget: {
            ratio: read<number>(fields, "retry.budget.ratio"),
            minPerSecond: read<number>(fields, "retry.budget.minPerSecond"),
            windowMs: RETRY_BUDGET_DEFAULTS.windowMs,
          },
          cap: {
            concurrentRatio: read<number>(fields, "retry.budget.concurrentRatio"),
            minConcurrent: read<number>(fields, "retry.budget.minConcurrent"),
          },
          bufferBytes: sizeBytes(read<string>(fields, "retry.bufferBytes")),
          methods: read<readonly string[] | undefined>(fields, "retry.methods")?.map((method) => method.toUpperCase()),
        },
    hedge: hedge(fields),
    ruleLimits: undefined,
  };
}

function hedge(fields: Fields): HedgePolicy | undefined {
  // A hedge is a retry before its time, so it ends where retries are turned off.
  const noRetry = isOff(fields, "retry") || read<number>(fields, "retry.maxRetries") === 0;
  if (isOff(fields, "hedge") || noRetry) return undefined;
  const after = read<string>(fields, "hedge.after");
  return {
    after: after.startsWith("p")
      ? { kind: "percentile", percentile: Number(after.slice(1)) }
      : { kind: "time", ms: durationMs(after) },
    maxExtraRatio: read<number>(fields, "hedge.maxExtraRatio"),
  };
}

function health(fields: Fields): HealthPolicy | undefined {
  if (isOff(fields, "health")) return undefined;
  return {
    question: healthQuestion(fields),
    intervalMs: ms(fields, "health.interval"),
    timeoutMs: ms(fields, "health.timeout"),
    failAfter: read<number>(fields, "health.failAfter"),
    passAfter: read<number>(fields, "health.passAfter"),
  };
}

function healthQuestion(fields: Fields): HealthQuestion {
  // Whoever names one of the three takes away the others: see `overlay`.
  const service = read<string | undefined>(fields, "health.grpc");
  if (service !== undefined) return { kind: "grpc", service };
  return fields.has("health.tcp") ? { kind: "tcp" } : { kind: "http", path: read<string>(fields, "health.http") };
}

function discover(service: string, input: DiscoverInput | undefined, found: Locate): Discover {
  if (input === undefined) return { kind: "consul", service };
  if ("consul" in input) {
    const { consul, ...narrower } = input;
    return { kind: "consul", service: consul, ...narrower };
  }
  if ("static" in input) return { kind: "static", addresses: input.static };
  if ("file" in input) return { kind: "file", file: found(input.file) };
  const { dns, ...port } = input;
  return { kind: "dns", name: dns, ...port };
}

function isOff(fields: Fields, part: string): boolean {
  return fields.get(part)?.value === "off";
}

/** ms of a field where `0s` means zero. */
function ms(fields: Fields, path: string): number {
  return durationMs(read<string>(fields, path));
}

/** ms of a field where `0s` means no limit. */
function limitMs(fields: Fields, path: string): number {
  return ms(fields, path) || Number.POSITIVE_INFINITY;
}
