import type { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import type { Outcome } from "../outcome.ts";
import type { Breaker } from "../policy/circuit-breaker/circuit-breaker.ts";
import type { Call, Layer } from "../service.ts";

export interface CircuitBreakerPorts {
  readonly decisions: DecisionLog;
}

/**
 * Refuses calls to a service that mostly fails. Judges a call by its final answer, as its caller sees it: an attempt
 * that a retry made good is no failure of the service.
 */
export function circuitBreaker<Req, Res>(breaker: Breaker, ports: CircuitBreakerPorts): Layer<Req, Res> {
  return {
    name: "circuit-breaker",
    inside: ["deadline"], // a call that is late is not worth a permit
    wrap: (next) => {
      let held: Held = { breaker, permit: 0 }; // calls of one permit share it
      return (request, call) => {
        const permit = breaker.tryAcquire(call.startedMs);
        if (permit === 0) return Promise.reject(refused(breaker, call, ports));
        if (breaker.state.kind !== "closed") ports.decisions.breaker(call.startedMs, call.number, breaker.state.kind);
        if (permit !== held.permit) held = { breaker, permit };
        call.onAnswer(settle, held);
        return next(request, call);
      };
    },
  };
}

interface Held {
  readonly breaker: Breaker;
  readonly permit: number;
}

function settle(outcome: Outcome, atMs: number, held: Held): void {
  held.breaker.settle(held.permit, outcome, atMs);
}

function refused(breaker: Breaker, call: Call, ports: CircuitBreakerPorts): MeshError {
  const { state } = breaker;
  const trialInMs = state.kind === "open" ? Math.max(0, state.untilMs - call.startedMs) : 0;
  ports.decisions.refusal(call.startedMs, call.number, "circuit-breaker", trialInMs);
  const next = state.kind === "open" ? `the next trial is in ${Math.ceil(trialInMs)} ms` : "a trial is running";
  return new MeshError("CIRCUIT_OPEN", `most recent calls failed, so none is sent; ${next} (breaker)`, {
    service: call.service,
    neverSent: true,
  });
}
