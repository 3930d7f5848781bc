import type { NodeSnapshot } from "../cluster/cluster.ts";
import type { Absence } from "../cluster/usable.ts";

/**
 * Why an endpoint takes no traffic, in words: each rule that keeps it out. Empty when it is available.
 *
 * @param atMs the instant of the snapshot
 */
export function whyOut(node: NodeSnapshot, atMs: number): string {
  return node.out.map((reason) => words(reason, node, atMs)).join("; ");
}

function words(reason: Absence, { health, fitness }: NodeSnapshot, atMs: number): string {
  switch (reason) {
    case "draining":
      return "drains, says the registry";
    case "registry":
      return "fails the registry's checks";
    case "active-check":
      return `fails its active check: ${health.kind === "unhealthy" ? health.why : ""}`;
    case "ejected": {
      if (fitness.kind !== "ejected") return "is ejected";
      const forMs = fitness.untilMs - atMs;
      const length =
        forMs === Number.POSITIVE_INFINITY
          ? "until it is restored"
          : `for another ${Math.max(0, forMs / 1000).toFixed(1)} s`;
      return `is ejected ${length}: ${fitness.why === "" ? "for its failures" : fitness.why}`;
    }
    case "trial":
      return "is on trial after its ejection";
    default:
      return reason satisfies never;
  }
}
