import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { type FieldName, knownName } from "../hpack/field-name.ts";
import type { HpackEncoder } from "../hpack/hpack-encoder.ts";
import type { PartOf } from "./kept-parts.ts";
import { fieldBytes } from "./pseudo-part.ts";

const TE = knownName("te");
const VIA = knownName("via");
const CONTENT_LENGTH = knownName("content-length");
const DEADLINE = knownName("x-request-deadline-ms");
const GRPC_TIMEOUT = knownName("grpc-timeout");
const TRACEPARENT = knownName("traceparent");

const NONE: readonly string[] = [];

/** What stands in the slots of a request that mostly have the value of the one before. */
interface Slots {
  readonly acceptsTrailers: boolean;
  readonly via: string;
  readonly length: number;
  readonly deadline: string;
  readonly grpcTimeout: string;
}

/** The slots of a request without its trace, which is another's each time; none of them came never indexed. */
export const SLOTS_PART: PartOf<OutgoingRequest, Slots> = {
  hash: (request) => bodyLength(request) * 3 + request.deadline.length + request.grpcTimeout.length * 5,
  key: (request) => ({
    acceptsTrailers: request.head.acceptsTrailers,
    via: request.via,
    length: bodyLength(request),
    deadline: request.deadline,
    grpcTimeout: request.grpcTimeout,
  }),
  isOf: (slots, request) =>
    slots.length === bodyLength(request) &&
    slots.deadline === request.deadline &&
    slots.grpcTimeout === request.grpcTimeout &&
    slots.via === request.via &&
    slots.acceptsTrailers === request.head.acceptsTrailers,
  write: (encoder, request) => writeSlots(encoder, request, NONE),
};

/** @param neverIndexed names of those that came so */
export function writeSlots(encoder: HpackEncoder, request: OutgoingRequest, neverIndexed: readonly string[]): void {
  if (request.head.acceptsTrailers) encoder.field(TE, "trailers");
  writeSlot(encoder, VIA, request.via, neverIndexed);
  const length = bodyLength(request);
  if (length >= 0) encoder.field(CONTENT_LENGTH, String(length));
  writeSlot(encoder, DEADLINE, request.deadline, neverIndexed);
  writeSlot(encoder, GRPC_TIMEOUT, request.grpcTimeout, neverIndexed);
}

/** The slot that `writeSlots` leaves out. */
export function writeTrace(encoder: HpackEncoder, request: OutgoingRequest, neverIndexed: readonly string[]): void {
  writeSlot(encoder, TRACEPARENT, request.traceparent, neverIndexed);
}

/** How large all slots are by the count of RFC 9113 6.5.2. */
export function slotsBytes(request: OutgoingRequest): number {
  const length = bodyLength(request);
  return (
    slotBytes(TE, request.head.acceptsTrailers ? "trailers" : "") +
    slotBytes(VIA, request.via) +
    slotBytes(CONTENT_LENGTH, length < 0 ? "" : String(length)) +
    slotBytes(TRACEPARENT, request.traceparent) +
    slotBytes(DEADLINE, request.deadline) +
    slotBytes(GRPC_TIMEOUT, request.grpcTimeout)
  );
}

function writeSlot(encoder: HpackEncoder, name: FieldName, value: string, neverIndexed: readonly string[]): void {
  if (value === "") return;
  encoder.field(name, value, neverIndexed.length > 0 && neverIndexed.includes(name.text));
}

/** Of a field that is not there without a value. */
function slotBytes(name: FieldName, value: string): number {
  return value === "" ? 0 : fieldBytes(name, value);
}

/** What is said of the body's length; -1: nothing, its end will tell. */
function bodyLength({ head, body }: OutgoingRequest): number {
  return body === undefined ? head.contentLength : body.length;
}
