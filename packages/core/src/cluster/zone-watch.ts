import { priorityOf } from "../policy/priority/endpoint-priority.ts";
import { ZONE_SPILL_DEFAULTS } from "../policy/zone-aware/zone-limit.ts";
import { type ZonePreference, zoneOf } from "../policy/zone-aware/zone-preference.ts";
import { ZoneSpill } from "../policy/zone-aware/zone-spill.ts";
import type { Node } from "./node.ts";
import { ZoneReadings } from "./zone-readings.ts";

/** Between two looks at least, in ms, and so much more for each endpoint: a look costs a step for each. */
const EVERY_MS = 1_000;
const EVERY_MS_PER_ENDPOINT = 1;

/** Whether the own zone is to give calls away for how it does; of each priority, as these have zones of their own. */
export class ZoneWatch {
  readonly #readings = new ZoneReadings();
  readonly #spills = new Map<number, ZoneSpill>();

  /** What the own zone keeps in this priority; undefined: nobody has looked. */
  of(priority: number): ZoneSpill | undefined {
    return this.#spills.get(priority);
  }

  /** The zones are others now, or nobody asks for them, or they are to keep their calls. */
  forget(): void {
    this.#spills.clear();
  }

  /**
   * Looks at how the zones do.
   *
   * @returns whether one is to keep more or less of its calls than before
   */
  look(nodes: readonly Node[], zones: ZonePreference, nowMs: number): boolean {
    if (!spills(zones)) return false;
    const { own, spill = ZONE_SPILL_DEFAULTS } = zones;
    this.#readings.look(nodes, nowMs);
    let changed = false;
    for (const [priority, members] of Map.groupBy(nodes, ({ endpoint }) => priorityOf(endpoint))) {
      const { inside = [], outside = [] } = Object.groupBy(members, ({ endpoint }) =>
        zoneOf(endpoint) === own ? "inside" : "outside",
      );
      const watched = this.#spills.get(priority) ?? new ZoneSpill();
      this.#spills.set(priority, watched);
      const [here, there] = [this.#readings.ofOwn(inside, nowMs), this.#readings.ofOthers(outside, nowMs)];
      if (watched.observe(here, there, spill, nowMs)) changed = true;
    }
    return changed;
  }
}

/** Whether a zone is ever left for how it does. */
export function spills({ spill = ZONE_SPILL_DEFAULTS }: ZonePreference): boolean {
  return spill.latencyFactor > 0 || spill.healthyRatio > 0;
}

/** When the next look is due, in ms from now. @param size endpoints in all */
export function untilNextLookMs(size: number): number {
  return Math.max(EVERY_MS, size * EVERY_MS_PER_ENDPOINT);
}
