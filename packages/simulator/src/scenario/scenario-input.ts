import type { Duration, ServicePolicyInput } from "@weft/config";
import type { RuleName } from "./scenario.ts";

/** A scenario as it is written. */
export interface ScenarioInput {
  readonly seed?: number;
  readonly duration: Duration;
  readonly successWithin?: Duration;
  readonly clients?: number;
  readonly arrivals: ArrivalsInput | readonly PhaseInput[];
  readonly keys?: KeysInput;
  readonly importance?: ImportanceInput;
  readonly endpoints: readonly EndpointsInput[];
  readonly events?: readonly EventInput[];
  readonly policy?: ServicePolicyInput;
  readonly compare?: readonly ComparedInput[];
}

type ArrivalProcess = "poisson" | "uniform";

export interface ArrivalsInput {
  readonly ratePerSecond: number;
  readonly process?: ArrivalProcess;
}

export interface PhaseInput extends ArrivalsInput {
  readonly at: Duration;
}

export interface KeysInput {
  readonly count?: number;
  readonly hotRatio?: number;
}

export interface ImportanceInput {
  readonly critical?: number;
  readonly low?: number;
}

export interface EndpointsInput {
  readonly count?: number;
  readonly workers?: number | "unlimited";
  readonly unlimited?: boolean;
  readonly latency: LatencyInput;
  readonly weight?: number;
  readonly zone?: string;
  readonly priority?: number;
}

export type LatencyInput =
  | { readonly constant: Duration }
  | { readonly exponential: { readonly mean: Duration } }
  | { readonly lognormal: { readonly p50: Duration; readonly p99: Duration } }
  | { readonly file: string };

export interface EventInput {
  readonly at: Duration;
  readonly until?: Duration;
  readonly endpoint?: number | readonly number[];
  readonly latency?: LatencyInput;
  readonly factor?: number;
  readonly fail?: FailInput;
  readonly hang?: boolean;
  readonly refuse?: boolean;
  readonly remove?: boolean;
  readonly add?: boolean;
  readonly registryStale?: boolean;
}

export interface FailInput {
  readonly ratio?: number;
  readonly status?: number;
  readonly reset?: boolean;
  readonly after?: Duration;
}

/** A policy to compare with, whose fields stand under `policy` or beside the name. */
export interface ComparedInput extends ServicePolicyInput {
  readonly name: string;
  readonly policy?: ServicePolicyInput;
  readonly rule?: RuleName;
}
