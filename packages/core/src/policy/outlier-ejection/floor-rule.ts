/**
 * Whether one more endpoint may be ejected, as numbers decide it. Undefined when it may; in words why not, otherwise.
 *
 *   allowed = max(1, floor(members * maxEjectedRatio)), and one endpoint at least stays available
 *
 * @param members   endpoints that the registry calls passing
 * @param ejected   of these, ejected or probing now
 * @param available endpoints that take traffic now, the candidate among them
 * The last of a priority may go: the next priority takes its calls, which is what it is there for.
 * Source: reference 2.9 item 4. Envoy's 10 % of 3 endpoints allows none; this allows one.
 */
export function whyKept(
  members: number,
  ejected: number,
  available: number,
  maxEjectedRatio: number,
): string | undefined {
  if (members <= 1) return "it is the only endpoint";
  if (available <= 1) return "it is the last endpoint available";
  const allowed = Math.max(1, Math.floor(members * maxEjectedRatio));
  return ejected < allowed ? undefined : `${ejected} of ${members} are ejected, and ${allowed} may be`;
}
