import type { Outcome } from "../outcome.ts";
import type { AdaptiveRule } from "../policy/adaptive-concurrency/adaptive-rule.ts";
import type { ConcurrencyLimit } from "../policy/concurrency-limit/concurrency-limit.ts";
import type { Call, Layer } from "../service.ts";

/**
 * Moves a limit with what the answers of its calls tell. The limit itself refuses: it stands in the layer around.
 *
 * @param most above which the limit never goes, whatever the rule says
 * @param of whose calls it learns from, as `concurrencyLimit` has it
 */
export function adaptiveLimit<Req, Res>(
  rule: AdaptiveRule,
  limit: ConcurrencyLimit,
  most: number,
  of: "service" | "rule" = "service",
): Layer<Req, Res> {
  function learn(outcome: Outcome, atMs: number, call: Call): void {
    // A call that was repeated took longer than an answer does.
    if (call.attempt !== 1) return;
    const tookMs = atMs - call.startedMs;
    if (outcome.kind === "success" && tookMs > 0) rule.answered(tookMs, limit.running);
    else if (outcome.kind === "failure" && (outcome.reason === "overloaded" || outcome.reason === "timeout"))
      rule.dropped(limit.running);
    limit.most = Math.min(most, Math.floor(rule.limit));
  }
  return {
    name: of === "rule" ? "adaptive-rule-limit" : "adaptive-limit",
    inside: [of === "rule" ? "rule-limit" : "concurrency-limit"],
    wrap: (next) => (request, call) => {
      call.onAnswer(learn, call);
      return next(request, call);
    },
  };
}
