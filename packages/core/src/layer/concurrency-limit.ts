import type { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { ConcurrencyLimit } from "../policy/concurrency-limit/concurrency-limit.ts";
import type { Layer } from "../service.ts";

export interface ConcurrencyLimitPorts {
  readonly events: Events;
  readonly decisions: DecisionLog;
}

/**
 * Refuses calls beyond so many at once, naming the limit. A call counts until its body has ended.
 *
 * @param of whose calls it bounds: all of a service, the default, or those that match a rule of it
 */
export function concurrencyLimit<Req, Res>(
  limit: ConcurrencyLimit,
  ports: ConcurrencyLimitPorts,
  of: "service" | "rule" = "service",
): Layer<Req, Res> {
  return {
    name: of === "rule" ? "rule-limit" : "concurrency-limit",
    inside: ["deadline", "circuit-breaker"], // an open circuit refuses without taking room
    wrap: (next) => (request, call) => {
      if (!limit.tryAcquire()) {
        const own = limit.learns ? "limits.adaptive" : "limits.calls";
        ports.decisions.refusal(call.startedMs, call.number, of === "rule" ? "rule-limits" : own, limit.running);
        ports.events.emit("limit.reached", { service: call.service, limit: limit.name, value: limit.most });
        return Promise.reject(new MeshError("OVERLOADED", whyFull(limit), { service: call.service, neverSent: true }));
      }
      call.on(release, limit);
      return next(request, call);
    },
  };
}

function whyFull({ name, most, learns }: ConcurrencyLimit): string {
  return learns
    ? `${name.replace("calls", "adaptive")}: ${most} calls are running, as many as are answered without waiting; send fewer at once`
    : `${name}: ${most} calls are running; raise it or send fewer at once`;
}

function release(_end: unknown, limit: ConcurrencyLimit): void {
  limit.release();
}
