import { authority, type Lease, MeshError } from "@weft/core";
import type { FailureFacts } from "@weft/runtime";

/** What a caller is told of an attempt that failed: the failure with whose it is; as it came where the mesh has no word for it. */
export function attemptError(facts: FailureFacts, cause: unknown, service: string, lease: Lease): unknown {
  if (facts.code === undefined || cause instanceof MeshError) return cause;
  const { attempt, endpoint } = lease;
  return new MeshError(facts.code, facts.problem, {
    service,
    attempt,
    endpoint: authority(endpoint.host, endpoint.port),
    neverSent: facts.sent === "no",
    cause,
  });
}
