import type { OutgoingRequest } from "../exchange/outgoing-request.ts";
import { fieldName, knownName } from "../hpack/field-name.ts";
import { HpackEncoder } from "../hpack/hpack-encoder.ts";
import type { FieldList } from "../head/field-list.ts";
import type { Fields } from "../head/fields.ts";
import type { RequestHead } from "../head/request-head.ts";
import { KeptBytes, KeptSplit } from "./kept-parts.ts";
import { pseudoBytes, pseudoPart, type SchemeOfAll, writeAllButPath, writePath } from "./pseudo-part.ts";
import { SLOTS_PART, slotsBytes, writeAllButLength, writeLength, writeTrace } from "./slots-part.ts";

/**
 * Where blocks are written: what a writer answered lies here, from 0 on, until any writer is called again. More than any
 * head that was taken can become, and the longest that the policy file allows has 1 MiB; what of it is never written
 * to costs no memory.
 */
export const BLOCK: Buffer = Buffer.allocUnsafeSlow(1_088 * 1024);

const STATUS = knownName(":status");

/** By status: its text. */
const STATUS_TEXTS: readonly string[] = Array.from({ length: 600 }, (_, status) => String(status));

/**
 * Writes the header blocks that go out on one connection, in the order they go: each changes the table that the next
 * refers to. Every method answers the length of the block in BLOCK, or -1 when it does not fit there: then nothing may
 * be sent of it, and the next ones are right all the same. A block that was answered has to be sent.
 */
export class HeadWriter {
  readonly #encoder = new HpackEncoder();
  readonly #scheme: SchemeOfAll;
  readonly #pseudos: KeptSplit<RequestHead, unknown>;
  /** Of lists that come again and again, by their numbers. */
  readonly #lists = new KeptBytes<number>(this.#encoder);
  readonly #slots = new KeptSplit(this.#encoder, SLOTS_PART);

  /**
   * @param scheme of every request: that of the connection, for there are endpoints that take no other (ASP.NET, whose
   *   `AllowAlternateSchemes` is off). Absent: as the request came
   */
  constructor(scheme?: SchemeOfAll) {
    this.#scheme = scheme;
    this.#pseudos = new KeptSplit(this.#encoder, pseudoPart(scheme));
  }

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
    const pseudoTo = this.#pseudo(head, list);
    const listTo = pseudoTo < 0 ? -1 : this.#list(list, pseudoTo);
    const slotsTo = listTo < 0 ? -1 : this.#slotsOf(request, list, listTo);
    if (slotsTo < 0) return -1;
    this.#encoder.begin(BLOCK, slotsTo);
    writeTrace(this.#encoder, request, list.neverIndexed);
    return this.#encoder.end();
  }

  /** How large the head of a request is, as `request` writes it, by the count of RFC 9113 6.5.2. */
  requestBytes(request: OutgoingRequest): number {
    const { head } = request;
    return pseudoBytes(head, this.#scheme) + head.asList().bytes + slotsBytes(request);
  }

  /** @param length of the body; -1: nothing is said of it */
  response(status: number, fields: Fields, length: number): number {
    this.#encoder.begin(BLOCK, 0);
    this.#encoder.field(STATUS, STATUS_TEXTS[status] ?? String(status));
    const listTo = this.#list(fields.asList(), this.#encoder.end());
    if (listTo < 0 || length < 0) return listTo;
    this.#encoder.begin(BLOCK, listTo);
    this.#encoder.length(length);
    return this.#encoder.end();
  }

  trailers(fields: Fields): number {
    return this.#list(fields.asList(), 0);
  }

  #pseudo(head: RequestHead, { neverIndexed }: FieldList): number {
    if (neverIndexed.length === 0) return this.#pseudos.write(head, BLOCK, 0);
    this.#encoder.begin(BLOCK, 0);
    writeAllButPath(this.#encoder, head, this.#scheme, neverIndexed);
    writePath(this.#encoder, head, neverIndexed);
    return this.#encoder.end();
  }

  #list(list: FieldList, at: number): number {
    const { number } = list;
    if (number === 0 || !this.#lists.isWorthALook()) return this.#listAnew(list, at);
    const kept = this.#lists.find(number);
    const found = kept?.key === number ? kept : undefined;
    if (found?.bytes !== undefined) return this.#lists.copy(found.bytes, BLOCK, at);
    const end = this.#listAnew(list, at);
    this.#lists.wrote(number, number, found, BLOCK, at, end);
    return end;
  }

  #listAnew(list: FieldList, at: number): number {
    this.#encoder.begin(BLOCK, at);
    writeList(this.#encoder, list);
    return this.#encoder.end();
  }

  #slotsOf(request: OutgoingRequest, { neverIndexed }: FieldList, at: number): number {
    if (neverIndexed.length === 0) return this.#slots.write(request, BLOCK, at);
    this.#encoder.begin(BLOCK, at);
    writeAllButLength(this.#encoder, request, neverIndexed);
    writeLength(this.#encoder, request);
    return this.#encoder.end();
  }
}

function writeList(encoder: HpackEncoder, { items, neverIndexed }: FieldList): void {
  for (let i = 0; i < items.length; i += 2) {
    const name = items[i]!;
    const never = neverIndexed.length > 0 && neverIndexed.includes(name);
    encoder.field(fieldName(name), items[i + 1]!, never);
  }
}
