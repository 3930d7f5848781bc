import type { EjectionReason, Events } from "../events.ts";
import { FAILURE_WORDS, type FailureReason } from "../outcome.ts";
import { whyKept } from "../policy/outlier-ejection/floor-rule.ts";
import type { OutlierOptions } from "../policy/outlier-ejection/options.ts";
import type { Call } from "../service.ts";
import { type Random, SET_BACK_MS } from "../time/time.ts";
import type { NodeLease } from "./lease.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { OutcomeWindows } from "./outcome-windows.ts";
import { isCompared, isOutlierTest, OutlierTests } from "./outlier-tests.ts";

export interface EjectorOptions {
  readonly service: string;
  readonly events: Events;
  readonly random: Random;
  readonly outliers: OutlierOptions;
}

/**
 * Takes endpoints out of traffic and lets them return, within what the floor rule allows.
 *
 * The only place where fitness changes, so that the list of the available ones is arranged exactly then. Ejections
 * run out without a timer: the cluster asks `nextReturnMs` before each pick. And `earliestMs`: when the clock was set
 * back, nobody stays out for longer than the whole of the ejection, from the new reading on.
 */
export class Ejector {
  outliers: OutlierOptions;
  /** The earliest end of an ejection; Infinity when nothing is ejected. */
  nextReturnMs: number = Number.POSITIVE_INFINITY;
  /** A reading before that says that the clock was set back: behind the last ejection, or the last end of one. */
  earliestMs: number = Number.NEGATIVE_INFINITY;
  readonly #tests = new OutlierTests();
  readonly #members: Members;
  readonly #service: string;
  readonly #events: Events;
  readonly #random: Random;
  /** Nodes whose ejection ran out and whose trial has not begun. */
  #awaitingTrial: Node[] = [];

  constructor(members: Members, options: EjectorOptions) {
    this.#members = members;
    this.#service = options.service;
    this.#events = options.events;
    this.#random = options.random;
    this.outliers = options.outliers;
  }

  /** An attempt there ended well. */
  succeeded(node: Node, nowMs: number): void {
    node.fitness.succeeded();
    if (!node.member || node.fitness.state.kind !== "fit") return;
    this.#record(node, false, nowMs);
    // Only of a success is it news that the endpoint is slow: a failure has its own tests.
    if (this.outliers.latency !== undefined && node.available) this.#compare(node, nowMs);
  }

