import type { DecisionLog } from "../decision/decision-log.ts";
import { Eventual, type Settled, tell } from "../eventual.ts";
import type { Events } from "../events.ts";
import { decideRetry, type RetryOptions } from "../policy/retry/decide-retry.ts";
import type { AttemptResult } from "../policy/retry/attempt-result.ts";
import type { RetryBudget } from "../policy/retry-budget/retry-budget.ts";
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
}

/** What may be changed while calls run. */
export interface RetryRules {
  options: RetryOptions;
  budget: RetryBudget;
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
        return repeating.attempt(request, call, 0);
      };
    },
  };
}

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
  attempt(request: Req, call: Call, retries: number): PromiseLike<Res> {
    const turn = new Turn(this, request, call, retries);
    tell(this.#next(request, call), turn);
    return turn;
  }

  /** @returns the answer, or that of the attempt which replaces it */
  answered(response: Res, { request, call, retries }: Turn<Req, Res>): Res | PromiseLike<Res> {
    const result = this.#ports.resultOf(response);
    const pauseMs = result && this.#pauseBefore(retries, result, request, call);
    if (pauseMs === undefined) return response;
    this.#ports.discard(response);
    return this.#again(request, call, retries + 1, pauseMs);
  }

  /** @throws the error, when no other attempt replaces the one that failed */
  failed(error: unknown, { request, call, retries }: Turn<Req, Res>): PromiseLike<Res> {
    const result = this.#ports.resultOfError(error);
    const pauseMs = result && this.#pauseBefore(retries, result, request, call);
    if (pauseMs === undefined) throw error;
    return this.#again(request, call, retries + 1, pauseMs);
  }

  async #again(request: Req, call: Call, retries: number, pauseMs: number): Promise<Res> {
    if (pauseMs > 0) await this.#ports.timer.sleep(pauseMs, call.signal);
    return this.attempt(request, call, retries);
  }

  /** @returns ms to wait before the next attempt; undefined when there is none */
  #pauseBefore(retries: number, result: AttemptResult, request: Req, call: Call): number | undefined {
    const { clock, random, repeatable } = this.#ports;
    if (call.cutBy !== undefined) return undefined;
    const nowMs = clock.nowMs();
    const { idempotent, deadlineMs } = call;
    const state = { retries, idempotent, repeatable: repeatable(request), deadlineMs, nowMs };
    const verdict = decideRetry(result, state, this.#rules.options, this.#rules.budget, random);
    if (verdict.kind === "answered") return undefined;
    this.#tell(verdict, retries, result, call, nowMs);
    return verdict.kind === "retry" ? verdict.pauseMs : undefined;
  }

  #tell(
    verdict: Exclude<ReturnType<typeof decideRetry>, { kind: "answered" }>,
    retries: number,
    result: AttemptResult,
    call: Call,
    nowMs: number,
  ): void {
    const { decisions, events } = this.#ports;
    const budget = this.#rules.budget.remaining(nowMs);
    // A status of gRPC comes with HTTP's 200.
    const why = result.status > 200 ? `status ${result.status}` : (result.failure ?? "failure");
    if (verdict.kind === "retry") {
      decisions.retry(nowMs, call.number, call.attempt, "retried", verdict.pauseMs, budget);
      events.emit("retry.started", { service: call.service, retry: retries + 1, why, pauseMs: verdict.pauseMs });
    } else {
      decisions.retry(nowMs, call.number, call.attempt, verdict.reason, 0, budget);
      events.emit("retry.denied", { service: call.service, reason: verdict.reason });
    }
  }
}

/** One attempt of a call, and the answer that comes of it: one object instead of two functions and a promise. */
class Turn<Req, Res> extends Eventual<Res> implements Settled<Res> {
  readonly request: Req;
  readonly call: Call;
  readonly retries: number;
  readonly #repeating: Repeating<Req, Res>;

  constructor(repeating: Repeating<Req, Res>, request: Req, call: Call, retries: number) {
    super();
    this.#repeating = repeating;
    this.request = request;
    this.call = call;
    this.retries = retries;
  }

  kept(response: Res): void {
    try {
      this.resolve(this.#repeating.answered(response, this));
    } catch (error) {
      this.reject(error);
    }
  }

  broken(error: unknown): void {
    try {
      this.resolve(this.#repeating.failed(error, this));
    } catch (cause) {
      this.reject(cause);
    }
  }
}
