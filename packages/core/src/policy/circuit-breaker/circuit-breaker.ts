import type { Outcome } from "../../outcome.ts";
import { SET_BACK_MS } from "../../time/time.ts";
import { OutcomeWindow } from "../outcome-window.ts";

export interface BreakerOptions {
  /** Share of the window's calls that must fail to trip, in (0, 1]. Default 0.5. */
  readonly failureRatio: number;
  /** Calls the window must hold before it may trip, >= 1. Default 20. */
  readonly minimumCalls: number;
  /** How far back calls count, in ms, > 0. Default 10,000. */
  readonly windowMs: number;
  /** How long the circuit stays open the first time, in ms, > 0. Doubles with each failed trial. Default 5,000. */
  readonly coolDownMs: number;
}

export const BREAKER_DEFAULTS: BreakerOptions = {
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  coolDownMs: 5_000,
};

/** A failed trial doubles the cool-down up to so many times: 16 x 5 s = 80 s. */
const DOUBLINGS = 4;

export type BreakerState =
  | { readonly kind: "closed" }
  | { readonly kind: "open"; readonly untilMs: number }
  /** One call is on trial; the others are refused. `trial` 0: nobody has asked yet. */
  | { readonly kind: "half-open"; readonly trial: number };

/** Told each change: from, to, and why in words. */
export type BreakerListener = (from: BreakerState["kind"], to: BreakerState["kind"], why: string) => void;

/** Lets calls through or refuses them. What the layer needs of a breaker, so that another engine can take its place. */
export interface Breaker {
  /** @returns a permit, > 0, to be settled once; 0 when the call is refused. Allocates nothing. */
  tryAcquire(nowMs: number): number;
  /** How the call with this permit went. A permit of an earlier generation changes nothing. */
  settle(permit: number, outcome: Outcome, nowMs: number): void;
  readonly state: BreakerState;
}

const CLOSED: BreakerState = { kind: "closed" };

/**
 * Stops calling a service that mostly fails, and tries again after a while.
 *
 *   closed --(failures / calls >= failureRatio, calls >= minimumCalls)--> open --(coolDown)--> half-open
 *      ^                                                                   ^                     |    |
 *      |                                                                   +--(trial failed)-----+    |
 *      +----------------------------------------(trial succeeded)-------------------------------------+
 *
 * Only settled calls count, never those refused or still running. A permit carries the generation it was given in:
 * the late success of a call from before the trip neither closes nor feeds anything. No timer: the cool-down is
 * noticed by the next call. Source: reference clients 4.1. Cost: O(1), no allocation but on a change of state.
 */
export class CircuitBreaker implements Breaker {
  readonly #options: BreakerOptions;
  readonly #changed: BreakerListener;
  readonly #window: OutcomeWindow;
  #state: BreakerState = CLOSED;
  #generation = 1;
  #failedTrials = 0;
  /** When it became open or half-open. */
  #sinceMs = 0;

  constructor(options: BreakerOptions = BREAKER_DEFAULTS, changed: BreakerListener = () => {}) {
    this.#options = options;
    this.#changed = changed;
    this.#window = new OutcomeWindow(options.windowMs);
  }

  get state(): BreakerState {
    return this.#state;
  }

  tryAcquire(nowMs: number): number {
    const state = this.#state;
    switch (state.kind) {
      case "closed":
        return this.#generation;
      case "open":
        if (nowMs >= state.untilMs) return this.#beginTrial(nowMs);
        if (nowMs < this.#sinceMs - SET_BACK_MS) this.#beginAgain(state.untilMs, nowMs);
        return 0;
      case "half-open":
        // A trial that says nothing for a whole cool-down must not keep everybody out: the next call is one too.
        if (state.trial !== 0 && nowMs - this.#sinceMs < this.#options.coolDownMs) {
          if (nowMs < this.#sinceMs - SET_BACK_MS) this.#sinceMs = nowMs;
          return 0;
        }
        return this.#beginTrial(nowMs);
      default:
        return state satisfies never;
    }
  }

  settle(permit: number, outcome: Outcome, nowMs: number): void {
    if (permit !== this.#generation) return;
    if (this.#state.kind === "half-open") this.#settleTrial(outcome, nowMs);
    else if (this.#state.kind === "closed") this.#count(outcome, nowMs);
  }

  /** Opens the circuit by hand for `forMs`. */
  forceOpen(forMs: number, nowMs: number): void {
    this.#open(nowMs, forMs, "by hand");
  }

  /** Closes the circuit by hand and forgets what was counted. */
  forceClosed(): void {
    this.#close("by hand");
  }

  #beginTrial(nowMs: number): number {
    this.#generation++;
    this.#sinceMs = nowMs;
    this.#become({ kind: "half-open", trial: this.#generation }, "the cool-down is over: this call is the trial");
    return this.#generation;
  }

  #count(outcome: Outcome, nowMs: number): void {
    if (outcome.kind === "ignored") return;
    this.#window.record(outcome.kind === "failure", nowMs);
    if (outcome.kind !== "failure") return;
    const { calls, failures } = this.#window;
    if (calls < this.#options.minimumCalls || failures < this.#options.failureRatio * calls) return;
    this.#failedTrials = 0;
    this.#open(nowMs, this.#options.coolDownMs, `${failures} of the last ${calls} calls failed`);
  }

  #settleTrial(outcome: Outcome, nowMs: number): void {
    switch (outcome.kind) {
      case "success":
        this.#close("the trial succeeded");
        return;
      case "failure": {
        this.#failedTrials = Math.min(this.#failedTrials + 1, DOUBLINGS);
        this.#open(nowMs, this.#options.coolDownMs * 2 ** this.#failedTrials, "the trial failed");
        return;
      }
      case "ignored":
        this.#state = { kind: "half-open", trial: 0 }; // it told nothing: the next call is the trial
        return;
      default:
        outcome satisfies never;
    }
  }

  #open(nowMs: number, forMs: number, why: string): void {
    this.#generation++;
    this.#sinceMs = nowMs;
    this.#become({ kind: "open", untilMs: nowMs + forMs }, why);
  }

  /** The clock was set back behind the trip: the whole cool-down from now on, and not until it has caught up. */
  #beginAgain(untilMs: number, nowMs: number): void {
    this.#state = { kind: "open", untilMs: nowMs + (untilMs - this.#sinceMs) };
    this.#sinceMs = nowMs;
  }

  #close(why: string): void {
    this.#generation++;
    this.#failedTrials = 0;
    this.#window.clear();
    this.#become(CLOSED, why);
  }

  #become(state: BreakerState, why: string): void {
    const from = this.#state.kind;
    this.#state = state;
    if (from !== state.kind) this.#changed(from, state.kind, why);
  }
}
