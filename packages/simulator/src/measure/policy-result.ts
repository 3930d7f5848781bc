import { type Importance, IMPORTANCES } from "@weft/core";
import type { Scenario } from "../scenario/scenario.ts";
import type { LatencyCounts } from "./latency-counts.ts";
import { type Reaction, reactionsOf } from "./reaction.ts";
import { SLICES, type Tally } from "./tally.ts";

/** What one policy made of a scenario. Latencies are those of all calls, failed ones too, from arrival to end. */
export interface PolicyResult {
  readonly name: string;
  readonly calls: number;
  /** Calls that were answered well and in time, of all, in [0, 1]; undefined: there were no calls. */
  readonly successShare: number | undefined;
  readonly latencyMs: Latencies;
  /** Calls that were no success, by kind: `status 503`, a code of MeshError, or `late`. */
  readonly failures: Readonly<Record<string, number>>;
  readonly attemptsPerCall: number;
  /** What became of the calls of each importance, the most important first; empty where the scenario has none. */
  readonly byImportance: readonly ImportanceResult[];
  readonly endpoints: readonly EndpointResult[];
  readonly reactions: readonly Reaction[];
  /** How often what events tell of happened: `retry.started`, `breaker.changed open`. */
  readonly events: Readonly<Record<string, number>>;
  readonly chart: Chart;
}

export interface ImportanceResult {
  readonly importance: Importance;
  readonly calls: number;
  /** As above, of these. */
  readonly successShare: number | undefined;
}

/** In ms; undefined: there were no calls. */
export interface Latencies {
  readonly p50: number | undefined;
  readonly p90: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
}

export interface EndpointResult {
  readonly index: number;
  readonly id: string;
  readonly attempts: number;
  /** Of all attempts, in [0, 1]. */
  readonly share: number;
  readonly failed: number;
  /** By any client. */
  readonly ejections: number;
}

/** What is drawn over time: one number for each piece of the duration. */
export interface Chart {
  readonly pieceMs: number;
  /** ms, by arrival; undefined: nothing arrived. */
  readonly p50: readonly (number | undefined)[];
  readonly p99: readonly (number | undefined)[];
  /** Share of the calls that failed, by arrival. */
  readonly failed: readonly number[];
  /** By endpoint: its share of the attempts. */
  readonly shares: readonly (readonly number[])[];
  /** Attempts that began, a second. */
  readonly attempts: readonly number[];
  /** Share of the calls that went elsewhere than the first one of their key; undefined: the policy does not hash. */
  readonly away: readonly number[] | undefined;
  /** By endpoint: share of the clients that have it out of traffic at the end of the piece. */
  readonly ejected: readonly (readonly number[])[];
}

export function policyResult(name: string, tally: Tally, scenario: Scenario): PolicyResult {
  const { calls, attempts, succeeded, latencies, endpoints, failures, happened } = tally;
  return {
    name,
    calls,
    successShare: calls === 0 ? undefined : succeeded / calls,
    latencyMs: latenciesOf(latencies),
    failures: sorted(failures),
    attemptsPerCall: calls === 0 ? 0 : attempts / calls,
    byImportance: scenario.importance === undefined ? [] : importanceResults(tally),
    endpoints: endpoints.map(({ index, id, attempts: own, failed, ejections }) => {
      return { index, id, attempts: own, share: attempts === 0 ? 0 : own / attempts, failed, ejections };
    }),
    reactions: reactionsOf(tally, scenario.events),
    events: sorted(happened),
    chart: chartOf(tally, scenario.clients),
  };
}

function importanceResults({ byImportance }: Tally): readonly ImportanceResult[] {
  return IMPORTANCES.map((importance) => {
    const { calls, succeeded } = byImportance[importance];
    return { importance, calls, successShare: calls === 0 ? undefined : succeeded / calls };
  });
}

function latenciesOf(latencies: LatencyCounts): Latencies {
  const at = (share: number): number | undefined => latencies.quantile(share);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999) };
}

function chartOf(tally: Tally, clients: number): Chart {
  const { slices, sliceMs, endpoints } = tally;
  const totals = slices.map((_slice, i) => endpoints.reduce((sum, { bySlice }) => sum + bySlice[i]!, 0));
  return {
    pieceMs: sliceMs,
    p50: slices.map(({ latencies }) => latencies.quantile(0.5)),
    p99: slices.map(({ latencies }) => latencies.quantile(0.99)),
    failed: slices.map(({ failed, latencies }) => (latencies.total === 0 ? 0 : failed / latencies.total)),
    shares: endpoints.map(({ bySlice }) => totals.map((total, i) => (total === 0 ? 0 : bySlice[i]! / total))),
    attempts: totals.map((total) => total / (sliceMs / 1_000)),
    away: tally.keyed ? slices.map(({ keyed, away }) => (keyed === 0 ? 0 : away / keyed)) : undefined,
    ejected: ejectedOf(tally, clients),
  };
}

function ejectedOf({ ejections, endpoints, sliceMs }: Tally, clients: number): readonly (readonly number[])[] {
  const rows = endpoints.map(() => Array.from({ length: SLICES }, () => 0));
  const out = endpoints.map(() => 0);
  let next = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    for (; next < ejections.length && ejections[next]!.atMs < (slice + 1) * sliceMs; next++) {
      const { index, by } = ejections[next]!;
      out[index]! += by;
    }
    out.forEach((clientsOut, index) => (rows[index]![slice] = clientsOut / clients));
  }
  return rows;
}

/** By name, so that the same run gives the same bytes whatever happened first. */
function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
