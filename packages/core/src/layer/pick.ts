import type { Cluster } from "../cluster/cluster.ts";
import type { Layer } from "../service.ts";

/**
 * Chooses an endpoint for each attempt and takes a lease on it, which it hands on in `call.lease`. The transport below
 * takes it from there before its first await, and releases it.
 */
export function pick<Req, Res>(cluster: Cluster): Layer<Req, Res> {
  return {
    name: "pick",
    inside: ["deadline", "circuit-breaker", "concurrency-limit", "retry"], // each attempt may go elsewhere
    wrap: (next) => (request, call) => {
      try {
        // The first attempt begins when the call does: its reading of the clock serves for both.
        call.lease = call.attempt === 0 ? cluster.acquire(call, call.startedMs) : cluster.acquire(call);
      } catch (error) {
        return Promise.reject(error);
      }
      return next(request, call);
    },
  };
}
