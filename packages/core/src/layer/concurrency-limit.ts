import type { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { ConcurrencyLimit } from "../policy/concurrency-limit/concurrency-limit.ts";
import type { Layer } from "../service.ts";

export interface ConcurrencyLimitPorts {
  readonly events: Events;
  readonly decisions: DecisionLog;
}

/** Refuses calls beyond so many at once, naming the limit. A call counts until its body has ended. */
export function concurrencyLimit<Req, Res>(limit: ConcurrencyLimit, ports: ConcurrencyLimitPorts): Layer<Req, Res> {
  return {
    name: "concurrency-limit",
    inside: ["deadline", "circuit-breaker"], // an open circuit refuses without taking room
    wrap: (next) => (request, call) => {
      if (!limit.tryAcquire()) {
        ports.decisions.refusal(
          call.startedMs,
          call.number,
          limit.learns ? "limits.adaptive" : "limits.calls",
          limit.running,
        );
        ports.events.emit("limit.reached", { service: call.service, limit: limit.name, value: limit.most });
        const problem = limit.learns
          ? `limits.adaptive: ${limit.most} calls are running, as many as are answered without waiting; send fewer at once`
          : `${limit.name}: ${limit.most} calls are running; raise it or send fewer at once`;
        return Promise.reject(new MeshError("OVERLOADED", problem, { service: call.service, neverSent: true }));
      }
      call.on(release, limit);
      return next(request, call);
    },
  };
}

function release(_end: unknown, limit: ConcurrencyLimit): void {
  limit.release();
}
