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

/** A status of gRPC in its own word; a number that is none of them stands as it is. */
export function grpcStatusName(status: number): string {
  return NAMES[status] ?? String(status);
}
