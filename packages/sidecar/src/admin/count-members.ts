import type { NodeSnapshot } from "@weft/core";

/** How many endpoints there are, each counted once: by the first of these rules that keeps it out of traffic. */
export interface Members {
  readonly total: number;
  readonly available: number;
  readonly ejected: number;
  /** Its ejection is over, and one attempt is to decide. */
  readonly trial: number;
  /** It fails our active check. */
  readonly unhealthy: number;
  /** It fails the registry's checks. */
  readonly failing: number;
  readonly draining: number;
}

export function countMembers(nodes: readonly NodeSnapshot[]): Members {
  const counts = { total: nodes.length, available: 0, ejected: 0, trial: 0, unhealthy: 0, failing: 0, draining: 0 };
  for (const { out } of nodes) counts[stateOf(out)]++;
  return counts;
}

function stateOf(out: NodeSnapshot["out"]): Exclude<keyof Members, "total"> {
  if (out.length === 0) return "available";
  if (out.includes("ejected")) return "ejected";
  if (out.includes("trial")) return "trial";
  if (out.includes("active-check")) return "unhealthy";
  return out.includes("registry") ? "failing" : "draining";
}
