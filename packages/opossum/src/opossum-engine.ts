import type { Breaker, BreakerListener, BreakerState, Clock, Outcome } from "@weft/core";
import type { CircuitHold } from "./circuit.ts";
import { reportOutcome } from "./report-outcome.ts";

/**
 * Lets opossum decide when a service's circuit opens and closes.
 *
 * opossum counts and keeps the state; who may pass in that state is decided here: none while open, one at a time while
 * half-open. As with weft's own breaker, a permit carries the generation it was given in, so the late success of a call
 * from before the trip closes nothing, and a call that told nothing counts for nothing.
 *
 * A trial that is not settled within the cool-down's length is given up: the next call is the trial.
 *
 * Cost: nothing while idle; per call what opossum's `fire` costs, two promises among it.
 */
export class OpossumEngine implements Breaker {
  readonly #hold: CircuitHold;
  readonly #clock: Clock;
  readonly #changed: BreakerListener;
  #generation = 1;
  #known: BreakerState["kind"];
  #openedMs = 0;
  #trial = 0;
  #trialSinceMs = 0;
  #turnedMs: number;
  #reporting = false;

  constructor(hold: CircuitHold, clock: Clock, changed: BreakerListener = () => {}) {
    this.#hold = hold;
    this.#clock = clock;
    this.#changed = changed;
    this.#turnedMs = clock.nowMs();
    this.#known = this.#kind();
    this.#openedMs = this.#turnedMs;
    // First in the row, so that a listener of the user's that throws cannot keep the change from us.
    hold.circuit.prependListener("open", this.#onChange);
    hold.circuit.prependListener("halfOpen", this.#onChange);
    hold.circuit.prependListener("close", this.#onChange);
  }

  get state(): BreakerState {
    const kind = this.#kind();
    switch (kind) {
      case "closed":
        return { kind };
      case "open":
        return { kind, untilMs: this.#openedMs + this.#hold.resetTimeoutMs };
      case "half-open":
        return { kind, trial: this.#trial };
      default:
        return kind satisfies never;
    }
  }

  tryAcquire(nowMs: number): number {
    const kind = this.#kind();
    switch (kind) {
      case "closed":
        return this.#generation;
      case "open":
        return this.#refuse();
      case "half-open":
        if (this.#trial !== 0 && nowMs - this.#trialSinceMs < this.#hold.resetTimeoutMs) return this.#refuse();
        this.#trial = ++this.#generation;
        this.#trialSinceMs = nowMs;
        return this.#trial;
      default:
        return kind satisfies never;
    }
  }

  settle(permit: number, outcome: Outcome, nowMs: number): void {
    if (permit !== this.#generation || this.#hold.circuit.isShutdown) return;
    if (outcome.kind === "ignored") {
      this.#trial = 0; // it told nothing: the next call is the trial
      return;
    }
    this.#turnTo(nowMs);
    this.#reporting = true;
    reportOutcome(this.#hold.circuit, outcome);
    this.#reporting = false;
  }

  /** Stops listening to the circuit, and ends it when it was built here. */
  close(): void {
    const { circuit } = this.#hold;
    circuit.off("open", this.#onChange);
    circuit.off("halfOpen", this.#onChange);
    circuit.off("close", this.#onChange);
    this.#hold.end();
  }

  /** opossum knows of its window only what it is told: turns it on by the time that has passed. */
  #turnTo(nowMs: number): void {
    const buckets = Math.floor((nowMs - this.#turnedMs) / this.#hold.bucketMs);
    if (!(buckets > 0)) return;
    this.#turnedMs += buckets * this.#hold.bucketMs;
    this.#hold.turn(buckets);
  }

  readonly #onChange = (): void => {
    const from = this.#known;
    const to = this.#kind();
    this.#known = to;
    this.#generation++;
    this.#trial = 0;
    if (to === "open") this.#openedMs = this.#clock.nowMs();
    if (from !== to) this.#changed(from, to, this.#inWords(from, to));
    if (to === "closed") this.#hold.turn(Number.POSITIVE_INFINITY); // what led to the trip is over
  };

  #inWords(from: BreakerState["kind"], to: BreakerState["kind"]): string {
    if (to === "half-open") return "the cool-down is over: the next call is the trial";
    if (!this.#reporting) return "by hand";
    if (from === "half-open") return to === "closed" ? "the trial succeeded" : "the trial failed";
    const { fires, failures } = this.#hold.circuit.stats;
    return `${failures} of the last ${fires} calls failed`;
  }

  #kind(): BreakerState["kind"] {
    const { circuit } = this.#hold;
    if (circuit.closed) return "closed";
    return circuit.halfOpen ? "half-open" : "open";
  }

  /** Counted in opossum's own metrics as a reject, without a fire: a refused call is no call of the window. */
  #refuse(): 0 {
    try {
      this.#hold.circuit.emit("reject", REFUSED);
    } catch {
      // A listener's mistake harms no call.
    }
    return 0;
  }
}

const REFUSED = Object.assign(new Error("Breaker is open"), { code: "EOPENBREAKER" });
