import { type Membership, MeshError, type Watch } from "@weft/core";
import { type Waits, waits } from "../waits.ts";

/** One subscription to one service of the registry in memory. `all` holds those that are open. */
export class MemoryWatch implements Watch {
  readonly #service: string;
  readonly #all: Set<MemoryWatch>;
  readonly #listeners = new Set<(membership: Membership) => void>();
  readonly #waits: Waits = waits();
  #membership: Membership;

  constructor(service: string, membership: Membership, all: Set<MemoryWatch>) {
    this.#service = service;
    this.#membership = membership;
    this.#all = all;
  }

  get membership(): Membership {
    return this.#membership;
  }

  update(membership: Membership, news: boolean): void {
    this.#membership = membership;
    if (!news) return;
    this.#waits.check();
    for (const listener of this.#listeners) listener(membership);
  }

  subscribe(listener: (membership: Membership) => void): () => void {
    if (!this.#all.has(this)) return () => {};
    const own = (membership: Membership): void => listener(membership); // so that the same listener may stand twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async ready(signal?: AbortSignal): Promise<Membership> {
    await this.#waits.until("membership", () => this.#membership.freshness.kind !== "pending", signal);
    return this.#membership;
  }

  close(): void {
    if (!this.#all.delete(this)) return;
    this.#listeners.clear();
    this.#waits.end(
      () => new MeshError("CLOSED", "the watch was closed before it was ready", { service: this.#service }),
    );
  }
}
