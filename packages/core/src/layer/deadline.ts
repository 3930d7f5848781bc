import { MeshError } from "../errors.ts";
import type { Call, Layer } from "../service.ts";
import { Expiring, type TimeoutQueues } from "../time/timeout-queue.ts";
import type { Clock } from "../time/time.ts";

export interface DeadlinePorts {
  readonly clock: Clock;
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
      // The usual case has the usual length, and so shares one timer with all the others.
      const leftMs = call.deadlineMs - call.startedMs;
      if (leftMs <= 0) return Promise.reject(exceeded(call, "it had passed when the call came"));
      const entry = new DeadlineEntry(call, leftMs);
      ports.timeouts.of(leftMs).add(entry, call.startedMs);
      call.on(settle, entry);
      return next(request, call);
    },
  };
}

class DeadlineEntry extends Expiring {
  readonly #call: Call;
  readonly #leftMs: number;

  constructor(call: Call, leftMs: number) {
    super();
    this.#call = call;
    this.#leftMs = leftMs;
  }

  expire(): void {
    this.#call.cut(exceeded(this.#call, `the call did not end within ${Math.round(this.#leftMs)} ms (timeout.total)`));
  }
}

function settle(_end: unknown, entry: Expiring): void {
  entry.settle();
}

function exceeded(call: Call, what: string): MeshError {
  return new MeshError("DEADLINE_EXCEEDED", what, {
    service: call.service,
    ...(call.attempt === 0 ? { neverSent: true } : { attempt: call.attempt }),
  });
}
