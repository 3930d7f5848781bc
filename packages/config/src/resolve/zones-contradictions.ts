import type { ZonesInput } from "../input/balancer-input.ts";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import { HASHING } from "./hashing-policy.ts";
import type { Fields } from "./merge.ts";

/**
 * Zones that cannot be followed.
 *
 * @param at path of the service, or of the defaults, where `zones` is written
 * @param knowsSelf whether the registry is told which instance this process is, and so may know its zone
 */
export function zonesContradictions(
  fields: Fields,
  at: Path,
  { zones }: { readonly zones?: ZonesInput | "off" },
  knowsSelf: boolean,
): readonly Finding[] {
  if (zones === undefined || zones === "off") return [];
  const path = [...at, "zones"];
  const own = fields.get("zones.own")?.value;
  if (own === undefined && !knowsSelf) {
    const message =
      "means nothing without own, the zone of this process, or discovery.self, so that the registry tells it";
    return [{ severity: "warning", path, message }];
  }
  const findings: Finding[] = [];
  const kind = String(fields.get("balancer.kind")?.value);
  if (HASHING.includes(kind) || kind === "source-ip") {
    findings.push({ severity: "warning", path, message: `means nothing with balancer.kind ${kind}: it goes by keys` });
  }
  const { callers } = zones;
  if (callers !== undefined && typeof own === "string" && !(Object.hasOwn(callers, own) && callers[own]! > 0)) {
    const message = `names no caller in ${own}, where this one is`;
    findings.push({ severity: "error", path: [...path, "callers"], message });
  }
  return findings;
}
