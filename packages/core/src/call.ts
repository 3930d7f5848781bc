import type { Lease } from "./cluster/lease.ts";
import type { Endpoint } from "./endpoint.ts";
import { MeshError } from "./errors.ts";
import type { Word64 } from "./hash/word64.ts";
import { IGNORED, type Outcome } from "./outcome.ts";
import type { Call, End } from "./service.ts";
import { Expiring } from "./time/timeout-queue.ts";

type CutHook = (reason: unknown, state: never) => void;
type AnswerHook = (outcome: Outcome, atMs: number, state: never) => void;
type EndHook = (end: End, state: never) => void;

const NONE: readonly Endpoint[] = Object.freeze([]);

/**
 * The Call of those who make calls. Layers and transports see `Call`; the two methods here beyond it belong to whoever
 * made it: `answered` when the final head is known, `finish` when the exchange is over. Without `finish`, what layers
 * took for the call is never given back.
 *
 * Hooks and their states are kept flat in one array per moment, and the arrays are made on first use: a call that
 * nobody watches costs one object.
 */
export class OngoingCall extends Expiring implements Call {
  readonly number: number;
  readonly service: string;
  readonly startedMs: number;
  readonly idempotent: boolean;
  deadlineMs: number = Number.POSITIVE_INFINITY;
  hash: Word64 | undefined = undefined;
  session: string | undefined = undefined;
  attempt = 0;
  lease: Lease | undefined = undefined;
  begun: Lease | undefined = undefined;
  cutBy: unknown = undefined;

  #phase: "running" | "answered" | "ended" = "running";
  #outcome: Outcome = IGNORED;
  #atMs = 0;
  #end: End | undefined = undefined;
  #isCut = false;
  #first: Endpoint | undefined = undefined;
  #tried: readonly Endpoint[] | undefined = undefined;
  #abort: AbortController | undefined = undefined;
  #cutHooks: unknown[] | undefined = undefined;
  #answerHooks: unknown[] | undefined = undefined;
  #endHooks: unknown[] | undefined = undefined;

  constructor(number: number, service: string, startedMs: number, idempotent: boolean) {
    super();
    this.number = number;
    this.service = service;
    this.startedMs = startedMs;
    this.idempotent = idempotent;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#isCut) this.#abort.abort(this.cutBy);
    }
    return this.#abort.signal;
  }

  tighten(deadlineMs: number): void {
    if (deadlineMs < this.deadlineMs) this.deadlineMs = deadlineMs;
  }

  /** A list only from the first retry on: most calls have one attempt and no use for it. */
  get tried(): readonly Endpoint[] {
    if (this.#first === undefined) return NONE;
    return (this.#tried ??= [this.#first]);
  }

  trying(endpoint: Endpoint): void {
    this.attempt++;
    if (this.#first === undefined) this.#first = endpoint;
    else this.#tried = [...this.tried, endpoint];
  }

  cut(reason: unknown): void {
    if (this.#isCut || this.#phase === "ended") return;
    this.#isCut = true;
    this.cutBy = reason ?? new DOMException("This operation was aborted", "AbortError");
    const hooks = this.#cutHooks;
    this.#cutHooks = undefined;
    if (hooks !== undefined) {
      for (let i = 0; i < hooks.length; i += 2) (hooks[i] as CutHook)(this.cutBy, hooks[i + 1] as never);
    }
    this.#abort?.abort(this.cutBy);
  }

  onCut<State>(hook: (reason: unknown, state: State) => void, state: State): void {
    if (this.#isCut) hook(this.cutBy, state);
    else this.#cutHooks = added(this.#cutHooks, hook, state);
  }

  onAnswer<State>(hook: (outcome: Outcome, atMs: number, state: State) => void, state: State): void {
    if (this.#phase === "running") this.#answerHooks = added(this.#answerHooks, hook, state);
    else hook(this.#outcome, this.#atMs, state);
  }

  on<State>(hook: (end: End, state: State) => void, state: State): void {
    if (this.#end === undefined) this.#endHooks = added(this.#endHooks, hook, state);
    else hook(this.#end, state);
  }

  /** The deadline came. */
  expire(): void {
    const took = Math.round(this.dueMs - this.startedMs);
    this.cut(
      new MeshError("DEADLINE_EXCEEDED", `the call did not end within ${took} ms (timeout.total, or the call's own)`, {
        service: this.service,
        ...(this.attempt === 0 ? { neverSent: true } : { attempt: this.attempt }),
      }),
    );
  }

  /** The final head is known, or the call failed for good. Only the first time counts. */
  answered(outcome: Outcome, atMs: number): void {
    if (this.#phase !== "running") return;
    this.#phase = "answered";
    this.#outcome = outcome;
    this.#atMs = atMs;
    const hooks = this.#answerHooks;
    if (hooks === undefined) return;
    for (let i = 0; i < hooks.length; i += 2) (hooks[i] as AnswerHook)(outcome, atMs, hooks[i + 1] as never);
  }

  /** The exchange is over, body and all. Only the first time counts. */
  finish(end: End): void {
    if (this.#phase === "ended") return;
    this.answered(IGNORED, end.atMs);
    this.#phase = "ended";
    this.#end = end;
    this.settle();
    this.#cutHooks = undefined;
    const hooks = this.#endHooks;
    if (hooks === undefined) return;
    for (let i = 0; i < hooks.length; i += 2) (hooks[i] as EndHook)(end, hooks[i + 1] as never);
  }
}

/** A list made by a push would have room for seventeen. */
function added(hooks: unknown[] | undefined, hook: unknown, state: unknown): unknown[] {
  if (hooks === undefined) return [hook, state];
  hooks.push(hook, state);
  return hooks;
}
