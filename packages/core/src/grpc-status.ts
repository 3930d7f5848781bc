/** gRPC's words for its statuses, by number. Source: gRPC, "Status codes". */
const NAMES: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** How many statuses of gRPC there are: 0 to 16. */
export const GRPC_STATUSES: number = NAMES.length;

/** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. Source: semantic conventions, server spans. */
const FAILURES: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/**
 * Whether a status says that the service failed, and not that it was asked for what it will not do. A number that gRPC
 * does not have counts as UNKNOWN, as for its clients.
 *
 * @param status -1: there is none
 */
export function isGrpcFailure(status: number): boolean {
  return status > 0 && (status >= GRPC_STATUSES || FAILURES.has(status));
}

/** A status of gRPC in its own word; a number that is none of them stands as it is. */
export function grpcStatusName(status: number): string {
  return NAMES[status] ?? String(status);
}
