import { HpackDecoder } from "../hpack/hpack-decoder.ts";
import { Fields, NO_FIELDS } from "../head/fields.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import type { RequestHead } from "../head/request-head.ts";
import type { ResponseHead } from "../head/response-head.ts";
import { CONTENT_LENGTH, HOST, REQUEST_ROLES, RESPONSE_ROLES, TRAILER_ROLES } from "./field-roles.ts";
import { type HeadProblem, malformed } from "./head-problem.ts";
import { HeaderBlock } from "./header-block.ts";
import { requestOf } from "./request-block.ts";
import { responseOf } from "./response-block.ts";

export type { HeadProblem } from "./head-problem.ts";

/** The table that a peer may fill, in bytes: what SETTINGS_HEADER_TABLE_SIZE says when nobody changes it. */
const TABLE_BYTES = 4_096;
const FRAMING = (1 << HOST) | (1 << CONTENT_LENGTH);

/**
 * Reads the header blocks that come on one connection, in the order they come: each changes the table that the next
 * refers to.
 *
 * As strict as RFC 9113 8 asks, and as the parsers of HTTP/1.1 beside: what HTTP/1.1 would read differently does not
 * get through. Bytes of a block are looked at during the call alone.
 */
export class HeadReader {
  readonly #limits: HeadLimits;
  readonly #decoder = new HpackDecoder(TABLE_BYTES);
  readonly #block: HeaderBlock;

  /** @param limits maxHeadBytes is counted as RFC 9113 6.5.2 has it: names, values, and 32 for each field */
  constructor(limits: HeadLimits) {
    this.#limits = limits;
    this.#block = new HeaderBlock(limits);
  }

  /** The head of a request. @param from where its block begins, and ends at `to` */
  request(bytes: Buffer, from: number, to: number): RequestHead | HeadProblem {
    this.#block.begin(REQUEST_ROLES, this.#limits.underscores);
    return this.#read(bytes, from, to) ?? requestOf(this.#block);
  }

  /** The head of a response, also of one that is not the last (1xx). */
  response(bytes: Buffer, from: number, to: number): ResponseHead | HeadProblem {
    this.#block.begin(RESPONSE_ROLES, "keep");
    return this.#read(bytes, from, to) ?? responseOf(this.#block);
  }

  /**
   * Trailers of either. As of HTTP/1.1: fields that frame or route the message are refused, others that come too late
   * are dropped, and names with an underscore.
   */
  trailers(bytes: Buffer, from: number, to: number): Fields | HeadProblem {
    this.#block.begin(TRAILER_ROLES, "drop");
    const problem = this.#read(bytes, from, to);
    if (problem !== undefined) return problem;
    if ((this.#block.present & FRAMING) !== 0) return malformed("forbidden-trailer");
    const list = this.#block.list();
    return list.items.length === 0 ? NO_FIELDS : Fields.ofList(list);
  }

  /** A block that nobody wants: only the table follows it. */
  skip(bytes: Buffer, from: number, to: number): HeadProblem | undefined {
    return compression(this.#decoder.decode(bytes, from, to, undefined));
  }

  #read(bytes: Buffer, from: number, to: number): HeadProblem | undefined {
    return compression(this.#decoder.decode(bytes, from, to, this.#block)) ?? this.#block.problem;
  }
}

function compression(detail: string | undefined): HeadProblem | undefined {
  return detail === undefined ? undefined : { kind: "compression", detail };
}
