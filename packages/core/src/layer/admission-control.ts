import type { DecisionLog } from "../decision/decision-log.ts";
import { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { Outcome } from "../outcome.ts";
import type { AdmissionControl } from "../policy/admission-control/admission-control.ts";
import type { Layer } from "../service.ts";
import type { Random } from "../time/time.ts";

export interface AdmissionPorts<Req> {
  readonly random: Random;
  readonly events: Events;
  readonly decisions: DecisionLog;
  /** Whether a request must get through whenever that is possible. */
  readonly isCritical: (request: Req) => boolean;
}

/** Refuses a share of the calls while the service says that it is overloaded, so that it can answer the others. */
export function admission<Req, Res>(control: AdmissionControl, ports: AdmissionPorts<Req>): Layer<Req, Res> {
  const { random, events, decisions, isCritical } = ports;
  const record = (outcome: Outcome, atMs: number): void => {
    if (outcome.kind !== "ignored") control.record(saysOverload(outcome), atMs);
  };
  return {
    name: "admission-control",
    inside: ["deadline"],
    wrap: (next) => (request, call) => {
      const { startedMs, number, service } = call;
      if (!control.admits(startedMs, random) && !isCritical(request)) {
        const percent = Math.round(control.refusedRatio(startedMs) * 100);
        decisions.refusal(startedMs, number, "admission-control", percent);
        events.emit("limit.reached", { service, limit: "admission", value: percent });
        const problem = `admission: too many calls fail for overload, so ${percent} % are not sent`;
        return Promise.reject(new MeshError("OVERLOADED", problem, { service, neverSent: true }));
      }
      call.onAnswer(record, undefined);
      return next(request, call);
    },
  };
}

/** What an overloaded service does: answers 5xx or 429, takes too long, or takes no connection. Source: Envoy, reference 2.14. */
function saysOverload(outcome: Outcome): boolean {
  if (outcome.kind !== "failure") return false;
  const { reason } = outcome;
  return reason === "overloaded" || reason === "server-error" || reason === "timeout" || reason === "connect";
}
