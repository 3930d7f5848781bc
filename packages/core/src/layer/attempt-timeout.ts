import type { Layer } from "../service.ts";
import type { TimeoutQueues } from "../time/timeout-queue.ts";

/** What may be changed while calls run. */
export interface AttemptTimeoutRules {
  /** The most an attempt may take until the head of its response, in ms, > 0; Infinity: no bound of its own. */
  attemptMs: number;
}

/**
 * Gives an attempt up when its head does not come in time. The call goes on: retry, further out, may try elsewhere.
 *
 * The body is not covered: it has begun to arrive, so it can no longer be repeated; the deadline bounds it.
 */
export function attemptTimeout<Req, Res>(rules: AttemptTimeoutRules, timeouts: TimeoutQueues): Layer<Req, Res> {
  return {
    name: "attempt-timeout",
    // It ends one lease, not the call.
    inside: ["deadline", "circuit-breaker", "concurrency-limit", "retry", "hedge", "pick"],
    wrap: (next) => (request, call) => {
      const { lease } = call;
      if (lease !== undefined && rules.attemptMs < Number.POSITIVE_INFINITY) {
        timeouts.of(rules.attemptMs).add(lease, lease.startedMs);
      }
      return next(request, call);
    },
  };
}
