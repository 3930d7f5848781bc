import type { Events } from "@weft/core";
import type { Feed } from "../feed.ts";

export interface DoubtPorts {
  /** Whom it concerns. */
  readonly feed: Pick<Feed, "services">;
  readonly events: Events | undefined;
  readonly onNotice: (problem: string) => void;
}

/** Tells of answers that were not taken as they came, each kind as often as it helps. */
export class Doubts {
  readonly #ports: DoubtPorts;
  #count = 0;
  #leftOut = "";
  #filtered = false;

  constructor(ports: DoubtPorts) {
    this.#ports = ports;
  }

  /** Answers held or ignored so far. */
  get count(): number {
    return this.#count;
  }

  /** An answer was not believed. Told each time. */
  held(reason: string): void {
    this.#count++;
    this.#emit(reason);
  }

  /** These instances cannot be dialled. The same set is told once, not with every answer. */
  leftOut(instances: readonly string[]): void {
    const reason = instances.join("; ");
    if (reason !== "" && reason !== this.#leftOut) this.#emit(reason);
    this.#leftOut = reason;
  }

  /** Whether an answer was cut by ACLs and yet has instances. Told once for as long as it lasts. */
  filtered(partly: boolean): void {
    if (partly && !this.#filtered) this.#ports.onNotice("the token may not see every instance (filtered by ACLs)");
    this.#filtered = partly;
  }

  #emit(reason: string): void {
    for (const service of this.#ports.feed.services) this.#ports.events?.emit("discovery.held", { service, reason });
  }
}
