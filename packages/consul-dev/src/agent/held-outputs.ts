import type { Random, Time } from "../time.ts";

const UPDATE_EVERY_MS = 300_000; // Consul's default check_update_interval

/**
 * Outputs of checks that the agent knows and the catalog does not yet.
 *
 * A check that says something new with the status it had is told to the servers only after half of five minutes up to
 * one and a half of it, so that a chatty check does not wake every watch. Source: Consul agent/local/state.go.
 */
export class HeldOutputs {
  readonly #time: Time;
  readonly #random: Random;
  readonly #held = new Map<string, { readonly output: string; readonly cancel: () => void }>();

  constructor(time: Time, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** The output that is held, undefined when the catalog has the latest. */
  of(checkId: string): string | undefined {
    return this.#held.get(checkId)?.output;
  }

  /** Keeps the newest output; `publish` runs when the first one held has waited long enough. */
  hold(checkId: string, output: string, publish: (latest: string) => void): void {
    const cancel =
      this.#held.get(checkId)?.cancel ??
      this.#time.after(UPDATE_EVERY_MS * (0.5 + this.#random.unit()), () => {
        const latest = this.#held.get(checkId)?.output ?? output;
        this.#held.delete(checkId);
        publish(latest);
      });
    this.#held.set(checkId, { output, cancel });
  }

  /** Nothing is to be told any more: the catalog has been told otherwise, or the check is gone. */
  drop(checkId: string): void {
    this.#held.get(checkId)?.cancel();
    this.#held.delete(checkId);
  }

  close(): void {
    for (const { cancel } of this.#held.values()) cancel();
    this.#held.clear();
  }
}
