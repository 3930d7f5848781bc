import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { type FieldName, knownName } from "../hpack/field-name.ts";
import type { HpackEncoder } from "../hpack/hpack-encoder.ts";
import type { SplitPart } from "./kept-parts.ts";
import { fieldBytes, isNever } from "./pseudo-part.ts";

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
export const SLOTS_PART: SplitPart<OutgoingRequest, Slots> = {
  all: {
    hash: (request) => bodyLength(request) * 3 + hashButLength(request),
    key: keyOf,
    isOf: (slots, request) => slots.length === bodyLength(request) && isSameButLength(slots, request),
    write(encoder, request) {
      writeAllButLength(encoder, request, NONE);
      writeLength(encoder, request);
    },
  },
  rest: {
    hash: hashButLength,
    key: keyOf,
    isOf: isSameButLength,
    write: (encoder, request) => writeAllButLength(encoder, request, NONE),
  },
  writeChanging: writeLength,
};

function hashButLength({ deadline, grpcTimeout }: OutgoingRequest): number {
  return deadline.length + grpcTimeout.length * 5;
}

function keyOf(request: OutgoingRequest): Slots {
  const { head, via, deadline, grpcTimeout } = request;
  return { acceptsTrailers: head.acceptsTrailers, via, length: bodyLength(request), deadline, grpcTimeout };
}

function isSameButLength(slots: Slots, request: OutgoingRequest): boolean {
  return (
    slots.deadline === request.deadline &&
    slots.grpcTimeout === request.grpcTimeout &&
    slots.via === request.via &&
    slots.acceptsTrailers === request.head.acceptsTrailers
  );
}

/** @param neverIndexed names of those that came so */
export function writeAllButLength(
  encoder: HpackEncoder,
  request: OutgoingRequest,
  neverIndexed: readonly string[],
): void {
  if (request.head.acceptsTrailers) encoder.field(TE, "trailers");
  writeSlot(encoder, VIA, request.via, neverIndexed);
  writeSlot(encoder, DEADLINE, request.deadline, neverIndexed);
  writeSlot(encoder, GRPC_TIMEOUT, request.grpcTimeout, neverIndexed);
}

/** What `writeAllButLength` leaves out. */
export function writeLength(encoder: HpackEncoder, request: OutgoingRequest): void {
  const length = bodyLength(request);
  if (length >= 0) encoder.length(length);
}

/** The slot that neither of them writes. */
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
  encoder.field(name, value, isNever(name, neverIndexed));
}

/** Of a field that is not there without a value. */
function slotBytes(name: FieldName, value: string): number {
  return value === "" ? 0 : fieldBytes(name, value);
}

/** What is said of the body's length; -1: nothing, its end will tell. */
function bodyLength({ head, body }: OutgoingRequest): number {
  return body === undefined ? head.contentLength : body.length;
}
