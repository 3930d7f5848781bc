/** How much more often an entry may be used than the least that keeps the pool full. Source: Prequal, delta. */
const DELTA = 1;

/**
 * For how many picks an entry of the pool is good.
 *
 *   b = max(1, (1 + delta) / ((1 - pool / endpoints) * looked - removed))
 *
 * @param looked endpoints looked at for each pick
 * @param removed entries taken out for each pick
 * @returns undefined: by looking at so few among so few, the pool cannot be kept full
 * Source: Prequal; reference 2.15.
 */
export function probeReuse(pool: number, endpoints: number, looked: number, removed: number): number | undefined {
  const gained = (1 - pool / endpoints) * looked - removed;
  return gained > 0 ? Math.max(1, (1 + DELTA) / gained) : undefined;
}
