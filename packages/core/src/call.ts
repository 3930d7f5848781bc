import type { Lease } from "./cluster/lease.ts";
import type { Endpoint } from "./endpoint.ts";
import { MeshError } from "./errors.ts";
import type { Word64 } from "./hash/word64.ts";
import { IGNORED, type Outcome } from "./outcome.ts";
import type { Call, End } from "./service.ts";
import type { Expiring, TimeoutQueue } from "./time/timeout-queue.ts";

type CutHook = (reason: unknown, state: never) => void;
type AnswerHook = (outcome: Outcome, atMs: number, state: never) => void;
type EndHook = (end: End, state: never) => void;

const NONE: readonly Endpoint[] = Object.freeze([]);

/**
 * The Call of those who make calls. Layers and transports see `Call`; the two methods here beyond it belong to whoever
 * made it: `answered` when the final head is known, `finish` when the exchange is over. Without `finish`, what layers
 * took for the call is never given back.
 *
 * A hook that throws takes nothing from those behind it, which may give back what a layer took; its error then reaches
 * whoever told the call.
 *
 * The first hook of each moment lies in the call itself with its state, others flat in an array that is made for them:
 * most calls have one of each, and cost one object. It has the fields of `Expiring` instead of extending it, because V8
 * calls the constructor of a base class where it would inline the rest: 0.2 us for each call with its attempt.
 */
export class OngoingCall implements Call {
  queue: TimeoutQueue | undefined = undefined;
  dueMs = 0;
  earlier: Expiring | undefined = undefined;
  later: Expiring | undefined = undefined;

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
  #cutHook: CutHook | undefined = undefined;
  #cutState: unknown = undefined;
  #cutHooks: unknown[] | undefined = undefined;
  #answerHook: AnswerHook | undefined = undefined;
  #answerState: unknown = undefined;
  #answerHooks: unknown[] | undefined = undefined;
  #endHook: EndHook | undefined = undefined;
  #endState: unknown = undefined;
  #endHooks: unknown[] | undefined = undefined;

  constructor(number: number, service: string, startedMs: number, idempotent: boolean) {
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

  untried(): void {
    const others = this.tried.slice(0, -1);
    this.#first = others[0];
    this.#tried = others.length > 0 ? others : undefined;
  }

  cut(reason: unknown): void {
    if (this.#isCut || this.#phase === "ended") return;
    this.#isCut = true;
    this.cutBy = reason ?? new DOMException("This operation was aborted", "AbortError");
    const hook = this.#cutHook;
    const hooks = this.#cutHooks;
    this.#cutHook = this.#cutHooks = undefined;
    try {
      hook?.(this.cutBy, this.#cutState as never); // as all states: it is of the type that its hook was put on with
    } finally {
      try {
        if (hooks !== undefined) runAll(hooks, this.cutBy);
      } finally {
        this.#abort?.abort(this.cutBy);
      }
    }
  }

  onCut<State>(hook: (reason: unknown, state: State) => void, state: State): void {
    if (this.#isCut) hook(this.cutBy, state);
    else if (this.#cutHook === undefined) {
      this.#cutHook = hook;
      this.#cutState = state;
    } else this.#cutHooks = added(this.#cutHooks, hook, state);
  }

  onAnswer<State>(hook: (outcome: Outcome, atMs: number, state: State) => void, state: State): void {
    if (this.#phase !== "running") hook(this.#outcome, this.#atMs, state);
    else if (this.#answerHook === undefined) {
      this.#answerHook = hook;
      this.#answerState = state;
    } else this.#answerHooks = added(this.#answerHooks, hook, state);
  }

  on<State>(hook: (end: End, state: State) => void, state: State): void {
    if (this.#end !== undefined) hook(this.#end, state);
    else if (this.#endHook === undefined) {
      this.#endHook = hook;
      this.#endState = state;
    } else this.#endHooks = added(this.#endHooks, hook, state);
  }

  settle(): void {
    this.queue?.remove(this);
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
    try {
      this.#answerHook?.(outcome, atMs, this.#answerState as never);
    } finally {
      if (this.#answerHooks !== undefined) runAllAnswered(this.#answerHooks, outcome, atMs);
    }
  }

  /** The exchange is over, body and all. Only the first time counts. */
  finish(end: End): void {
    if (this.#phase === "ended") return;
    try {
      this.answered(IGNORED, end.atMs);
    } finally {
      this.#over(end);
    }
  }

  #over(end: End): void {
    if (this.#phase === "ended") return; // by a hook of the answer
    this.#phase = "ended";
    this.#end = end;
    this.settle();
    this.#cutHook = this.#cutState = this.#cutHooks = undefined;
    try {
      this.#endHook?.(end, this.#endState as never);
    } finally {
      if (this.#endHooks !== undefined) runAll(this.#endHooks, end);
    }
  }
}

/** @param hooks each with its state behind it, which is of the type that the hook takes: `added` puts them in together */
function runAll(hooks: readonly unknown[], told: unknown): void {
  let at = 0;
  try {
    for (; at < hooks.length; at += 2) (hooks[at] as (told: unknown, state: unknown) => void)(told, hooks[at + 1]);
  } finally {
    if (at < hooks.length) runAll(hooks.slice(at + 2), told); // that one threw
  }
}

/** The same for those of the answer, which are told two things. */
function runAllAnswered(hooks: readonly unknown[], outcome: Outcome, atMs: number): void {
  let at = 0;
  try {
    for (; at < hooks.length; at += 2) (hooks[at] as AnswerHook)(outcome, atMs, hooks[at + 1] as never);
  } finally {
    if (at < hooks.length) runAllAnswered(hooks.slice(at + 2), outcome, atMs);
  }
}

/** A list made by a push would have room for seventeen. */
function added(hooks: unknown[] | undefined, hook: unknown, state: unknown): unknown[] {
  if (hooks === undefined) return [hook, state];
  hooks.push(hook, state);
  return hooks;
}
