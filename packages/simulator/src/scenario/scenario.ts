import type { ServicePolicy } from "@weft/config";

/** A scenario that was accepted, in plain numbers. */
export interface Scenario {
  /** Of the file, without its folder and ending. */
  readonly name: string;
  readonly seed: number;
  /** For how long calls arrive. */
  readonly durationMs: number;
  /** An answer that took longer is no success. Infinity: any answer in time is. */
  readonly successWithinMs: number;
  /** Clients with a mesh of their own each. */
  readonly clients: number;
  /** When calls arrive, at all clients together. By beginning, the first at 0. */
  readonly phases: readonly Phase[];
  /** What calls are hashed by, and whose sessions they belong to, where a policy hashes or keeps sessions. */
  readonly keys: KeyPlan;
  /** How much calls matter; undefined: all alike, and nobody asks what became of which. */
  readonly importance: ImportancePlan | undefined;
  /** One for each endpoint, by its index. */
  readonly endpoints: readonly EndpointPlan[];
  /** What happens to endpoints and registry. */
  readonly events: readonly ScenarioEvent[];
  /** What is compared: the scenario's own first. */
  readonly policies: readonly NamedPolicy[];
}

export interface Phase {
  readonly atMs: number;
  /** 0: a pause. */
  readonly ratePerSecond: number;
  readonly process: "poisson" | "uniform";
}

/** Shares of the calls, 1 together at most; the others are normal. */
export interface ImportancePlan {
  readonly critical: number;
  readonly low: number;
}

export interface KeyPlan {
  /** So many different ones, each as likely. */
  readonly count: number;
  /** Share of the calls that bring the first of them besides, in [0, 1]. */
  readonly hotRatio: number;
}

export interface EndpointPlan {
  /** Attempts that it works on at once; others wait in line. Infinity: as many as come. */
  readonly workers: number;
  /** What it works on one attempt. */
  readonly latency: Latency;
  readonly weight: number;
  readonly zone: string | undefined;
  /** 0: it takes calls before those of a larger one. */
  readonly priority: number;
}

/** Where the time of an answer is drawn from. */
export type Latency =
  | { readonly kind: "constant"; readonly ms: number }
  | { readonly kind: "exponential"; readonly meanMs: number }
  | { readonly kind: "lognormal"; readonly p50Ms: number; readonly p99Ms: number }
  /** Any of these, each as likely. */
  | { readonly kind: "samples"; readonly ms: Float64Array };

/** What is otherwise from one instant to another. */
export interface ScenarioEvent {
  readonly atMs: number;
  /** Infinity: to the end. */
  readonly untilMs: number;
  /** Indices. */
  readonly endpoints: readonly number[];
  readonly latency: Latency | undefined;
  /** Times slower. */
  readonly factor: number;
  readonly fail: FailPlan | undefined;
  /** Attempts get no answer. */
  readonly hang: boolean;
  /** Connections are refused. */
  readonly refuse: boolean;
  /** The registry knows nothing of them. */
  readonly remove: boolean;
  /** The registry learns of them at `atMs` and not before. */
  readonly add: boolean;
  /** What changes in the registry is learned at `untilMs` and not before. */
  readonly registryStale: boolean;
}

export interface FailPlan {
  /** Share of the attempts, in [0, 1]. */
  readonly ratio: number;
  /** HTTP status; 0: the connection ends without an answer. */
  readonly status: number;
  /** When the failure comes; undefined: when the answer would have. */
  readonly afterMs: number | undefined;
}

export interface NamedPolicy {
  readonly name: string;
  readonly policy: ServicePolicy;
  /** Balances by another mesh's rule instead of `policy.balancer`. */
  readonly rule: RuleName | undefined;
}

/** Rules of other meshes, here to be compared with. */
export const RULE_NAMES = ["finagle-peak-ewma", "envoy-least-request"] as const;
export type RuleName = (typeof RULE_NAMES)[number];
