import { failure, GRPC_STATUSES, IGNORED, type Outcome, SUCCESS } from "@weft/core";

/** The statuses of gRPC that are spoken of here. Source: gRPC, "Status codes". */
export const GRPC_STATUS = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

/**
 * What a status says of the endpoint that sent it: an endpoint that says no, as with NOT_FOUND, has worked.
 *
 * @param holdMs how long it asks to be left alone, >= 0
 * Source: reference policies 2.4; Envoy's outlier detection, which counts those that it maps to 5xx. UNIMPLEMENTED is 501
 * there and fails, here it is the deployment's matter as 501 is.
 */
export function outcomeOfGrpcStatus(status: number, holdMs = 0): Outcome {
  switch (status) {
    case GRPC_STATUS.unavailable:
    case GRPC_STATUS.deadlineExceeded:
    case GRPC_STATUS.internal:
    case GRPC_STATUS.unknown:
    case GRPC_STATUS.dataLoss:
      return failure("server-error", holdMs);
    case GRPC_STATUS.resourceExhausted:
      return failure("overloaded", holdMs);
    case GRPC_STATUS.cancelled:
      return IGNORED;
    default:
      return status < GRPC_STATUSES ? SUCCESS : failure("server-error", holdMs); // a number beyond is UNKNOWN
  }
}

/**
 * The status that an HTTP status without one stands for. Source: gRPC, "HTTP to gRPC Status Code Mapping".
 *
 * @param status not 200
 */
export function grpcStatusOfHttp(status: number): number {
  switch (status) {
    case 400:
      return GRPC_STATUS.internal;
    case 401:
      return GRPC_STATUS.unauthenticated;
    case 403:
      return GRPC_STATUS.permissionDenied;
    case 404:
      return GRPC_STATUS.unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return GRPC_STATUS.unavailable;
    default:
      return GRPC_STATUS.unknown;
  }
}

/** Codes of HTTP/2, as RST_STREAM has them. Source: RFC 9113 7. */
const REFUSED_STREAM = 0x7;
const CANCEL = 0x8;
const ENHANCE_YOUR_CALM = 0xb;
const INADEQUATE_SECURITY = 0xc;
/** REFUSED_STREAM aside, codes below say that a rule of HTTP/2 was broken, or that something went wrong inside. */
const LAST_OF_PROTOCOL = 0xa;

/** The status that a reset stream stands for. Source: gRPC over HTTP/2, "Errors". */
export function grpcStatusOfReset(code: number): number {
  if (code === REFUSED_STREAM) return GRPC_STATUS.unavailable;
  if (code === CANCEL) return GRPC_STATUS.cancelled;
  if (code <= LAST_OF_PROTOCOL) return GRPC_STATUS.internal;
  if (code === ENHANCE_YOUR_CALM) return GRPC_STATUS.resourceExhausted;
  return code === INADEQUATE_SECURITY ? GRPC_STATUS.permissionDenied : GRPC_STATUS.unknown;
}
