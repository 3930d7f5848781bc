import type { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { TokenBucket } from "../policy/rate-limit/token-bucket.ts";
import type { Layer } from "../service.ts";

export interface RateLimitPorts {
  readonly events: Events;
  readonly decisions: DecisionLog;
}

/** Refuses calls beyond so many a second. */
export function rateLimit<Req, Res>(bucket: TokenBucket, { events, decisions }: RateLimitPorts): Layer<Req, Res> {
  return {
    name: "rate-limit",
    inside: ["deadline"],
    wrap: (next) => (request, call) => {
      const { startedMs, number, service } = call;
      if (bucket.take(startedMs)) return next(request, call);
      const waitMs = bucket.waitMs(startedMs);
      decisions.refusal(startedMs, number, "rate-limit", waitMs);
      events.emit("limit.reached", { service, limit: "rateLimit", value: bucket.perSecond });
      const problem = `rateLimit: more than ${bucket.perSecond} calls a second; the next may go in ${Math.ceil(waitMs)} ms`;
      return Promise.reject(new MeshError("OVERLOADED", problem, { service, neverSent: true }));
    },
  };
}
