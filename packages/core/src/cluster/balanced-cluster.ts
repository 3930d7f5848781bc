import { DecisionLog } from "../decision/decision-log.ts";
import type { Decision, PickVerdict } from "../decision/decision.ts";
import { authority, type Endpoint } from "../endpoint.ts";
import { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { Outcome } from "../outcome.ts";
import { OUTLIER_DEFAULTS, type OutlierOptions } from "../policy/outlier-ejection/options.ts";
import { recordAttempt } from "../policy/peak-ewma/failure-ratio.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import { observeLatency, raiseLatency, readLatency } from "../policy/peak-ewma/peak-latency.ts";
import { TypicalLatency } from "../policy/peak-ewma/typical-latency.ts";
import type { Draw, Picker } from "../policy/picker.ts";
import type { Call } from "../service.ts";
import type { Clock, Random } from "../time/time.ts";
import type { Choice, Cluster, ClusterSnapshot } from "./cluster.ts";
import { Ejector } from "./ejector.ts";
import { type Lease, type LeaseBook, NodeLease } from "./lease.ts";
import { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { refusal } from "./refusal.ts";

/** What may change while the cluster lives, without losing what it has measured. */
export interface ClusterPolicy {
  /** Default: `peakEwma()`. */
  readonly picker: Picker;
  readonly outliers: OutlierOptions;
  /** Attempts that one endpoint takes at once, >= 1. Default 256 (reference 5). */
  readonly callsPerEndpoint: number;
}

export interface ClusterOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Events;
  readonly policy?: Partial<ClusterPolicy>;
  /** Where decisions are recorded. One of 256 records is made when absent. */
  readonly decisions?: DecisionLog;
}

/** A longer Retry-After is not believed. Source: Linkerd's load biaser; reference 2.4. */
const LONGEST_HOLD_MS = 300_000;

const NONE: readonly Endpoint[] = Object.freeze([]);
const NO_ENDPOINTS: Choice = Object.freeze({ kind: "none", code: "NO_ENDPOINTS" });
const ALL_EJECTED: Choice = Object.freeze({ kind: "none", code: "ALL_EJECTED" });
const OVERLOADED: Choice = Object.freeze({ kind: "none", code: "OVERLOADED" });

/**
 * The cluster behind every home of weft: keeps the members, asks the picker, gives out leases, and judges endpoints by
 * what becomes of them. Holds no timer: an ejection that ran out is noticed by the next choice.
 */
export class BalancedCluster implements Cluster, LeaseBook {
  readonly service: string;
  readonly decisions: DecisionLog;
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #members: Members;
  readonly #ejector: Ejector;
  readonly #typical = new TypicalLatency();
  readonly #draw: { -readonly [Key in keyof Draw]: Draw[Key] };
  #picker: Picker;
  #uses = 0;

  constructor(options: ClusterOptions) {
    const { service, clock, random, events, policy = {} } = options;
    this.service = service;
    this.decisions = options.decisions ?? new DecisionLog();
    this.#clock = clock;
    this.#events = events;
    this.#picker = policy.picker ?? peakEwma();
    this.#members = new Members((nodes) => this.#picker.arrange(nodes, random));
    this.#ejector = new Ejector(this.#members, {
      service,
      events,
      random,
      outliers: policy.outliers ?? OUTLIER_DEFAULTS,
    });
    this.#draw = {
      nowMs: 0,
      random,
      typicalMs: 0,
      tried: NONE,
      callsPerEndpoint: policy.callsPerEndpoint ?? 256,
      record: this.decisions,
      cells: this.#members.cells.cells,
      places: this.#members.places,
    };
  }

  /** Changes the rules and keeps every measurement and ejection. What is absent stays as it was. */
  configure(policy: Partial<ClusterPolicy>): void {
    if (policy.outliers !== undefined) this.#ejector.outliers = policy.outliers;
    if (policy.callsPerEndpoint !== undefined) this.#draw.callsPerEndpoint = policy.callsPerEndpoint;
    if (policy.picker !== undefined) {
      this.#picker = policy.picker;
      this.#members.arrange();
    }
  }

  /**
   * Takes over what the registry says now. An endpoint that was a member keeps its node and all it has measured,
   * unless host or port changed, which makes it another one.
   */
  update(endpoints: readonly Endpoint[]): void {
    const diff = this.#members.update(endpoints);
    if (diff === undefined) return;
    this.#ejector.membersChanged(this.#clock.nowMs());
    this.#events.emit("membership.changed", { service: this.service, ...diff, total: this.#members.size });
  }

  choose(call: Call): Choice {
    const node = this.#pick(call, this.#clock.nowMs());
    if (node !== undefined) return node.choice;
    if (this.#members.available.length > 0) return OVERLOADED;
    return this.#members.ejected.length > 0 ? ALL_EJECTED : NO_ENDPOINTS;
  }

  lease(endpoint: Endpoint, call: Call): Lease {
    return this.#begin(this.#members.nodeOf(endpoint), call, this.#clock.nowMs());
  }

  acquire(call: Call, nowMs: number = this.#clock.nowMs()): Lease {
    const node = this.#pick(call, nowMs);
    if (node === undefined) throw this.#refuse(call, nowMs);
    return this.#begin(node, call, nowMs);
  }

  snapshot(): ClusterSnapshot {
    const atMs = this.#clock.nowMs();
    return {
      service: this.service,
      atMs,
      balancer: this.#picker.kind,
      typicalMs: this.#typical.valueMs,
      endpoints: this.#members.all.map((node) => ({
        endpoint: node.endpoint,
        available: node.available,
        fitness: node.fitness.state,
        pending: node.pending,
        attempts: node.attempts,
        failed: node.failed,
        latencyMs: node.latencyMs(atMs),
        failures: node.failures(atMs),
        consecutiveFailures: node.fitness.consecutive,
      })),
    };
  }

  /** The decisions kept about this service's calls, oldest first. */
  explain(call?: number): Decision[] {
    return this.decisions.decisions((number) => this.#members.nameOf(number), call);
  }

  /**
   * Takes an endpoint out of traffic by hand. False when it is no member.
   *
   * @param forMs > 0; Infinity until `restore`
   * @throws RangeError for another length
   */
  eject(id: string, forMs: number): boolean {
    if (!(forMs > 0)) throw new RangeError(`service ${this.service}: eject ${id} for ${forMs} ms: must be > 0`);
    const node = this.#members.find(id);
    if (node !== undefined) this.#ejector.ejectFor(node, forMs, this.#clock.nowMs());
    return node !== undefined;
  }

  /** Gives an ejected endpoint its traffic back. False when it is no member. */
  restore(id: string): boolean {
    const node = this.#members.find(id);
    if (node !== undefined) this.#ejector.restore(node, this.#clock.nowMs());
    return node !== undefined;
  }

  // For leases.

  answered(lease: NodeLease, outcome: Outcome, nowMs: number = this.#clock.nowMs()): void {
    const { node } = lease;
    node.heard(lease);
    if (outcome.kind === "success") {
      lease.shown = "head";
      this.#sample(node, nowMs - lease.startedMs, nowMs);
      if (lease.trial) this.#ejector.trialPassed(node, nowMs);
    } else if (outcome.kind === "failure") {
      lease.shown = "failure";
      this.#fail(lease, outcome, nowMs);
    }
  }

  released(lease: NodeLease, outcome: Outcome, nowMs: number = this.#clock.nowMs()): void {
    const { node } = lease;
    node.heard(lease);
    node.ended();
    if (lease.shown !== "failure") {
      if (outcome.kind === "failure") this.#fail(lease, outcome, nowMs);
      else if (outcome.kind === "success") this.#succeed(lease, nowMs);
      else if (lease.trial && lease.shown === "nothing") this.#ejector.trialLost(node, nowMs);
    }
    this.decisions.attempt(nowMs, lease.call, lease.attempt, node, outcome, nowMs - lease.startedMs);
  }

  timedOut(lease: NodeLease): unknown {
    return new MeshError(
      "ATTEMPT_TIMEOUT",
      `no answer within ${Math.round(lease.dueMs - lease.startedMs)} ms (timeout.attempt)`,
      {
        service: this.service,
        attempt: lease.attempt,
        endpoint: authority(lease.endpoint.host, lease.endpoint.port),
      },
    );
  }

  #pick(call: Call, nowMs: number): Node | undefined {
    const members = this.#members;
    if (nowMs >= this.#ejector.nextReturnMs) this.#ejector.sweep(nowMs);
    const draw = this.#draw;
    draw.nowMs = nowMs;
    draw.typicalMs = this.#typical.valueMs;
    draw.tried = call.attempt === 0 ? NONE : call.tried;
    draw.cells = members.cells.cells;
    draw.places = members.places;
    this.decisions.pick(nowMs, call.number, call.attempt + 1, draw.typicalMs);

    const trial = this.#ejector.trialFor(call, draw.callsPerEndpoint, nowMs);
    if (trial !== undefined) return this.#picked("trial", trial);
    const nodes = members.available;
    const node = this.#picker.pick(nodes, draw);
    if (node !== undefined) return this.#picked("chosen", node);
    if (draw.tried.length > 0) {
      draw.tried = NONE;
      const again = this.#picker.pick(nodes, draw);
      if (again !== undefined) return this.#picked("only-tried", again);
    }
    return this.#picked(this.#whyNone(), undefined);
  }

  #picked(verdict: PickVerdict, node: Node | undefined): Node | undefined {
    const { size, available, ejected } = this.#members;
    this.decisions.picked(verdict, node, size, available.length, ejected.length);
    return node;
  }

  #whyNone(): PickVerdict {
    if (this.#members.available.length > 0) return "all-full";
    if (this.#members.ejected.length > 0) return "all-ejected";
    return this.#members.size > 0 ? "none-passing" : "none-known";
  }

  #begin(node: Node, call: Call, nowMs: number): NodeLease {
    call.trying(node.endpoint);
    const lease = new NodeLease(node, nowMs, this, call.number, call.attempt);
    if (node.fitness.state.kind === "probing") lease.trial = this.#ejector.trialBegins(node);
    node.lastUsed = ++this.#uses;
    node.began(lease);
    return lease;
  }

  #sample(node: Node, ms: number, nowMs: number): void {
    observeLatency(node.cells, node.at, Math.max(0, ms), nowMs); // a clock that stepped back measures nothing
    this.#typical.observe(readLatency(node.cells, node.at, nowMs), nowMs);
  }

  #succeed(lease: NodeLease, nowMs: number): void {
    const { node } = lease;
    if (lease.shown === "nothing") {
      this.#sample(node, nowMs - lease.startedMs, nowMs);
      if (lease.trial) this.#ejector.trialPassed(node, nowMs);
    }
    recordAttempt(node.cells, node.at, false, nowMs);
    node.fitness.succeeded();
  }

  #fail(lease: NodeLease, outcome: Outcome & { kind: "failure" }, nowMs: number): void {
    const { node } = lease;
    node.failed++;
    // A newcomer counts as typical: a failure faster than that does not make it a fast endpoint.
    const elapsedMs = nowMs - lease.startedMs;
    if (elapsedMs > this.#typical.valueMs || node.latencyMs(nowMs) !== undefined) {
      raiseLatency(node.cells, node.at, elapsedMs, nowMs);
    }
    recordAttempt(node.cells, node.at, true, nowMs);
    if (outcome.holdMs > 0) node.hold(nowMs + Math.min(outcome.holdMs, LONGEST_HOLD_MS));
    this.#ejector.failed(lease, outcome.reason, nowMs);
  }

  #refuse(call: Call, nowMs: number): MeshError {
    const { size, available, ejected } = this.#members;
    const { service } = this;
    const { callsPerEndpoint } = this.#draw;
    if (available.length > 0) {
      this.#events.emit("limit.reached", { service, limit: "limits.callsPerEndpoint", value: callsPerEndpoint });
    }
    return refusal({
      service,
      attempt: call.attempt + 1,
      members: size,
      available: available.length,
      ejected: ejected.length,
      callsPerEndpoint,
      returnMs: Math.max(0, this.#ejector.nextReturnMs - nowMs),
    });
  }
}
