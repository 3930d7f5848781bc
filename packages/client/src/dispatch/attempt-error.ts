import { type Lease, MeshError } from "@weft/core";
import type { FailureFacts } from "@weft/runtime";
import { addressOf } from "./exchange.ts";

/** What a caller is told of an attempt that failed: the failure with whose it is; as it came where the mesh has no word for it. */
export function attemptError(facts: FailureFacts, cause: unknown, service: string, lease: Lease): unknown {
  if (facts.code === undefined || cause instanceof MeshError) return cause;
  return new MeshError(facts.code, facts.problem, {
    service,
    attempt: lease.attempt,
    endpoint: addressOf(lease.endpoint),
    neverSent: facts.sent === "no",
    cause,
  });
}
