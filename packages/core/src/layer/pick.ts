import type { Cluster } from "../cluster/cluster.ts";
import type { Lease } from "../cluster/lease.ts";
import { IGNORED } from "../outcome.ts";
import type { Layer } from "../service.ts";

/**
 * Chooses an endpoint for each attempt and takes a lease on it, which it hands on in `call.lease`. The transport below
 * takes it from there before its first await, and releases it.
 */
export function pick<Req, Res>(cluster: Cluster): Layer<Req, Res> {
  return {
    name: "pick",
    inside: ["deadline", "circuit-breaker", "concurrency-limit", "retry", "hedge"], // each attempt may go elsewhere
    wrap: (next) => (request, call) => {
      let lease: Lease | undefined;
      try {
        lease = cluster.acquire(call);
        call.lease = call.begun = lease;
        return next(request, call);
      } catch (error) {
        // No endpoint; or a transport that threw at once, and so will never release what it was given.
        lease?.release(IGNORED);
        return Promise.reject(error);
      }
    },
  };
}
