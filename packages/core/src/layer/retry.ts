import type { DecisionLog } from "../decision/decision-log.ts";
import { Eventual, type Settled, tell } from "../eventual.ts";
import type { Events, RetryDenial } from "../events.ts";
import type { AttemptResult } from "../policy/retry/attempt-result.ts";
import { decideRetry, type RetryGrant, type RetryRules, type RetryVerdict } from "../policy/retry/decide-retry.ts";
import type { RetryCap } from "../policy/retry-budget/retry-cap.ts";
import type { Call, Layer, Service } from "../service.ts";
import type { Clock, Random, Timer } from "../time/time.ts";

export interface RetryPorts<Req, Res> {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
  readonly events: Events;
  readonly decisions: DecisionLog;
  /** What became of an attempt that answered; undefined when nothing about it could ask for a retry. */
  readonly resultOf: (response: Res) => AttemptResult | undefined;
  /** What became of one that threw; undefined when the error says that nothing is to be repeated. */
  readonly resultOfError: (error: unknown) => AttemptResult | undefined;
  /** Whether the request, with its body, can be sent once more. */
  readonly repeatable: (request: Req) => boolean;
  /** Throws an answer away that a retry replaces: its body is not read. */
  readonly discard: (response: Res) => void;
  /** Told when a failure goes to the caller because a retry that was wanted is not allowed. Absent: nobody is. */
  readonly denied?: (request: Req, reason: RetryDenial) => void;
}

/**
 * Repeats a failed attempt where that is safe, wanted and affordable.
 *
 * The response of the last attempt is returned as it came, also when it is a failure: the caller sees what the
 * endpoint said, not what we think of it.
 */
export function retry<Req, Res>(rules: RetryRules, ports: RetryPorts<Req, Res>): Layer<Req, Res> {
  return {
    name: "retry",
    // The deadline covers all attempts and the pauses; breaker and limit see one call, however often it is tried.
    inside: ["deadline", "circuit-breaker", "concurrency-limit"],
    wrap: (next) => {
      const repeating = new Repeating(rules, ports, next);
      return (request, call) => {
        rules.budget.deposit(call.startedMs);
        return repeating.attempt(request, call, NOTHING, undefined);
      };
    },
  };
}

/** What has been done for a call so far. Also a closed connection costs an attempt, and no retry. */
interface Made {
  readonly retries: number;
  readonly renewed: boolean;
}

const NOTHING: Made = { retries: 0, renewed: false };

class Repeating<Req, Res> {
  readonly #rules: RetryRules;
  readonly #ports: RetryPorts<Req, Res>;
  readonly #next: Service<Req, Res>;

  constructor(rules: RetryRules, ports: RetryPorts<Req, Res>, next: Service<Req, Res>) {
    this.#rules = rules;
    this.#ports = ports;
    this.#next = next;
  }

  /** Not an async function: it would cost every call what only a repeated one needs. */
  attempt(request: Req, call: Call, made: Made, cap: RetryCap | undefined): PromiseLike<Res> {
    const turn = new Turn(this, request, call, made, cap);
    tell(this.#next(request, call), turn);
    return turn.answer;
  }

  /** @returns the answer, or that of the attempt which replaces it */
  answered(response: Res, turn: Turn<Req, Res>): Res | PromiseLike<Res> {
    const result = this.#ports.resultOf(response);
    const verdict = result && this.#verdictOn(result, turn);
    if (verdict?.kind !== "retry") return response;
    this.#ports.discard(response);
    return this.#again(turn, verdict);
  }

  /** @throws the error, when no other attempt replaces the one that failed */
  failed(error: unknown, turn: Turn<Req, Res>): PromiseLike<Res> {
    const result = this.#ports.resultOfError(error);
    const verdict = result && this.#verdictOn(result, turn);
    if (verdict?.kind !== "retry") throw error;
    return this.#again(turn, verdict);
  }

  async #again({ request, call, made }: Turn<Req, Res>, { pauseMs, free, placed }: RetryGrant): Promise<Res> {
    const cap = placed ? this.#rules.cap : undefined;
    // A closed connection says nothing of the endpoint: what belongs to it goes to it again.
    if (free && (call.hash !== undefined || (call.session ?? "") !== "")) call.untried();
    const next = free ? { ...made, renewed: true } : { ...made, retries: made.retries + 1 };
    try {
      if (pauseMs > 0) await this.#ports.timer.sleep(pauseMs, call.signal);
      return this.attempt(request, call, next, cap);
    } catch (error) {
      cap?.release(); // the attempt never began, and so will not
      throw error;
    }
  }

