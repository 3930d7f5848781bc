import { readFileSync } from "node:fs";

/*
 * Rules of other meshes, as small as they can be said: what is written of them, in docs and in comments, is held to
 * their numbers. Nothing in weft decides by them.
 */

type Steps = readonly (readonly [step: "obs" | "read" | "fail", atMs: number, given: number, expected: number])[];

export interface PeerVectors {
  readonly least_request_weight: {
    readonly cases: readonly { weight: number; active: number; bias: number; effective: number }[];
  };
  readonly finagle_peak_ewma: { readonly defaultMs: number; readonly steps: Steps };
  readonly envoy_ewma: {
    readonly sampleMs: readonly number[];
    readonly everyMs: number;
    readonly mean: readonly number[];
  };
  readonly flat_penalty: { readonly defaultMs: number; readonly steps: Steps };
  readonly ejection_ms_envoy: { readonly baseMs: number; readonly maxMs: number; readonly series: readonly number[] };
  readonly max_ejected: {
    readonly cases: readonly {
      members: number;
      percent: number;
      envoy: number;
      envoyAlwaysOne: number;
      grpc: number;
    }[];
  };
  readonly backoff_grpc: { readonly bounds: readonly (readonly [number, number])[] };
  readonly throttle_grpc: {
    readonly max: number;
    readonly ratio: number;
    readonly failuresToBlock: number;
    readonly successesToUnblock: number;
  };
  readonly throttle_sre: { readonly cases: readonly { calls: number; accepted: number; ratio: number }[] };
  readonly least_time_nginx: {
    readonly cases: readonly { meanMs: number; oldestMs: number; connections: number; etaMs: number }[];
  };
}

/** The worked numbers of test/data. */
export const peers: PeerVectors = JSON.parse(
  readFileSync(new URL("../../../../test/data/peer-vectors.json", import.meta.url), "utf8"),
) as PeerVectors; // the file stands in this repository in this form

/** Envoy's weight of an endpoint with attempts under way. @param bias `active_request_bias`; 1 is weft's rule */
export function envoyWeight(weight: number, active: number, bias: number): number {
  return weight / (active + 1) ** bias;
}

const DECAY_MS = 10_000;

/** A mean that decays by time, and is not changed by reading it. @param jumps whether a higher sample replaces it at once */
export class DecayingMean {
  valueMs: number;
  readonly #jumps: boolean;
  #atMs = 0;

  constructor(firstMs: number, jumps: boolean) {
    this.valueMs = firstMs;
    this.#jumps = jumps;
  }

  read(nowMs: number): number {
    return this.valueMs * Math.exp(-(nowMs - this.#atMs) / DECAY_MS);
  }

  observe(ms: number, nowMs: number): void {
    const kept = this.read(nowMs);
    const part = 1 - Math.exp(-(nowMs - this.#atMs) / DECAY_MS);
    this.valueMs = this.#jumps && ms > kept ? ms : kept + part * ms;
    this.#atMs = nowMs;
  }

  /** Linkerd's load biaser: a failure is a sample of 5 s at least. */
  failed(retryAfterMs: number, nowMs: number): void {
    this.valueMs = Math.max(5_000, Math.min(retryAfterMs, 300_000), this.read(nowMs));
    this.#atMs = nowMs;
  }
}

/** How long Envoy ejects, in ms. @param ejections this one counted */
export function envoyEjectionMs(ejections: number, baseMs: number, maxMs: number): number {
  return Math.min(baseMs * ejections, maxMs);
}

/** How many of so many Envoy ejects at most, by `max_ejection_percent`. */
export function envoyMaxEjected(members: number, percent: number, alwaysOne: boolean): number {
  return Math.max(alwaysOne ? 1 : 0, Math.floor((members * percent) / 100));
}

/** The same by gRPC A50, which looks at the share before each ejection and not after it. */
export function grpcMaxEjected(members: number, percent: number): number {
  let ejected = 0;
  while (ejected < members && (ejected / members) * 100 < percent) ejected++;
  return ejected;
}

/** Between what bounds gRPC draws a pause. Source: gRPC A6, 100 ms by 2 up to 1 s, a fifth more or less. */
export function grpcBackoffMs(retry: number): readonly [number, number] {
  const ms = Math.min(100 * 2 ** (retry - 1), 1_000);
  return [ms * 0.8, ms * 1.2];
}

/** gRPC's retry throttling. */
export class GrpcThrottle {
  readonly #max: number;
  readonly #ratio: number;
  #tokens: number;

  constructor(max: number, ratio: number) {
    this.#max = max;
    this.#ratio = ratio;
    this.#tokens = max;
  }

  get mayRetry(): boolean {
    return this.#tokens > this.#max / 2;
  }

  ended(well: boolean): void {
    this.#tokens = well ? Math.min(this.#max, this.#tokens + this.#ratio) : Math.max(0, this.#tokens - 1);
  }
}

/** The share of calls that a client of Google's keeps to itself. */
export function sreThrottle(calls: number, accepted: number): number {
  return Math.max(0, (calls - 2 * accepted) / (calls + 1));
}

/** When nginx expects an answer: in steps of 20 ms, and always beyond what has passed. */
export function nginxEtaMs(meanMs: number, oldestMs: number, connections: number): number {
  const steps = Math.floor(Math.max(meanMs, oldestMs) / 20) + 1;
  return Math.min(steps * 20, 5_000) * (connections + 1);
}
