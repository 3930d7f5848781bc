import type { BalancerInput } from "../input/balancer-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import type { Fields } from "./merge.ts";

/**
 * That reports are to weigh, told to a balancer for which they do not, or do so anyway. What is inherited is not judged.
 *
 * @param at path of the service, where `own` is written
 */
export function reportContradictions(
  fields: Fields,
  at: Path,
  { balancer = {} }: { readonly balancer?: BalancerInput },
): readonly Finding[] {
  if (balancer.reportsWeigh !== true) return [];
  const kind = String(fields.get("balancer.kind")?.value);
  const why = whyIdle(kind, fields.has("balancer.maxLoad"));
  if (why === undefined) return [];
  const path = [...at, "balancer", "reportsWeigh"];
  return [{ severity: "warning", path, message: `changes nothing with balancer.kind ${kind}: ${why}` }];
}

function whyIdle(kind: string, bounded: boolean): string | undefined {
  switch (kind) {
    case "reported-load":
    case "prequal":
      return "it goes by reports already";
    case "round-robin":
    case "first":
      return "it goes by no weight; weighted-round-robin does";
    case "ring-hash":
    case "maglev":
    case "ketama":
    case "source-ip":
      return bounded ? undefined : "keys stay where they are; with maxLoad, its bound goes by reports";
    default:
      return undefined;
  }
}
