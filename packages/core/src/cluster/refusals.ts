import { whyOut } from "../decision/why-out.ts";
import type { MeshError } from "../errors.ts";
import type { Events } from "../events.ts";
import type { Call } from "../service.ts";
import type { Ejector } from "./ejector.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";
import { type FullBy, refusal, sessionRefusal } from "./refusal.ts";
import { absencesOf } from "./usable.ts";

export interface RefusalsOptions {
  readonly service: string;
  readonly events: Events;
  readonly members: Members;
  readonly ejector: Ejector;
}

/** Refuses calls that get no endpoint, and tells of the limit when one is the reason. */
export class Refusals {
  readonly #service: string;
  readonly #events: Events;
  readonly #members: Members;
  readonly #ejector: Ejector;

  constructor({ service, events, members, ejector }: RefusalsOptions) {
    this.#service = service;
    this.#events = events;
    this.#members = members;
    this.#ejector = ejector;
  }

  /** @param leftOut as `Refused` has it */
  refuse(call: Call, callsPerEndpoint: number, leftOut: readonly string[], nowMs: number): MeshError {
    const { size, available, ejected } = this.#members;
    const most = available.reduce((sum, node) => sum + node.mostAt(callsPerEndpoint), 0);
    const fullBy: FullBy = fullByOf(available, callsPerEndpoint);
    if (available.length > 0) this.#tellFull(fullBy, fullBy === "limits.callsPerEndpoint" ? callsPerEndpoint : most);
    return refusal({
      service: this.#service,
      attempt: call.attempt + 1,
      members: size,
      leftOut,
      available: available.length,
      ejected: ejected.length,
      fullBy,
      callsPerEndpoint,
      most,
      returnMs: Math.max(0, this.#ejector.nextReturnMs - nowMs),
    });
  }

  /** That one keeps the call's session, and nobody else may. */
  refuseAt(keeper: Node, callsPerEndpoint: number, nowMs: number): MeshError {
    const { endpoint, pending } = keeper;
    if (pending >= keeper.mostAt(callsPerEndpoint)) {
      const fullBy = fullByOf([keeper], callsPerEndpoint);
      this.#tellFull(fullBy, keeper.mostAt(callsPerEndpoint));
      return sessionRefusal("OVERLOADED", this.#service, endpoint, `has ${pending} calls (${fullBy})`);
    }
    const known = keeper.snapshot(nowMs, absencesOf(keeper, this.#members.usable));
    return sessionRefusal("NO_ENDPOINTS", this.#service, endpoint, whyOut(known, nowMs));
  }

  #tellFull(limit: FullBy, value: number): void {
    this.#events.emit("limit.reached", { service: this.#service, limit, value });
  }
}

/** Which limit keeps calls out: the one that all may take, unless one of them is full below that. */
export function fullByOf(nodes: readonly Node[], callsPerEndpoint: number): FullBy {
  const learned = nodes.some((node) => node.mostAt(callsPerEndpoint) < callsPerEndpoint);
  return learned ? "limits.adaptivePerEndpoint" : "limits.callsPerEndpoint";
}
