import type { Endpoint } from "../../endpoint.ts";

/** The largest priority. Source: Envoy `LocalityLbEndpoints.priority`. */
const LARGEST = 128;

/**
 * Whose turn it is before others: 0 is first. What the registry says in the metadata `priority`; 0 when it says
 * nothing, or no whole number in 0..128.
 */
export function priorityOf({ meta }: Endpoint): number {
  const said = Object.hasOwn(meta, "priority") ? meta["priority"]! : "";
  const priority = /^[0-9]{1,3}$/.test(said) ? Number(said) : 0;
  return priority <= LARGEST ? priority : 0;
}
