const DIGIT_ZERO = 0x30;
/** gRPC's UNKNOWN: what a status that is no number stands for. */
const UNKNOWN = 2;

/** `content-type` of gRPC itself: not of gRPC-Web, which has other frames. Source: gRPC over HTTP/2, "Content-Type". */
const GRPC = /^application\/grpc(?:$|[+; \t])/i;
/** Length of "application/grpc". */
export const GRPC_TYPE_BYTES = 16;

/** Whether a `content-type` says that the message is gRPC's. */
export function isGrpcType(contentType: string): boolean {
  return contentType.length >= GRPC_TYPE_BYTES && GRPC.test(contentType);
}

/**
 * The number in a `grpc-status` field, in a head or in trailers.
 *
 * @returns -1 for undefined; 2 (UNKNOWN) for what is no number of at most three digits, as gRPC's clients have it
 */
export function grpcStatusOf(value: string | undefined): number {
  if (value === undefined) return -1;
  if (value.length === 1) {
    const digit = value.charCodeAt(0) - DIGIT_ZERO;
    return digit >= 0 && digit <= 9 ? digit : UNKNOWN;
  }
  return /^\d{1,3}$/.test(value) ? Number(value) : UNKNOWN;
}
