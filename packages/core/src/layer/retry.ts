import type { DecisionLog } from "../decision/decision-log.ts";
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
    return this.#next(request, call).then(
      (response) => {
        const result = this.#ports.resultOf(response);
        const pauseMs = result && this.#pauseBefore(retries, result, request, call);
        if (pauseMs === undefined) return response;
        this.#ports.discard(response);
        return this.#again(request, call, retries + 1, pauseMs);
      },
      (error: unknown) => {
        const result = this.#ports.resultOfError(error);
        const pauseMs = result && this.#pauseBefore(retries, result, request, call);
        if (pauseMs === undefined) throw error;
        return this.#again(request, call, retries + 1, pauseMs);
      },
    );
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
    const why = result.status > 0 ? `status ${result.status}` : (result.failure ?? "failure");
    if (verdict.kind === "retry") {
      decisions.retry(nowMs, call.number, call.attempt, "retried", verdict.pauseMs, budget);
      events.emit("retry.started", { service: call.service, retry: retries + 1, why, pauseMs: verdict.pauseMs });
    } else {
      decisions.retry(nowMs, call.number, call.attempt, verdict.reason, 0, budget);
      events.emit("retry.denied", { service: call.service, reason: verdict.reason });
    }
  }
}
