/** What one priority can do, in weight. */
export interface PriorityCapacity {
  /** Of those that take traffic, >= 0. */
  readonly available: number;
  /** Of all, >= `available`. */
  readonly total: number;
}

/** What one priority is given. */
export interface PriorityLoad {
  /** How much of its calls it can take, in whole per cent: with five sevenths of its weight it is 100. */
  readonly health: number;
  /** Its part of the calls, in whole per cent. Over all priorities 100, when any of them has weight. */
  readonly load: number;
  /** Too few of it are left to believe the checks: all of it is used. */
  readonly panic: boolean;
}

/** A priority is taken to have been made 40 % larger than it need be. Source: Envoy `overprovisioning_factor`. */
const OVERPROVISION_PERCENT = 140;
/** With less than half of its weight a priority is in panic. Source: Envoy `healthy_panic_threshold`. */
const PANIC_RATIO = 0.5;

/**
 * How calls divide among priorities, the first before the others. The next gets what the ones before cannot take.
 *
 *   health = min(100, floor(140 * available / total))
 *   norm   = min(100, sum of health)
 *   load   = min(what is left of 100, floor(100 * health / norm)); the first with health gets what rounding leaves
 *   panic    when norm < 100 and less than half of the priority is available
 *
 * When all are in panic, the load goes by their totals. Source: Envoy `load_balancer_impl.cc`, which its pages
 * contradict where rounding remains; reference 2.10.
 */
export function priorityLoads(capacities: readonly PriorityCapacity[]): readonly PriorityLoad[] {
  const healths = capacities.map(healthOf);
  const sum = healths.reduce((all, health) => all + health, 0);
  const panics = capacities.map(
    ({ available, total }) => sum < 100 && !(available >= total * PANIC_RATIO && total > 0),
  );
  const loads = panics.every(Boolean) ? parts(capacities.map(({ total }) => total)) : loadsByHealth(healths);
  return capacities.map((_, i) => ({ health: healths[i]!, load: loads[i]!, panic: panics[i]! }));
}

/** How much of its calls a group can take when some of it is out, in whole per cent. */
export function healthOf({ available, total }: PriorityCapacity): number {
  // A little more: five times 0.1 of seven times 0.1 are to be five sevenths.
  return total > 0 ? Math.min(100, Math.floor((OVERPROVISION_PERCENT * available) / total + 1e-9)) : 0;
}

/** The loads as they are while not all priorities are in panic. @param healths of each, in whole per cent */
export function loadsByHealth(healths: readonly number[]): readonly number[] {
  return parts(
    healths,
    Math.min(
      100,
      healths.reduce((sum, health) => sum + health, 0),
    ),
  );
}

/** 100 in these proportions, in whole numbers, the first ones first; nothing when there is nothing to go by. */
function parts(sizes: readonly number[], whole: number = sizes.reduce((sum, size) => sum + size, 0)): number[] {
  if (whole === 0) return sizes.map(() => 0);
  let left = 100;
  const loads = sizes.map((size) => {
    const load = Math.min(left, Math.floor((size * 100) / whole));
    left -= load;
    return load;
  });
  loads[sizes.findIndex((size) => size > 0)]! += left;
  return loads;
}
