import type { Events } from "../events.ts";
import type { HealthThresholds, ProbeResult } from "../policy/health-check/endpoint-health.ts";
import type { Ejector } from "./ejector.ts";
import type { Members } from "./members.ts";
import type { Node } from "./node.ts";
import type { PanicBy } from "./usable.ts";

export interface CheckBookOptions {
  readonly service: string;
  readonly events: Events;
  readonly ejector: Ejector;
  readonly health: HealthThresholds;
}

/** Judges endpoints by what active checks find, and says when nobody's checks are believed any more. */
export class CheckBook {
  health: HealthThresholds;
  readonly #members: Members;
  readonly #service: string;
  readonly #events: Events;
  readonly #ejector: Ejector;

  constructor(members: Members, options: CheckBookOptions) {
    this.#members = members;
    this.#service = options.service;
    this.#events = options.events;
    this.#ejector = options.ejector;
    this.health = options.health;
  }

  checked(node: Node, result: ProbeResult, nowMs: number): void {
    if (!node.health.checked(result, this.health, nowMs)) return;
    const before = this.#members.usable;
    this.#members.arrange();
    const { state } = node.health;
    const about = { service: this.#service, endpoint: node.endpoint.id };
    if (state.kind === "unhealthy") this.#events.emit("endpoint.unhealthy", { ...about, why: state.why });
    else this.#events.emit("endpoint.healthy", about);
    this.#changed(before.panic, nowMs);
  }

  /** Every endpoint counts as unchecked. */
  forget(nowMs: number): void {
    const { all, usable } = this.#members;
    if (all.every(({ health }) => health.state.kind === "unchecked")) return;
    for (const { health } of all) health.forget();
    this.#members.arrange();
    this.#changed(usable.panic, nowMs);
  }

  /** @param before whose checks were ignored before the members were arranged anew */
  tellPanic(before: PanicBy | undefined): void {
    const { usable, size } = this.#members;
    const by = usable.panic ?? before;
    if (usable.panic === before || by === undefined) return;
    this.#events.emit("membership.panic", { service: this.#service, on: usable.panic !== undefined, by, total: size });
  }

  #changed(before: PanicBy | undefined, nowMs: number): void {
    this.#ejector.membersChanged(nowMs);
    this.tellPanic(before);
  }
}
