import type { Group } from "./groups.ts";

/** One call of so many at most. */
const OF_CALLS = 50;
/** Part of the calls that look, at most. */
export const LOOKS_RATIO: number = 1 / OF_CALLS;

/**
 * Calls that leave the own zone only so that something is known of how fast the others are: one in fifty, and one from
 * one review of the zones to the next. Without them a slow zone that keeps all its calls could not be told from a slow
 * service. None while the others have calls of their own.
 */
export class ZoneLooks {
  #group: Group | undefined = undefined;
  #calls = 0;
  #due = false;
  #nextMs: number | undefined = undefined;

  /** @param group the endpoints of the other zones; undefined: nobody need look at them */
  at(group: Group | undefined): void {
    this.#group = group;
  }

  /** The zones are reviewed now, and then again. A service that has just begun is not looked around in. */
  reviewed(nowMs: number, nextMs: number): void {
    // The earlier one: of a clock that was set back.
    this.#nextMs = Math.min(this.#nextMs ?? nextMs, nextMs);
    if (nowMs < this.#nextMs) return;
    this.#due = true;
    this.#nextMs = nextMs;
  }

  /** A call is picked for. @returns where it goes when it is to look */
  take(): Group | undefined {
    if (!this.#due || this.#group === undefined || ++this.#calls < OF_CALLS) return undefined;
    this.#due = false;
    this.#calls = 0;
    return this.#group;
  }
}