  /** An attempt failed there. */
  failed({ node, trial, startedMs }: NodeLease, reason: FailureReason, nowMs: number): void {
    const { fitness } = node;
    if (!node.member) return;
    if (trial && this.#undecided(node)) {
      fitness.failed(reason, nowMs, this.outliers);
      this.#eject(node, reason, `its trial failed: ${FAILURE_WORDS[reason]}`, nowMs);
      return;
    }
    // An attempt from before the ejection says nothing new, whether it ends during it or after the return.
    if (fitness.state.kind !== "fit" || fitness.predates(startedMs, nowMs)) return;
    // Overload says that there is too much to do, not that the endpoint is worse than the others.
    this.#record(node, reason !== "overloaded", nowMs);
    if (fitness.failed(reason, nowMs, this.outliers))
      this.#eject(
        node,
        reason,
        `${fitness.consecutive} consecutive failures, the last: ${FAILURE_WORDS[reason]}`,
        nowMs,
      );
    else if (reason !== "overloaded" && node.available) this.#compare(node, nowMs);
  }

  /** The head of the trial's answer was good. */
  trialPassed(node: Node, nowMs: number): void {
    // Ejected by hand meanwhile: whoever did so has the last word.
    if (node.fitness.state.kind === "probing") this.restore(node, nowMs);
  }

  /** Full traffic again: the trial succeeded, or somebody said so. */
  restore(node: Node, nowMs: number): void {
    if (node.fitness.state.kind === "fit" || !node.member) return;
    node.fitness.restore(nowMs);
    this.#changed();
    this.#events.emit("endpoint.returned", { service: this.#service, endpoint: node.endpoint.id });
  }

  ejectFor(node: Node, forMs: number, nowMs: number): void {
    node.fitness.ejectFor(forMs, nowMs);
    this.#changed();
    this.#report(node, "by-hand", "by hand", forMs, nowMs);
    this.keepOne(nowMs);
  }

  /** Ends the ejections that ran out: their endpoints await a trial. */
  sweep(nowMs: number): void {
    for (const { fitness } of this.#members.ejected) {
      if (fitness.sinceMs > nowMs) fitness.beginAgain(nowMs);
    }
    const over = this.#members.ejected.filter(({ fitness: { state } }) => {
      return state.kind === "ejected" && state.untilMs <= nowMs;
    });
    for (const node of over) node.fitness.probe(nowMs, false);
    this.#changed();
    for (const { endpoint } of over) {
      this.#events.emit("endpoint.probing", { service: this.#service, endpoint: endpoint.id });
    }
    this.keepOne(nowMs);
  }

  /**
   * The node whose trial this call is to be. A first attempt only, and an idempotent call by choice: when the trial
   * fails, it can be repeated elsewhere. If none came for a base ejection time, any call will do.
   *
   * @param most attempts that an endpoint takes at once: those from before the ejection may still run
   */
  trialFor(call: Call, most: number, nowMs: number): Node | undefined {
    if (this.#awaitingTrial.length === 0 || call.attempt > 0) return undefined;
    return this.#awaitingTrial.find((node) => this.isTrial(node, call, most, nowMs));
  }

  /** Whether this call, when it goes to the node, is to be its trial: as in `trialFor`. */
  isTrial({ pending, fitness: { state } }: Node, call: Call, most: number, nowMs: number): boolean {
    if (state.kind !== "probing" || state.trial || call.attempt > 0 || pending >= most) return false;
    return call.idempotent || nowMs - state.sinceMs >= this.outliers.baseEjectionMs;
  }

  /** @returns whether this attempt is the trial: false when one is on its way already */
  trialBegins(node: Node): boolean {
    const { state } = node.fitness;
    if (state.kind !== "probing" || state.trial) return false;
    node.fitness.probe(state.sinceMs, true);
    this.#awaitingTrial = this.#awaitingTrial.filter((other) => other !== node);
    return true;
  }

  /** The trial ended without telling anything, such as when the caller went away: the next call is one. */
  trialLost(node: Node, nowMs: number): void {
    const { state } = node.fitness;
    if (state.kind !== "probing" || !node.member) return;
    node.fitness.probe(nowMs, false);
    this.#awaitTrials();
  }

  membersChanged(nowMs: number): void {
    this.#awaitTrials(); // the members have arranged themselves
    this.keepOne(nowMs);
  }

  /** Never the last: when all that are left are ejected, the one that would return first does so now. */
  keepOne(nowMs: number): void {
    const { available, ejected } = this.#members;
    if (available.length > 0) return;
    const candidates = ejected.filter(({ fitness: { state } }) => state.kind !== "ejected" || !state.byHand);
    const soonest = candidates.toSorted((a, b) => returnsAtMs(a) - returnsAtMs(b))[0];
    if (soonest !== undefined) this.restore(soonest, nowMs);
  }

  /** Whether the trial still decides: it runs, or it has let the endpoint return and nothing has confirmed that yet. */
  #undecided({ fitness }: Node): boolean {
    return fitness.state.kind === "probing" || (fitness.state.kind === "fit" && !fitness.proven);
  }

  /** For the tests that compare. */
  #record(node: Node, failed: boolean, nowMs: number): void {
    if (isCompared(this.outliers)) (node.outcomes ??= new OutcomeWindows()).record(failed, nowMs);
  }

  /** Ejects it when it is an outlier among those in traffic. */
  #compare(node: Node, nowMs: number): void {
    const found = this.#tests.judge(node, this.#members.available, this.outliers, nowMs);
    if (found === undefined) return;
    if (this.outliers.observed.includes(found.test))
      this.#keep(node, found.test, `${found.why}; the test observes`, nowMs);
    else this.#eject(node, found.test, found.why, nowMs);
  }

  /** It deserves ejection and is kept. */
  #keep(node: Node, reason: EjectionReason, why: string, nowMs: number): void {
    if (!this.#isNews(node, reason, nowMs)) return;
    this.#events.emit("endpoint.kept", { service: this.#service, endpoint: node.endpoint.id, reason, why });
  }

  /** Once for each time that the threshold is reached, or a test says so for a time: not for each failure after it. */
  #isNews({ fitness, outcomes }: Node, reason: EjectionReason, nowMs: number): boolean {
    if (outcomes === undefined || !isOutlierTest(reason)) {
      return fitness.consecutive % this.outliers.consecutiveFailures === 0;
    }
    if (outcomes.toldMs <= nowMs && nowMs - outcomes.toldMs < TOLD_AGAIN_MS) return false;
    outcomes.toldMs = nowMs;
    return true;
  }

  #eject(node: Node, reason: EjectionReason, why: string, nowMs: number): void {
    const { ejected, available } = this.#members;
    const passing = available.length + ejected.length;
    if (!node.available && node.fitness.state.kind === "fit") return; // the registry has taken it out of traffic
    if (node.fitness.state.kind === "fit") {
      const kept = whyKept(passing, ejected.length, available.length, this.outliers.maxEjectedRatio);
      if (kept !== undefined) return this.#keep(node, reason, `${why}; ${kept}`, nowMs);
    }
    node.outcomes?.clear(); // what it is ejected for is not held against it again
    const forMs = node.fitness.eject(nowMs, this.outliers, this.#random, why, reason);
    this.#changed();
    this.#report(node, reason, why, forMs, nowMs);
  }

  #report(node: Node, reason: EjectionReason, why: string, forMs: number, nowMs: number): void {
    this.#events.emit("endpoint.ejected", {
      service: this.#service,
      endpoint: node.endpoint.id,
      reason,
      why,
      forMs,
      untilMs: nowMs + forMs,
    });
  }

  #changed(): void {
    this.#members.arrange();
    this.#awaitTrials();
  }

  #awaitTrials(): void {
    this.nextReturnMs = Number.POSITIVE_INFINITY;
    this.earliestMs = Number.NEGATIVE_INFINITY;
    this.#awaitingTrial = [];
    for (const node of this.#members.ejected) {
      const { state, sinceMs } = node.fitness;
      this.earliestMs = Math.max(this.earliestMs, sinceMs - SET_BACK_MS);
      if (state.kind === "ejected") this.nextReturnMs = Math.min(this.nextReturnMs, state.untilMs);
      else if (state.kind === "probing" && !state.trial) this.#awaitingTrial.push(node);
    }
  }
}

/** Between two reports of one endpoint that is kept in spite of a test, in ms. */
const TOLD_AGAIN_MS = 10_000;

function returnsAtMs({ fitness: { state } }: Node): number {
  return state.kind === "ejected" ? state.untilMs : Number.NEGATIVE_INFINITY;
}
