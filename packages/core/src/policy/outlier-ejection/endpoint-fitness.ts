import type { EjectionReason } from "../../events.ts";
import type { FailureReason } from "../../outcome.ts";
import type { Random } from "../../time/time.ts";
import { ejectionMs, FORGIVEN_MS, stillCounted } from "./ejection-time.ts";
import type { OutlierOptions } from "./options.ts";

export type Fitness =
  | { readonly kind: "fit" }
  | Ejected
  /** The ejection is over. `trial`: an attempt that will decide is on its way. */
  | { readonly kind: "probing"; readonly sinceMs: number; readonly trial: boolean };

/** Out of traffic for its failures, or because somebody wants it. */
interface Ejected {
  readonly kind: "ejected";
  readonly untilMs: number;
  readonly byHand: boolean;
  /** The rule, as of the event; undefined when nobody said. */
  readonly reason: EjectionReason | undefined;
  /** In words, as of the event; empty when nobody said. */
  readonly why: string;
}

const FIT: Fitness = { kind: "fit" };

/**
 * Whether one endpoint takes traffic, by the outcomes of its own attempts.
 *
 *   fit --(5 failures in a row)--> ejected --(time)--> probing --(one success)--> fit
 *                                     ^                   |
 *                                     +----(one failure)--+      for twice as long
 *
 * The cluster decides whether an ejection is allowed; this only counts and knows the times.
 * Source: reference 2.9 items 1 and 5.
 */
export class EndpointFitness {
  #state: Fitness = FIT;
  #consecutive = 0;
  /** The first of those, and the last. */
  #failingSinceMs = Number.NEGATIVE_INFINITY;
  #failedMs = Number.NEGATIVE_INFINITY;
  #ejections = 0;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #proven = true;

  get state(): Fitness {
    return this.#state;
  }

  /** Failures since the last success, or since it returned. */
  get consecutive(): number {
    return this.#consecutive;
  }

  /** Whether an exchange has ended well since it returned. Until then the head of the trial's answer is all we know. */
  get proven(): boolean {
    return this.#proven;
  }

  /** When the present state began; -Infinity: with the endpoint. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Whether an attempt that began then belongs to the time before the last return. None does once the clock is behind it. */
  predates(startedMs: number, nowMs: number): boolean {
    return startedMs < this.#sinceMs && this.#sinceMs <= nowMs;
  }

  /** The clock was set back behind its beginning: the present state begins now, and an ejection has its whole length. */
  beginAgain(nowMs: number): void {
    const state = this.#state;
    if (state.kind === "ejected") this.#state = { ...state, untilMs: nowMs + (state.untilMs - this.#sinceMs) };
    else if (state.kind === "probing") this.#state = { ...state, sinceMs: nowMs };
    this.#sinceMs = nowMs;
  }

  succeeded(): void {
    this.#consecutive = 0;
    this.#proven = true;
  }

  /** @returns whether this failure makes the endpoint one to eject. Overload never does. */
  failed(reason: FailureReason, nowMs: number, options: OutlierOptions): boolean {
    if (reason === "overloaded") return false;
    // Of what it did between two failures that lie far apart, nobody knows: unless it was out, there were no calls.
    const unknown = this.#state.kind === "fit" && Math.abs(nowMs - this.#failedMs) > FORGIVEN_MS;
    if (this.#consecutive === 0 || unknown) this.#failingSinceMs = nowMs;
    this.#failedMs = nowMs;
    this.#consecutive++;
    return this.#consecutive >= options.consecutiveFailures;
  }

  /** @param why in words @returns how long, in ms. The end is `state.untilMs`. */
  eject(nowMs: number, options: OutlierOptions, random: Random, why = "", reason?: EjectionReason): number {
    const earlier = stillCounted(this.#ejections, this.#state.kind === "fit" ? nowMs - this.#sinceMs : 0);
    const failingMs = this.#consecutive === 0 ? 0 : nowMs - this.#failingSinceMs;
    const forMs = ejectionMs(earlier, failingMs, options, random);
    this.#leave(nowMs, forMs, false, why, reason);
    this.#ejections = earlier + 1;
    return forMs;
  }

  /** Ejects for a time that somebody else chose, without counting it against the endpoint. */
  ejectFor(forMs: number, nowMs: number): void {
    this.#leave(nowMs, forMs, true, "by hand", "by-hand");
  }

  probe(nowMs: number, trial: boolean): void {
    this.#state = { kind: "probing", sinceMs: nowMs, trial };
    this.#sinceMs = nowMs;
  }

  restore(nowMs: number): void {
    this.#state = FIT;
    this.#consecutive = 0;
    this.#proven = false;
    this.#sinceMs = nowMs;
  }

  #leave(nowMs: number, forMs: number, byHand: boolean, why: string, reason: EjectionReason | undefined): void {
    this.#state = { kind: "ejected", untilMs: nowMs + forMs, byHand, reason, why };
    this.#sinceMs = nowMs;
  }
}
