import type { Mode } from "./mode.ts";
import type { Launch } from "./processes.ts";
import type { Tools } from "./tools.ts";

/** What a proxy is given. */
export interface Setup {
  readonly tools: Tools;
  /** A folder of its own for configuration and temporary files. Deleted with the run. */
  readonly folder: string;
  readonly mode: Mode;
  /** Ports on 127.0.0.1. */
  readonly listen: number;
  readonly upstreams: readonly number[];
  /** Calls at once that have to be let through. Absent: the limits that a proxy has by default will do. */
  readonly calls?: number;
}

/** A proxy to measure. */
export interface Peer {
  readonly name: string;
  readonly modes: readonly Mode[];
  /** Writes its configuration, if any. @returns in plain words why it cannot be started here, else how */
  launch(setup: Setup): Launch | string;
}

/** A proxy that runs, or (`pid` 0) an endpoint reached without any. */
export interface Target {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
}

/** What one round measured. Each scenario has its own names; units are in them. */
export type Figures = Readonly<Record<string, number>>;

/** How a figure is printed. */
export interface Column {
  readonly figure: string;
  /** The heading, with its unit. */
  readonly title: string;
  readonly digits: number;
}

/** A bound that the project set itself. */
export interface Aim {
  readonly figure: string;
  readonly kind: "at most" | "at least";
  readonly value: number;
  /** `value` is a multiple of that peer's figure in the same round; absent: it is the bound itself. */
  readonly timesOf?: string;
  /** `value` is what may be added to that peer's figure in the same round. */
  readonly beyond?: string;
}

/** What a scenario may use. */
export interface Bench {
  readonly tools: Tools;
  /** For files of the scenario. */
  readonly folder: string;
  /** Length of one round, in whole seconds. */
  readonly seconds: number;
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** One line: who sends what. */
  readonly title: string;
  readonly mode: Mode;
  /** The figure whose multiple of HAProxy's is printed. */
  readonly compared: string;
  readonly columns: readonly Column[];
  readonly aims: readonly Aim[];
  /** Calls at once that it needs, where that is past the default limits of a proxy. */
  readonly calls?: number;
  /** At most so many rounds: where one takes long. */
  readonly maxRounds?: number;
  /** Each round gets a process of its own, without a warm-up: where memory is measured. */
  readonly fresh?: boolean;
  /** Also measured: the endpoint without a proxy. */
  readonly direct?: boolean;
  /** Peers for this scenario alone. */
  readonly extras?: readonly Peer[];
  /** Peers that cannot do it, each with the reason. */
  readonly without?: Readonly<Record<string, string>>;
  /** Starts what the proxies stand before. @returns its ports */
  endpoints(bench: Bench): Promise<Endpoints>;
  /** Whether a proxy does its work at all: once, before the first round. Throws if not; it is left out then. */
  prove?(target: Target, bench: Bench, endpoints: Endpoints): Promise<void>;
  /** One round against one proxy. */
  measure(target: Target, bench: Bench, endpoints: Endpoints): Promise<Figures>;
}

export interface Endpoints {
  readonly ports: readonly number[];
  /** Of the one process behind all of them. */
  readonly pid: number;
  /** How many requests have come so far; absent where nobody counts. */
  requests?(): Promise<number>;
  stop(): Promise<void>;
}
