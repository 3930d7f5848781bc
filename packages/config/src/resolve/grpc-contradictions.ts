import { isGrpcCondition } from "@weft/core";
import type { Path } from "../problem/problem.ts";
import type { Finding } from "../schema/find-problems.ts";
import { durationMs } from "../input/units.ts";
import type { Fields } from "./merge.ts";

/**
 * Statuses of gRPC in `retry.on` that nothing can ever meet. What is inherited is not judged: it is for every service.
 *
 * @param at path of the service or rule, where `own` is written
 */
export function grpcContradictions(
  fields: Fields,
  at: Path,
  own: { readonly retry?: { readonly on?: unknown } | "off" },
): readonly Finding[] {
  const listed = typeof own.retry === "object" && Array.isArray(own.retry.on) ? own.retry.on : [];
  const statuses = listed.filter((name): name is string => typeof name === "string" && isGrpcCondition(name));
  const path = [...at, "retry", "on"];
  const findings: Finding[] = [];
  if (statuses.length > 0 && fields.get("protocol")?.value === "http1")
    findings.push({
      severity: "error",
      path,
      message: `${statuses.join(", ")}: statuses of gRPC, which protocol http1 cannot carry: say grpc, http2 or auto`,
    });
  if (statuses.includes("deadline-exceeded") && durationMs(String(fields.get("timeout.attempt")?.value)) === 0)
    findings.push({
      severity: "warning",
      path,
      message:
        "deadline-exceeded: an endpoint is told how long the caller waits, and answers this when that is over: no time is left to repeat it, unless timeout.attempt is set",
    });
  return findings;
}