  /** @returns undefined when nothing failed, as far as retries go */
  #verdictOn(result: AttemptResult, { request, call, made }: Turn<Req, Res>): RetryVerdict | undefined {
    const { clock, random, repeatable, denied } = this.#ports;
    if (call.cutBy !== undefined) return undefined;
    const nowMs = clock.nowMs();
    const { idempotent, deadlineMs } = call;
    const state = { ...made, idempotent, repeatable: repeatable(request), deadlineMs, nowMs };
    const verdict = decideRetry(result, state, this.#rules, random);
    if (verdict.kind === "answered") return undefined;
    this.#tell(verdict, made, result, call, nowMs);
    if (verdict.kind === "deny") denied?.(request, verdict.reason);
    return verdict;
  }

  #tell(
    verdict: Exclude<RetryVerdict, { kind: "answered" }>,
    { retries, renewed }: Made,
    result: AttemptResult,
    call: Call,
    nowMs: number,
  ): void {
    const { decisions, events } = this.#ports;
    const { budget, cap } = this.#rules;
    const left = budget.remaining(nowMs);
    const { service } = call;
    if (verdict.kind === "deny") {
      decisions.retry(nowMs, call.number, call.attempt, verdict.reason, 0, left);
      if (verdict.reason === "concurrency") decisions.retryBeyond(cap.running, cap.most);
      if (verdict.reason === "left-to-caller" && result.leftTo !== undefined) decisions.retryLeftTo(result.leftTo);
      events.emit("retry.denied", { service, reason: verdict.reason });
      return;
    }
    const { pauseMs, free } = verdict;
    decisions.retry(nowMs, call.number, call.attempt, free ? "renewed" : "retried", pauseMs, left);
    // A status of gRPC comes with HTTP's 200.
    const why = result.status > 200 ? `status ${result.status}` : (result.failure ?? "failure");
    events.emit("retry.started", { service, retry: retries + Number(renewed) + 1, why, pauseMs });
  }
}

/**
 * One attempt of a call, and the answer that comes of it: two objects instead of two functions and two promises. It has
 * its answer and does not extend it: V8 would call the constructor of the base class for each call, at several times
 * the price.
 */
class Turn<Req, Res> implements Settled<Res> {
  /** Of this attempt, or of the one that replaces it. */
  readonly answer: Eventual<Res> = new Eventual();
  readonly request: Req;
  readonly call: Call;
  readonly made: Made;
  readonly #repeating: Repeating<Req, Res>;
  /** Where this attempt has a place among the retries under way; undefined: it has none. */
  readonly #cap: RetryCap | undefined;

  constructor(repeating: Repeating<Req, Res>, request: Req, call: Call, made: Made, cap: RetryCap | undefined) {
    this.#repeating = repeating;
    this.request = request;
    this.call = call;
    this.made = made;
    this.#cap = cap;
  }

  kept(response: Res): void {
    this.#cap?.release(); // first: the retry that may follow can have its place
    try {
      this.answer.resolve(this.#repeating.answered(response, this));
    } catch (error) {
      this.answer.reject(error);
    }
  }

  broken(error: unknown): void {
    this.#cap?.release();
    try {
      this.answer.resolve(this.#repeating.failed(error, this));
    } catch (cause) {
      this.answer.reject(cause);
    }
  }
}
