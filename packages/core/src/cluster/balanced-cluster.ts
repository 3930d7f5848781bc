import { DecisionLog } from "../decision/decision-log.ts";
import type { Decision } from "../decision/decision.ts";
import type { RecordNames } from "../decision/read-record.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Events } from "../events.ts";
import { HEALTH_DEFAULTS, type HealthThresholds, type ProbeResult } from "../policy/health-check/endpoint-health.ts";
import { OUTLIER_DEFAULTS, type OutlierOptions } from "../policy/outlier-ejection/options.ts";
import { peakEwma } from "../policy/peak-ewma/peak-ewma.ts";
import type { Picker } from "../policy/picker.ts";
import type { Call } from "../service.ts";
import type { Clock, Random } from "../time/time.ts";
import { AttemptBook } from "./attempt-book.ts";
import { CheckBook } from "./check-book.ts";
import { Chooser } from "./chooser.ts";
import type { Choice, Cluster, ClusterSnapshot } from "./cluster.ts";
import { Ejector } from "./ejector.ts";
import { type Grouping, Groups } from "./groups.ts";
import { type EndpointLimit, LearnedLimits } from "./learned-limits.ts";
import { type Lease, NodeLease } from "./lease.ts";
import { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { Refusals } from "./refusals.ts";
import { ReportedWeights } from "./reported-weights.ts";
import { SessionKeepers, type SessionRules } from "./session-keepers.ts";
import { SlowStart } from "./slow-start.ts";
import { absencesOf } from "./usable.ts";

/** What may change while the cluster lives, without losing what it has measured. */
export interface ClusterPolicy {
  /** Default: `peakEwma()`. */
  readonly picker: Picker;
  readonly outliers: OutlierOptions;
  /** Attempts that one endpoint takes at once, >= 1. Default 256 (reference 5). */
  readonly callsPerEndpoint: number;
  /** How each endpoint's own limit is learned, up to `callsPerEndpoint`. Undefined, the default: it is not. */
  readonly endpointLimit: EndpointLimit | undefined;
  /** How many results of active checks decide. Without checks, nothing. */
  readonly health: HealthThresholds;
  /** How long an endpoint that is new to the traffic gets less than its share, in ms. 0: off, the default. */
  readonly slowStartMs: number;
  /** Whether weights count times what endpoints report of their load. Default: they do not. */
  readonly reportsWeigh: boolean;
  /** How picks divide among priorities and zones before the picker picks. Default: they do not. */
  readonly grouping: Grouping;
  /** How sessions are kept. Undefined, the default: none is, whatever calls say. */
  readonly sessions: SessionRules | undefined;
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

const NO_ENDPOINTS: Choice = Object.freeze({ kind: "none", code: "NO_ENDPOINTS" });
const ALL_EJECTED: Choice = Object.freeze({ kind: "none", code: "ALL_EJECTED" });
const OVERLOADED: Choice = Object.freeze({ kind: "none", code: "OVERLOADED" });

/**
 * The cluster behind every home of weft: keeps the members, asks the picker, and gives out leases; what becomes of
 * these goes to its `AttemptBook`. Holds no timer: an ejection that ran out is noticed by the next choice.
 */
export class BalancedCluster implements Cluster {
  readonly service: string;
  readonly decisions: DecisionLog;
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #members: Members;
  readonly #ejector: Ejector;
  readonly #book: AttemptBook;
  readonly #checks: CheckBook;
  readonly #groups: Groups;
  readonly #slowStart: SlowStart;
  readonly #reported: ReportedWeights;
  readonly #learned: LearnedLimits;
  readonly #refusals: Refusals;
  readonly #keepers: SessionKeepers;
  readonly #chooser: Chooser;
  /** What numbers in decisions stand for. */
  readonly #names: RecordNames = {
    endpoint: (number) => this.#members.nameOf(number),
    group: (number) => this.#groups.groupOf(number),
  };
  #leftOut: readonly string[] = [];
  #uses = 0;

  constructor(options: ClusterOptions) {
    const { service, clock, random, events, policy = {} } = options;
    this.service = service;
    this.decisions = options.decisions ?? new DecisionLog();
    this.#clock = clock;
    this.#events = events;
    this.#groups = new Groups(policy.grouping, random);
    this.#members = new Members((nodes, joined) => {
      const { picker } = this.#chooser;
      picker.arrange(nodes, random, this.#members.all);
      this.#groups.arrange(this.#members, picker);
      this.#slowStart.begin(joined, clock.nowMs());
    });
    this.#slowStart = new SlowStart(this.#members, this.#groups, policy.slowStartMs ?? 0, random);
    this.#reported = new ReportedWeights(policy.reportsWeigh ?? false);
    this.#learned = new LearnedLimits(policy.endpointLimit);
    this.#ejector = new Ejector(this.#members, {
      service,
      events,
      random,
      outliers: policy.outliers ?? OUTLIER_DEFAULTS,
    });
    this.#refusals = new Refusals({ service, events, members: this.#members, ejector: this.#ejector });
    this.#checks = new CheckBook(this.#members, {
      service,
      events,
      ejector: this.#ejector,
      health: policy.health ?? HEALTH_DEFAULTS,
    });
    this.#keepers = new SessionKeepers(this.#members, this.#groups, policy.sessions);
    this.#book = new AttemptBook({
      service,
      clock,
      ejector: this.#ejector,
      decisions: this.decisions,
      learned: this.#learned,
    });
    this.#chooser = new Chooser({
      members: this.#members,
      ejector: this.#ejector,
      groups: this.#groups,
      slowStart: this.#slowStart,
      reported: this.#reported,
      learned: this.#learned,
      book: this.#book,
      picker: policy.picker ?? peakEwma(),
      random,
      decisions: this.decisions,
      callsPerEndpoint: policy.callsPerEndpoint ?? 256,
      keepers: this.#keepers,
    });
  }

  /** Kind of the balancer in force: `peak-ewma`. */
  get balancer(): string {
    return this.#chooser.picker.kind;
  }

  /** Changes the rules and keeps every measurement and ejection. What is absent stays as it was. */
  configure(policy: Partial<ClusterPolicy>): void {
    if (policy.outliers !== undefined) this.#ejector.outliers = policy.outliers;
    if (policy.callsPerEndpoint !== undefined) this.#chooser.callsPerEndpoint = policy.callsPerEndpoint;
    if ("endpointLimit" in policy) this.#learned.configure(policy.endpointLimit, this.#members.all);
    if ("sessions" in policy) this.#keepers.configure(policy.sessions);
    if (policy.health !== undefined) this.#checks.health = policy.health;
    if (policy.slowStartMs !== undefined) this.#slowStart.configure(policy.slowStartMs, this.#clock.nowMs());
    if (policy.picker !== undefined) this.#chooser.picker = policy.picker;
    if (policy.grouping !== undefined) this.#groups.configure(policy.grouping);
    const { reportsWeigh = this.#reported.active } = policy;
    const weighed = this.#reported.configure(reportsWeigh, this.#members.all, this.#clock.nowMs());
    if (weighed || policy.picker !== undefined || policy.grouping !== undefined) this.#members.arrange();
  }

  /**
   * Takes over what the registry says now. An endpoint that was a member keeps its node and all it has measured,
   * unless host or port changed, which makes it another one.
   *
   * @param leftOut what it lists besides and nobody can dial, for who is refused for want of an endpoint
   */
  update(endpoints: readonly Endpoint[], leftOut: readonly string[] = []): void {
    const { service } = this;
    this.#leftOut = leftOut;
    const before = this.#members.usable;
    const diff = this.#members.update(endpoints);
    if (diff === undefined) return;
    this.#learned.begin(this.#members.all);
    this.#ejector.membersChanged(this.#clock.nowMs());
    this.#events.emit("membership.changed", { service, ...diff, total: this.#members.size });
    this.#checks.tellPanic(before.panic);
  }

  /** An active check of this endpoint found that. Nothing when it is no member. */
  checked(id: string, result: ProbeResult, nowMs: number = this.#clock.nowMs()): void {
    const node = this.#members.find(id);
    if (node !== undefined) this.#checks.checked(node, result, nowMs);
  }

  /** Active checks are made no more: every endpoint counts as unchecked. */
  forgetChecks(): void {
    this.#checks.forget(this.#clock.nowMs());
  }

  choose(call: Call): Choice {
    const node = this.#chooser.choose(call, this.#clock.nowMs());
    if (node !== undefined) return node.choice;
    const keeper = this.#boundTo(call);
    if (keeper !== undefined) return this.#isFull(keeper) ? OVERLOADED : NO_ENDPOINTS;
    if (this.#members.available.length > 0) return OVERLOADED;
    return this.#members.ejected.length > 0 ? ALL_EJECTED : NO_ENDPOINTS;
  }

  lease(endpoint: Endpoint, call: Call): Lease {
    return this.#begin(this.#members.nodeOf(endpoint), call, this.#clock.nowMs());
  }

  acquire(call: Call, nowMs: number = this.#clock.nowMs()): Lease {
    const node = this.#chooser.choose(call, nowMs);
    if (node === undefined) {
      const { callsPerEndpoint } = this.#chooser;
      const keeper = this.#boundTo(call);
      if (keeper !== undefined) throw this.#refusals.refuseAt(keeper, callsPerEndpoint, nowMs);
      throw this.#refusals.refuse(call, callsPerEndpoint, this.#leftOut, nowMs);
    }
    return this.#begin(node, call, nowMs);
  }

  /** Whether an endpoint that the call has not been to would take an attempt now. None may of a session that is kept. */
  elsewhere(call: Call): boolean {
    const keeper = this.#keepers.of(call);
    if (keeper !== undefined && call.tried.some(({ id }) => id === keeper.endpoint.id)) return false;
    const { callsPerEndpoint } = this.#chooser;
    return this.#members.available.some((node) => {
      return node.pending < node.mostAt(callsPerEndpoint) && !call.tried.some(({ id }) => id === node.endpoint.id);
    });
  }

  /** The endpoint that keeps the sessions of this token. */
  keeperOf(session: string): Endpoint | undefined {
    return this.#keepers.find(session)?.endpoint;
  }

  snapshot(): ClusterSnapshot {
    const atMs = this.#clock.nowMs();
    const { all, usable } = this.#members;
    return {
      service: this.service,
      atMs,
      balancer: this.#chooser.picker.kind,
      typicalMs: this.#book.typicalMs,
      panic: usable.panic !== undefined,
      panicBy: usable.panic,
      division: this.#groups.snapshot(),
      endpoints: all.map((node) => node.snapshot(atMs, absencesOf(node, usable))),
    };
  }

  /**
   * The decisions kept about this service's calls, oldest first.
   *
   * @param sinceMs when the call began, for whoever knows it: then it costs as much as the call had decisions
   */
  explain(call?: number, sinceMs?: number): Decision[] {
    return this.decisions.decisions(this.#names, call, sinceMs);
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

  #begin(node: Node, call: Call, nowMs: number): NodeLease {
    call.trying(node.endpoint);
    const lease = new NodeLease(node, nowMs, this.#book, call.number, call.attempt);
    if (node.fitness.state.kind === "probing") lease.trial = this.#ejector.trialBegins(node);
    node.lastUsed = ++this.#uses;
    node.began(lease);
    return lease;
  }

  /** The node that keeps the call's session, where that may not move. */
  #boundTo(call: Call): Node | undefined {
    return this.#keepers.move ? undefined : this.#keepers.of(call);
  }

  #isFull(node: Node): boolean {
    return node.pending >= node.mostAt(this.#chooser.callsPerEndpoint);
  }
}
