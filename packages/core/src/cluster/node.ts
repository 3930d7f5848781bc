import type { Endpoint } from "../endpoint.ts";
import { EndpointFitness } from "../policy/outlier-ejection/endpoint-fitness.ts";
import { EndpointHealth } from "../policy/health-check/endpoint-health.ts";
import { ENDPOINT_BUCKETS_MS, LatencyBuckets } from "../observe/latency-buckets.ts";
import type { AdaptiveRule } from "../policy/adaptive-concurrency/adaptive-rule.ts";
import { forgetFailures, readFailures } from "../policy/peak-ewma/failure-ratio.ts";
import { forgetLatency, latencyKnown, readLatency } from "../policy/peak-ewma/peak-latency.ts";
import { forgetLoad, recordLoad } from "../policy/prequal/told-load.ts";
import { EndpointReport } from "../policy/reported-load/endpoint-report.ts";
import type { LoadReport } from "../policy/reported-load/load-report.ts";
import type { NodeSnapshot } from "./cluster.ts";
import type { NodeLease } from "./lease.ts";
import type { Newcomer } from "./slow-start.ts";
import type { Absence } from "./usable.ts";
import type { OutcomeWindows } from "./outcome-windows.ts";
import { beside, CELLS, HOLD_UNTIL, LEARNED_MOST, NodeCells, OLDEST, PENDING, WEIGHT } from "./node-cells.ts";

/**
 * An endpoint plus our live counters. Lives as long as the endpoint is a member, whatever changes around it.
 *
 * What picks compare lies in a row of `NodeCells`; the rest is here.
 */
export class Node {
  // What the end of a pick reads comes first, side by side: among 10,000 nodes each line of cache is a miss.
  /** Names the node in decision records, which hold numbers only. Never used again for another. */
  readonly number: number;
  /** What it may take while it is new to the traffic. Kept by `SlowStart`. */
  newcomer: Newcomer | undefined = undefined;
  /** Part of the picks of it that it takes, in (0, 1]. */
  part = 1;
  /** What `choose` answers with: made once, so that choosing allocates nothing. */
  #choice: { readonly kind: "chosen"; readonly endpoint: Endpoint };
  /** Counts up over the cluster with each lease: the smaller, the longer unused. Breaks ties. */
  lastUsed = 0;

  readonly fitness: EndpointFitness = new EndpointFitness();
  readonly health: EndpointHealth = new EndpointHealth();
  /** False from its departure on: leases may still run here, but nobody judges it any more. Kept by `Members`. */
  member = true;
  /** Whether it takes traffic: passing what counts of the checks, and fit. Kept by `Members`. */
  available = false;
  /** Attempts started here, ever. */
  attempts = 0;
  /** Attempts that failed here, ever. */
  failed = 0;
  /** How long its attempts took to their head, or to their failure, ever. */
  readonly answers: LatencyBuckets = new LatencyBuckets(ENDPOINT_BUCKETS_MS);
  /** How its attempts went lately; undefined before any was judged by comparison. */
  outcomes: OutcomeWindows | undefined = undefined;
  /** What it has said of its load; undefined before it did. */
  report: EndpointReport | undefined = undefined;
  /** Learns how many attempts it takes at once; undefined: nobody asks. */
  learned: AdaptiveRule | undefined = undefined;
  /** What its weight counts for by its reports, beside the others'; 1: as much as the registry says. */
  #reportedRatio = 1;

  #endpoint: Endpoint;
  #home: NodeCells;
  #at: number;
  #oldest: NodeLease | undefined = undefined;
  #newest: NodeLease | undefined = undefined;

