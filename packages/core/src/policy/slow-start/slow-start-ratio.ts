/** However new, an endpoint gets a tenth of its traffic: otherwise it would stay cold. Source: Envoy `min_weight_percent`. */
const LEAST_RATIO = 0.1;

/**
 * Share of its traffic that an endpoint gets while it is new.
 *
 *   max(10 %, (age / window)^(1 / aggression)), 1 from the end of the window on
 *
 * @param ageMs      since it took traffic first, or again; a clock that stepped back counts as 0
 * @param windowMs   how long it counts as new, > 0
 * @param aggression 1: in proportion to its age; above, faster at first
 * Source: Envoy `slow_start_config`; reference 2.7.
 */
export function slowStartRatio(ageMs: number, windowMs: number, aggression = 1): number {
  if (ageMs >= windowMs) return 1;
  return Math.max(LEAST_RATIO, (Math.max(ageMs, 1) / windowMs) ** (1 / aggression));
}
