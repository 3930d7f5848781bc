import type { Node } from "./node.ts";

/** Whose checks are ignored because none passes them. */
export type PanicBy = "registry" | "active-checks";

/** Why an endpoint takes no traffic. There may be several reasons at once. */
export type Absence =
  | "draining"
  | "registry" // it fails the registry's checks
  | "active-check" // it fails ours
  | "ejected"
  | "trial"; // its ejection is over, and one attempt is to decide

/** Who may take traffic, as far as checks decide it. */
export interface Usable {
  readonly panic: PanicBy | undefined;
  /** What the registry must say of it. */
  readonly state: "passing" | "failing";
  /** Whether it must not be unhealthy. */
  readonly healthy: boolean;
}

/**
 * Which checks count. Each is ignored only when it would leave nobody: then the one who checks is more likely wrong
 * than all endpoints are down.
 *
 *   some pass the registry's, and of these some ours     both count
 *   some pass the registry's, and of these none ours     the registry's count
 *   none passes the registry's, some fail                those that fail it are used, and ours count if some pass these
 */
export function usableOf(nodes: readonly Node[]): Usable {
  const passing = nodes.some(({ endpoint }) => endpoint.state === "passing");
  const failing = nodes.some(({ endpoint }) => endpoint.state === "failing");
  const state = failing && !passing ? "failing" : "passing";
  const known = nodes.filter(({ endpoint }) => endpoint.state === state);
  const healthy = known.length === 0 || known.some(({ health }) => !health.unhealthy);
  return { state, healthy, panic: state === "failing" ? "registry" : healthy ? undefined : "active-checks" };
}

/** What keeps the node out of traffic; nothing when it is available. */
export function absencesOf({ endpoint, health, fitness }: Node, usable: Usable): readonly Absence[] {
  const reasons: Absence[] = [];
  if (endpoint.state === "draining") reasons.push("draining");
  else if (endpoint.state !== usable.state) reasons.push("registry");
  if (usable.healthy && health.unhealthy) reasons.push("active-check");
  if (fitness.state.kind === "ejected") reasons.push("ejected");
  if (fitness.state.kind === "probing") reasons.push("trial");
  return reasons;
}