  constructor(number: number, endpoint: Endpoint, home: NodeCells) {
    this.number = number;
    this.#home = home;
    this.#at = home.allocate();
    this.#endpoint = endpoint;
    this.#choice = { kind: "chosen", endpoint };
    this.part = endpoint.part ?? 1;
    const { cells } = home;
    cells[this.#at + WEIGHT] = endpoint.weight;
    cells[this.#at + OLDEST] = Number.POSITIVE_INFINITY;
    forgetLatency(cells, this.#at);
    forgetFailures(cells, this.#at);
    forgetLoad(cells, this.#at);
    this.learnedMost = Number.POSITIVE_INFINITY;
  }

  /** Whether a pick of it may pass on to another: it is new, or a part of it belongs to other callers. */
  get sparing(): boolean {
    return this.newcomer !== undefined || this.part < 1;
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  get choice(): { readonly kind: "chosen"; readonly endpoint: Endpoint } {
    return this.#choice;
  }

  /** The registry says something new of the same endpoint. */
  describe(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#choice = { kind: "chosen", endpoint };
    this.part = endpoint.part ?? 1;
    this.#weigh();
  }

  /** What balancers go by: the registry's weight, times what counts of its reports. */
  get weight(): number {
    return this.cells[this.#at + WEIGHT]!;
  }

  get reportedRatio(): number {
    return this.#reportedRatio;
  }

  /** @param ratio > 0 */
  set reportedRatio(ratio: number) {
    this.#reportedRatio = ratio;
    this.#weigh();
  }

  /** The array its row lies in; see `NodeCells`. */
  get cells(): Float64Array {
    return this.#home.cells;
  }

  /** Offset of its row. */
  get at(): number {
    return this.#at;
  }

  /** Leases held: attempts whose exchange has not ended. */
  get pending(): number {
    return this.cells[this.#at + PENDING]!;
  }

  /** Attempts that it takes at once, as was learned; Infinity: nothing was. */
  get learnedMost(): number {
    return this.cells[beside(this.cells, this.#at) + LEARNED_MOST]!;
  }

  set learnedMost(most: number) {
    this.cells[beside(this.cells, this.#at) + LEARNED_MOST] = most;
  }

  /** Attempts that it takes at once. @param callsPerEndpoint what each may take at most */
  mostAt(callsPerEndpoint: number): number {
    return Math.min(callsPerEndpoint, this.learnedMost);
  }

  /** Forgets what was learned. @param rule learns from now on; undefined: none does */
  learnBy(rule: AdaptiveRule | undefined): void {
    this.learned = rule;
    this.learnedMost = rule === undefined ? Number.POSITIVE_INFINITY : Math.floor(rule.limit);
  }

  /** Peak latency at `nowMs`, in ms; undefined before any answer. */
  latencyMs(nowMs: number): number | undefined {
    return latencyKnown(this.cells, this.#at) ? readLatency(this.cells, this.#at, nowMs) : undefined;
  }

  /** Share of recent attempts that failed, in [0, 1]. */
  failures(nowMs: number): number {
    return readFailures(this.cells, this.#at, nowMs);
  }

  snapshot(atMs: number, out: readonly Absence[]): NodeSnapshot {
    return {
      endpoint: this.#endpoint,
      available: this.available,
      out,
      slowStartRatio: this.newcomer?.ratio ?? 1,
      reportedRatio: this.#reportedRatio,
      health: this.health.state,
      fitness: this.fitness.state,
      pending: this.pending,
      learnedMost: this.learned === undefined ? undefined : this.learnedMost,
      attempts: this.attempts,
      failed: this.failed,
      answers: this.answers,
      latencyMs: this.latencyMs(atMs),
      failures: this.failures(atMs),
      consecutiveFailures: this.fitness.consecutive,
    };
  }

  /** The endpoint says how loaded it is. */
  reported(report: LoadReport, nowMs: number): void {
    this.report ??= new EndpointReport();
    this.report.record(report, nowMs);
    recordLoad(this.cells, this.#at, report, nowMs);
  }

  /** The endpoint asked to be left alone. */
  hold(untilMs: number): void {
    this.cells[this.#at + HOLD_UNTIL] = Math.max(this.cells[this.#at + HOLD_UNTIL]!, untilMs);
  }

  began(lease: NodeLease): void {
    this.attempts++;
    const { cells } = this;
    cells[this.#at + PENDING]!++;
    this.#home.pending++;
    lease.before = this.#newest;
    if (this.#newest === undefined) {
      this.#oldest = lease;
      cells[this.#at + OLDEST] = lease.startedMs;
    } else this.#newest.after = lease;
    this.#newest = lease;
  }

  /** The attempt has its answer, or never will: its age counts no more. */
  heard(lease: NodeLease): void {
    const { before, after } = lease;
    if (before === undefined) {
      if (this.#oldest !== lease) return; // heard before
      this.#oldest = after;
      this.cells[this.#at + OLDEST] = after === undefined ? Number.POSITIVE_INFINITY : after.startedMs;
    } else before.after = after;
    if (after === undefined) this.#newest = before;
    else after.before = before;
    lease.before = lease.after = undefined;
  }

  ended(): void {
    this.cells[this.#at + PENDING]!--;
    this.#home.pending--;
  }

  /** Leaves the membership: takes its numbers along, for the leases that still run, and gives the row back. */
  depart(): void {
    this.member = this.available = false;
    const home = new NodeCells(1);
    const at = home.allocate();
    home.cells.set(this.cells.subarray(this.#at, this.#at + CELLS), at);
    home.pending = this.pending;
    this.#home.pending -= this.pending;
    this.#home.release(this.#at);
    this.#home = home;
    this.#at = at;
  }

  #weigh(): void {
    this.cells[this.#at + WEIGHT] = this.#endpoint.weight * this.#reportedRatio;
  }
}
