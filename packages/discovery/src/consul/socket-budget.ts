/**
 * Shares the agent's connections among the watches: one blocking query holds one connection.
 *
 * Consul allows 200 connections for each client address, and everybody on this machine is the same client.
 * Source: Consul `limits.http_max_conns_per_client` 200; half of it is ours.
 */
export class SocketBudget {
  #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  get held(): number {
    return this.#held;
  }

  /** Takes the right to one blocking query at a time. @returns whether there was one left */
  take(): boolean {
    if (this.#held >= this.#limit) return false;
    this.#held++;
    return true;
  }

  give(): void {
    this.#held--;
  }

  /** The agent refused a connection: from now on hold fewer than now, but at least one. */
  shrink(): void {
    this.#limit = Math.max(1, Math.min(this.#limit, this.#held - 1));
  }
}
