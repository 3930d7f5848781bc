import { MeshError } from "../errors.ts";
import type { Call, Layer } from "../service.ts";
import type { TimeoutQueues } from "../time/timeout-queue.ts";

export interface DeadlinePorts {
  readonly timeouts: TimeoutQueues;
}

/**
 * Gives a call up when its deadline comes, body included: cuts every attempt and every pause.
 *
 * Refuses at once a call whose deadline had passed when it came: work that nobody waits for is not begun.
 *
 * @param totalMs the most a call may take, > 0; Infinity when only the caller's own deadline counts
 */
export function deadline<Req, Res>(totalMs: number, ports: DeadlinePorts): Layer<Req, Res> {
  return {
    name: "deadline",
    wrap: (next) => (request, call) => {
      call.tighten(call.startedMs + totalMs);
      if (call.deadlineMs === Number.POSITIVE_INFINITY) return next(request, call);
      // To the ms: the difference of two instants is rarely the very length that was added, and each length has a timer.
      const leftMs = Math.round(call.deadlineMs - call.startedMs);
      if (leftMs <= 0) return Promise.reject(exceeded(call));
      ports.timeouts.of(leftMs).add(call, call.startedMs);
      return next(request, call);
    },
  };
}

function exceeded({ service }: Call): MeshError {
  return new MeshError("DEADLINE_EXCEEDED", "the deadline had passed when the call came", { service, neverSent: true });
}
