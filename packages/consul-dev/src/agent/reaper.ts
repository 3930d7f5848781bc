import type { Time } from "../time.ts";
import type { CheckDefinition } from "./check-definition.ts";

const REAP_EVERY_MS = 30_000; // Consul's default reap interval
const SHORTEST_CRITICAL_MS = 60_000; // and the least DeregisterCriticalServiceAfter it honours

/** Looks every 30 s for services that were critical for too long. */
export class Reaper {
  readonly #time: Time;
  readonly #criticalSince = new Map<string, number>();
  #cancel: () => void = () => {};

  /** @param reap is told, for each check that asked for it, that its time has come */
  constructor(
    time: Time,
    definition: (checkId: string) => CheckDefinition | undefined,
    reap: (serviceId: string) => void,
  ) {
    this.#time = time;
    const turn = (): void => {
      for (const [id, sinceMs] of this.#criticalSince) {
        const { deregisterAfterMs = 0, serviceId = "" } = definition(id) ?? {};
        if (deregisterAfterMs <= 0 || serviceId === "") continue;
        if (time.nowMs() - sinceMs > Math.max(SHORTEST_CRITICAL_MS, deregisterAfterMs)) reap(serviceId);
      }
      this.#cancel = time.after(REAP_EVERY_MS, turn);
    };
    this.#cancel = time.after(REAP_EVERY_MS, turn);
  }

  /** The check is critical now; counts from the first time this is said. */
  critical(checkId: string): void {
    if (!this.#criticalSince.has(checkId)) this.#criticalSince.set(checkId, this.#time.nowMs());
  }

  /** It is not, or is gone. */
  fine(checkId: string): void {
    this.#criticalSince.delete(checkId);
  }

  close(): void {
    this.#cancel();
  }
}
