import { MeshError } from "@weft/core";
import type { ServiceRuntime } from "./service-runtime.ts";

/** Takes an endpoint out of traffic for `forMs`, in ms, > 0. @throws MeshError NO_ENDPOINTS when none has this id */
export function ejectByHand(service: ServiceRuntime, id: string, forMs: number): void {
  if (!service.cluster.eject(id, forMs)) throw missing(service, id);
}

/** Gives it its traffic back. @throws MeshError NO_ENDPOINTS when none has this id */
export function restoreByHand(service: ServiceRuntime, id: string): void {
  if (!service.cluster.restore(id)) throw missing(service, id);
}

/** Names in the error, of those that there are. */
const NAMED = 10;

function missing({ name, cluster }: ServiceRuntime, id: string): MeshError {
  const known = cluster.snapshot().endpoints.map(({ endpoint }) => endpoint.id);
  const list = known.length === 0 ? "none" : known.slice(0, NAMED).join(", ");
  return new MeshError("NO_ENDPOINTS", `none has the id ${id}; known: ${list}`, { service: name });
}
