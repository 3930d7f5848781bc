import type { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { ConcurrencyLimit } from "../policy/concurrency-limit/concurrency-limit.ts";
import type { Importance } from "../policy/concurrency-limit/importance.ts";
import type { Call, Layer } from "../service.ts";

export interface ConcurrencyLimitPorts<Req> {
  readonly events: Events;
  readonly decisions: DecisionLog;
  /** Asked where importances have shares of the limit. Absent: all calls are alike. */
  readonly importanceOf?: (request: Req) => Importance;
}

/**
 * Refuses calls beyond so many at once, naming the limit. A call counts until its body has ended.
 *
 * @param of whose calls it bounds: all of a service, the default, or those that match a rule of it
 */
export function concurrencyLimit<Req, Res>(
  limit: ConcurrencyLimit,
  ports: ConcurrencyLimitPorts<Req>,
  of: "service" | "rule" = "service",
): Layer<Req, Res> {
  function refused({ service, startedMs, number }: Call, importance: Importance): MeshError {
    const { events, decisions } = ports;
    const details = { service, neverSent: true };
    if (limit.running < limit.most) {
      const own = limit.runningOf(importance);
      decisions.refusal(startedMs, number, "limits.shares", own);
      events.emit("limit.reached", { service, limit: "limits.shares", value: own });
      return new MeshError("OVERLOADED", whyNoShare(limit, importance), details);
    }
    const by = limit.learns ? "limits.adaptive" : "limits.calls";
    decisions.refusal(startedMs, number, of === "rule" ? "rule-limits" : by, limit.running);
    events.emit("limit.reached", { service, limit: limit.name, value: limit.most });
    return new MeshError("OVERLOADED", whyFull(limit), details);
  }
  return {
    name: of === "rule" ? "rule-limit" : "concurrency-limit",
    inside: ["deadline", "circuit-breaker"], // an open circuit refuses without taking room
    wrap: (next) => (request, call) => {
      const importance = limit.shares === undefined ? "normal" : (ports.importanceOf?.(request) ?? "normal");
      if (!limit.tryAcquire(importance)) return Promise.reject(refused(call, importance));
      call.on(RELEASES[importance], limit);
      return next(request, call);
    },
  };
}

function whyFull({ name, most, learns }: ConcurrencyLimit): string {
  return learns
    ? `${name.replace("calls", "adaptive")}: ${most} calls are running, as many as are answered without waiting; send fewer at once`
    : `${name}: ${most} calls are running; raise it or send fewer at once`;
}

function whyNoShare(limit: ConcurrencyLimit, importance: Importance): string {
  return `limits.shares: ${limit.runningOf(importance)} calls of importance ${importance} are running, no fewer than their share, and what is left of ${limit.most} is kept for others; send fewer at once`;
}

/** A hook for each, so that a call brings nothing but its limit. */
const RELEASES: Readonly<Record<Importance, (end: unknown, limit: ConcurrencyLimit) => void>> = {
  critical: (_end, limit) => limit.release("critical"),
  normal: (_end, limit) => limit.release("normal"),
  low: (_end, limit) => limit.release("low"),
};
