import type { DecisionLog } from "../decision/decision-log.ts";
import { authority } from "../endpoint.ts";
import { MeshError } from "../errors.ts";
import { IGNORED, type Outcome } from "../outcome.ts";
import { recordAttempt } from "../policy/peak-ewma/failure-ratio.ts";
import { observeLatency, raiseLatency, readLatency } from "../policy/peak-ewma/peak-latency.ts";
import { TypicalLatency } from "../policy/peak-ewma/typical-latency.ts";
import type { Clock } from "../time/time.ts";
import type { Ejector } from "./ejector.ts";
import type { LearnedLimits } from "./learned-limits.ts";
import type { LeaseBook, NodeLease } from "./lease.ts";

export interface AttemptBookOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly ejector: Ejector;
  readonly decisions: DecisionLog;
  readonly learned: LearnedLimits;
}

/** A longer Retry-After is not believed, in ms. Source: Linkerd's load biaser; reference 2.4. */
const LONGEST_HOLD_MS = 300_000;

/** Judges endpoints by how the attempts at them end: latency, failures, ejection. */
export class AttemptBook implements LeaseBook {
  readonly #service: string;
  readonly #clock: Clock;
  readonly #ejector: Ejector;
  readonly #decisions: DecisionLog;
  readonly #learned: LearnedLimits;
  readonly #typical = new TypicalLatency();

  constructor(options: AttemptBookOptions) {
    this.#service = options.service;
    this.#clock = options.clock;
    this.#ejector = options.ejector;
    this.#decisions = options.decisions;
    this.#learned = options.learned;
  }

  /** What an answer takes in this cluster, in ms. */
  get typicalMs(): number {
    return this.#typical.valueMs;
  }

  answered(lease: NodeLease, outcome: Outcome, nowMs: number = this.#clock.nowMs()): void {
    const { node } = lease;
    node.heard(lease);
    this.#learned.learn(node, outcome, nowMs - lease.startedMs);
    if (outcome.kind === "success") {
      lease.shown = "head";
      this.#headOk(lease, nowMs);
    } else if (outcome.kind === "failure") {
      lease.shown = "failure";
      lease.blame = outcome;
      this.#fail(lease, outcome, nowMs);
    }
  }

  released(lease: NodeLease, outcome: Outcome, nowMs: number = this.#clock.nowMs()): void {
    const { node } = lease;
    node.heard(lease);
    if (lease.shown === "nothing") this.#learned.learn(node, outcome, nowMs - lease.startedMs);
    node.ended();
    if (lease.shown !== "failure") {
      if (outcome.kind === "failure") this.#fail(lease, outcome, nowMs);
      else if (outcome.kind === "success") this.#succeed(lease, nowMs);
      else if (lease.trial && lease.shown === "nothing") this.#ejector.trialLost(node, nowMs);
    }
    const elapsedMs = nowMs - lease.startedMs;
    this.#decisions.attempt(nowMs, lease.call, lease.attempt, node, lease.blame ?? outcome, elapsedMs);
  }

  abandoned(lease: NodeLease): void {
    const nowMs = this.#clock.nowMs();
    // Otherwise an endpoint that always loses would never be seen to be slow.
    if (lease.shown === "nothing") this.#tookAtLeast(lease, nowMs);
    this.released(lease, IGNORED, nowMs);
  }

  timedOut(lease: NodeLease): unknown {
    const problem = `no answer within ${Math.round(lease.dueMs - lease.startedMs)} ms (timeout.attempt)`;
    return new MeshError("ATTEMPT_TIMEOUT", problem, {
      service: this.#service,
      attempt: lease.attempt,
      endpoint: authority(lease.endpoint.host, lease.endpoint.port),
    });
  }

  #headOk({ node, startedMs, trial }: NodeLease, nowMs: number): void {
    const tookMs = Math.max(0, nowMs - startedMs); // a clock that stepped back: nothing
    node.answers.observe(tookMs);
    observeLatency(node.cells, node.at, tookMs, nowMs);
    this.#typical.observe(readLatency(node.cells, node.at, nowMs), nowMs);
    if (trial) this.#ejector.trialPassed(node, nowMs);
  }

  #succeed(lease: NodeLease, nowMs: number): void {
    const { node } = lease;
    if (lease.shown === "nothing") this.#headOk(lease, nowMs);
    recordAttempt(node.cells, node.at, false, nowMs);
    this.#ejector.succeeded(node, nowMs);
  }

  #fail(lease: NodeLease, outcome: Outcome & { kind: "failure" }, nowMs: number): void {
    const { node } = lease;
    node.failed++;
    // With a head that was fine it has been counted: it is the body that failed.
    if (lease.shown !== "head") node.answers.observe(Math.max(0, nowMs - lease.startedMs));
    this.#tookAtLeast(lease, nowMs);
    recordAttempt(node.cells, node.at, true, nowMs);
    if (outcome.holdMs > 0) node.hold(nowMs + Math.min(outcome.holdMs, LONGEST_HOLD_MS));
    this.#ejector.failed(lease, outcome.reason, nowMs);
  }

  /** No answer came for so long, for what reason ever. */
  #tookAtLeast({ node, startedMs }: NodeLease, nowMs: number): void {
    const elapsedMs = nowMs - startedMs;
    // A newcomer counts as typical: a failure faster than that does not make it a fast endpoint.
    if (elapsedMs > this.#typical.valueMs || node.latencyMs(nowMs) !== undefined) {
      raiseLatency(node.cells, node.at, elapsedMs, nowMs);
    }
  }
}
