const DIGIT_ZERO = 0x30;
/** gRPC's UNKNOWN: what a status that is no number stands for. */
const UNKNOWN = 2;

/** `content-type` of gRPC itself: not of gRPC-Web, which has other frames. Source: gRPC over HTTP/2, "Content-Type". */
const GRPC = /^application\/grpc(?:$|[+; \t])/i;
/** Where the type is told from most others at a glance: the g behind "application/". */
const G_AT = 12;
const G = 0x67;
const TO_LOWER_CASE = 0x20;

/** Whether a `content-type` says that the message is gRPC's. */
export function isGrpcType(contentType: string): boolean {
  return (
    contentType === "application/grpc" ||
    ((contentType.charCodeAt(G_AT) | TO_LOWER_CASE) === G && GRPC.test(contentType))
  );
}

/** Whether the bytes may be such a type: asked before a string is made of them. */
export function mayBeGrpcType(bytes: Buffer, from: number, to: number): boolean {
  return to - from > G_AT && (bytes[from + G_AT]! | TO_LOWER_CASE) === G;
}

/**
 * The number in a `grpc-status` field, in a head or in trailers.
 *
 * @returns -1 for undefined; 2 (UNKNOWN) for what is no number of at most three digits, as gRPC's clients have it
 */
export function grpcStatusOf(value: string | undefined): number {
  if (value === undefined) return -1;
  if (value === "0") return 0; // most are
  if (value.length === 1) {
    const digit = value.charCodeAt(0) - DIGIT_ZERO;
    return digit >= 0 && digit <= 9 ? digit : UNKNOWN;
  }
  return /^\d{1,3}$/.test(value) ? Number(value) : UNKNOWN;
}
