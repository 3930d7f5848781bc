import { readFileSync } from "node:fs";

export interface PolicyVectors {
  readonly smooth_wrr: {
    readonly cases: readonly { weights: readonly number[]; picks: readonly number[]; states: readonly number[][] }[];
  };
  readonly cost: {
    readonly typicalMs: number;
    readonly cases: readonly { m: number; f: number; p: number; w: number; cost: number }[];
  };
  readonly failure_ratio: { readonly steps: readonly (readonly [number, number | "read", number])[] };
  readonly peak_latency: {
    readonly steps: readonly (readonly ["obs" | "read", number, number, number])[];
    readonly series: {
      readonly sampleMs: readonly number[];
      readonly everyMs: number;
      readonly peak: readonly number[];
    };
  };
  readonly retry_cap: { readonly cases: readonly { readonly calls: number; readonly allowed: number }[] };
  readonly backoff: { readonly bounds: readonly (readonly [number, number])[] };
  readonly max_ejected: {
    readonly cases: readonly { readonly members: number; readonly ratio: number; readonly allowed: number }[];
  };
  /** Pairs of failures and attempts. */
  readonly relative_outlier: {
    readonly cases: readonly {
      host: readonly [number, number];
      others: readonly [number, number];
      margin: number;
      lower: number;
      upper: number;
      eject: boolean;
    }[];
  };
  readonly success_rate_outlier: {
    readonly cases: readonly { rates: readonly number[]; threshold: number; eject: readonly number[] }[];
  };
  readonly gradient: {
    readonly cases: readonly { limit: number; fastestMs: number; medianMs: number; next: number }[];
  };
  /** Each with what an answer took, the calls running, and the limit that follows. */
  readonly gradient2: { readonly steps: readonly (readonly [number, number, number])[] };
  readonly admission: {
    readonly cases: readonly { calls: number; successes: number; aggression: number; ratio: number }[];
  };
  readonly priority: {
    readonly cases: readonly {
      healthyOfTotal: readonly (readonly [number, number])[];
      health: readonly number[];
      loads: readonly number[];
      panic: readonly boolean[];
      given: readonly number[];
    }[];
  };
  readonly zone_aware: {
    readonly cases: readonly { callers: readonly number[]; capacities: readonly number[]; shares: readonly number[] }[];
  };
  readonly least_request: {
    readonly cases: readonly { readonly weight: number; readonly pending: number; readonly envoy: number }[];
  };
  readonly prequal_reuse: {
    readonly cases: readonly {
      readonly pool: number;
      readonly endpoints: number;
      readonly looked: number;
      readonly removed: number;
      readonly reuse: number | null;
    }[];
  };
  readonly prequal_hot_cold: {
    readonly pool: readonly (readonly [name: string, inFlight: number, latencyMs: number])[];
    readonly cases: readonly { readonly quantile: number; readonly line: number; readonly pick: string }[];
  };
  readonly ejection_ms: {
    readonly cases: readonly {
      readonly of: string;
      readonly baseMs: number;
      readonly maxMs: number;
      readonly series: readonly number[];
    }[];
  };
}

/** The worked numbers of test/data. */
export const vectors: PolicyVectors = JSON.parse(
  readFileSync(new URL("../../../test/data/policy-vectors.json", import.meta.url), "utf8"),
) as PolicyVectors; // the file stands in this repository in this form
