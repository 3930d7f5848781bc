import { MeshError } from "../errors.ts";
import { isGrpcFailure } from "../grpc-status.ts";
import type { TracedCall } from "./tracing.ts";

/** What a call is judged by when it has ended. A TracedCall has it all. */
export interface JudgedCall extends Pick<TracedCall, "status" | "grpcStatus" | "error"> {
  readonly call: Pick<TracedCall["call"], "cutBy">;
}

/**
 * Whether a call failed, in the one sense that every home, number and trace has of it: the mesh or the service did not do
 * what was asked.
 *
 * So a refusal, a deadline and a broken body are failures, as are 5xx and gRPC's own for the same. What is the caller's is
 * none: 4xx with 429 among them, a status of gRPC such as NOT_FOUND or RESOURCE_EXHAUSTED, a caller that left.
 *
 * An attempt is judged otherwise, by what it says of its endpoint: see `outcomeOfStatus`.
 *
 * Source: semantic conventions for HTTP and gRPC, "Status" of server spans; Envoy, which counts 5xx and nothing below.
 * docs/errors.md has the table.
 */
export function hasFailed(ended: JudgedCall): boolean {
  const { status, grpcStatus, error } = ended;
  if (error !== undefined && !isGivenUp(ended)) return true;
  return status >= 500 || isGrpcFailure(grpcStatus);
}

/**
 * Whether its caller gave it up: it left, or aborted with whatever reason. The mesh's own reasons are MeshErrors.
 *
 * An AbortError is a caller's also where it came by a way that does not cut the call: node:http, once it sends.
 */
export function isGivenUp({ error, call }: Pick<JudgedCall, "error" | "call">): boolean {
  if (error === undefined || error instanceof MeshError) return false;
  return call.cutBy === error || (error instanceof Error && error.name === "AbortError");
}
