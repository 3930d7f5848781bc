import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { type FieldName, fieldName, knownName } from "../hpack/field-name.ts";
import { HpackEncoder } from "../hpack/hpack-encoder.ts";
import type { FieldList } from "../head/field-list.ts";
import type { Fields } from "../head/fields.ts";
import type { RequestHead } from "../head/request-head.ts";

/** More than any head that was taken can become. Where blocks are written: what a writer answered lies here, from 0 on, until any writer is called again. */
export const BLOCK: Buffer = Buffer.allocUnsafeSlow(96 * 1024);

const METHOD = knownName(":method");
const SCHEME = knownName(":scheme");
const AUTHORITY = knownName(":authority");
const PATH = knownName(":path");
const PROTOCOL = knownName(":protocol");
const STATUS = knownName(":status");
const CONTENT_LENGTH = knownName("content-length");
const TRACEPARENT = knownName("traceparent");
const DEADLINE = knownName("x-request-deadline-ms");
const GRPC_TIMEOUT = knownName("grpc-timeout");
const VIA = knownName("via");
const TE = knownName("te");

/** More than the representation of one field ever takes beside its name and value (RFC 7541 6.2): used when adding up. */
const FIELD_OVERHEAD = 32;
/** The same of all fields that are written beside those of a list, and of an update of the table's size. */
const SLOTS_OVERHEAD = 16 * FIELD_OVERHEAD;

/** By status: its text. */
const STATUS_TEXTS: readonly string[] = Array.from({ length: 600 }, (_, status) => String(status));

/**
 * Writes the header blocks that go out on one connection, in the order they go: each changes the table that the next
 * refers to. Every method answers the length of the block in BLOCK, or -1 when it does not fit there: then nothing has
 * changed.
 */
export class HeadWriter {
  readonly #encoder = new HpackEncoder();

  /** SETTINGS_HEADER_TABLE_SIZE of the peer, in bytes. */
  tableSize(bytes: number): void {
    this.#encoder.tableSize(bytes);
  }

  /**
   * A request, whichever protocol it came in. One without an authority goes without: HTTP/2 allows that for no http or
   * https URI, and it is the caller's to see to it.
   */
  request(request: OutgoingRequest): number {
    const { head } = request;
    const list = head.asList();
    if (list.bytes + bytesOf(request) > BLOCK.length) return -1;
    this.#encoder.begin(BLOCK, 0);
    this.#pseudo(head, list);
    this.#list(list);
    if (head.acceptsTrailers) this.#encoder.field(TE, "trailers", false);
    this.#slot(VIA, request.via);
    const length = bodyLength(request);
    if (length >= 0) this.#encoder.field(CONTENT_LENGTH, String(length), false);
    this.#slot(TRACEPARENT, request.traceparent);
    this.#slot(DEADLINE, request.deadline);
    this.#slot(GRPC_TIMEOUT, request.grpcTimeout);
    return this.#encoder.end();
  }

  /** @param length of the body; -1: nothing is said of it */
  response(status: number, fields: Fields, length: number): number {
    const list = fields.asList();
    if (list.bytes + SLOTS_OVERHEAD > BLOCK.length) return -1;
    this.#encoder.begin(BLOCK, 0);
    this.#encoder.field(STATUS, STATUS_TEXTS[status] ?? String(status), false);
    this.#list(list);
    if (length >= 0) this.#encoder.field(CONTENT_LENGTH, String(length), false);
    return this.#encoder.end();
  }

  trailers(fields: Fields): number {
    const list = fields.asList();
    if (list.bytes + SLOTS_OVERHEAD > BLOCK.length) return -1;
    this.#encoder.begin(BLOCK, 0);
    this.#list(list);
    return this.#encoder.end();
  }

  /** RFC 9113 8.3.1 and 8.5, RFC 8441 4. */
  #pseudo(head: RequestHead, { neverIndexed }: FieldList): void {
    const secretPath = neverIndexed.includes(PATH.text);
    this.#encoder.field(METHOD, head.method, false);
    if (head.form !== "authority") {
      if (head.protocol !== "") this.#encoder.field(PROTOCOL, head.protocol, false);
      this.#encoder.field(SCHEME, head.scheme === "" ? "http" : head.scheme, false);
      this.#encoder.field(PATH, head.target, secretPath);
    }
    if (head.authority !== "") this.#encoder.field(AUTHORITY, head.authority, neverIndexed.includes(AUTHORITY.text));
  }

  #list({ items, neverIndexed }: FieldList): void {
    for (let i = 0; i < items.length; i += 2) {
      const name = items[i]!;
      const never = neverIndexed.length > 0 && neverIndexed.includes(name);
      this.#encoder.field(fieldName(name), items[i + 1]!, never);
    }
  }

  #slot(name: FieldName, value: string): void {
    if (value !== "") this.#encoder.field(name, value, false);
  }
}

/** The most that a request takes beside its list. */
function bytesOf({ head, via, traceparent, deadline, grpcTimeout }: OutgoingRequest): number {
  const pseudo = head.method.length + head.protocol.length + head.target.length + head.authority.length;
  return pseudo + via.length + traceparent.length + deadline.length + grpcTimeout.length + SLOTS_OVERHEAD;
}

/** What is said of the body's length; -1: nothing, its end will tell. */
function bodyLength({ head, body }: OutgoingRequest): number {
  return body === undefined ? head.contentLength : body.length;
}
