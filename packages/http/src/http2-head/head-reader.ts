import { HpackDecoder } from "../hpack/hpack-decoder.ts";
import type { FieldList } from "../head/field-list.ts";
import type { Underscores } from "../head/field-scan.ts";
import { Fields, NO_FIELDS } from "../head/fields.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import { RequestHead, type RequestParts } from "../head/request-head.ts";
import { ResponseHead, type ResponseParts } from "../head/response-head.ts";
import { BlockMemo, blockMemory } from "./block-memo.ts";
import { CONTENT_LENGTH, HOST, REQUEST_ROLES, RESPONSE_ROLES, TRAILER_ROLES } from "./field-roles.ts";
import { type HeadProblem, malformed } from "./head-problem.ts";
import { HeaderBlock } from "./header-block.ts";
import { ListMemo } from "./list-memo.ts";
import { readRequest } from "./request-block.ts";
import { readResponse } from "./response-block.ts";
import { TableReplay } from "./table-replay.ts";

export type { HeadProblem } from "./head-problem.ts";

/** The table that a peer may fill, in bytes: what SETTINGS_HEADER_TABLE_SIZE says when nobody changes it. */
const TABLE_BYTES = 4_096;
/** Reading is one synchronous step, so that one serves all readers. */
const block = new HeaderBlock();
/** What comes from callers and from endpoints lies in memory of its own; trailers mostly come from endpoints. */
const ofCallers = blockMemory();
const ofEndpoints = blockMemory();
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
  readonly #replay = new TableReplay(this.#decoder, TABLE_BYTES);
  readonly #lists = new ListMemo();
  readonly #requests = new BlockMemo<RequestParts>(ofCallers);
  readonly #responses = new BlockMemo<ResponseParts>(ofEndpoints);
  readonly #trailers = new BlockMemo<FieldList>(ofEndpoints);
  /** What becomes of underscores in trailers: a connection has those of one kind of message alone. */
  #inTrailers: Underscores = "drop";
  /** Of the table, before the last block. */
  #before = 0;

  /** @param limits maxHeadBytes is counted as RFC 9113 6.5.2 has it: names, values, and 32 for each field */
  constructor(limits: HeadLimits) {
    this.#limits = limits;
    if (limits.underscores === "keep") this.#inTrailers = "keep";
  }

  /** The head of a request. @param from where its block begins, and ends at `to` */
  request(bytes: Buffer, from: number, to: number): RequestHead | HeadProblem {
    const kept = this.#find(this.#requests, bytes, from, to);
    if (kept !== undefined) return new RequestHead(kept);
    const problem = this.#decode(bytes, from, to, REQUEST_ROLES, this.#limits.underscores);
    if (problem !== undefined) return problem;
    const parts = readRequest(block, this.#lists);
    if ("kind" in parts) return parts;
    if (this.#requests.wants()) this.#enter(this.#requests, bytes, from, to, parts, parts.list);
    return new RequestHead(parts);
  }

  /** The head of a response, also of one that is not the last (1xx). */
  response(bytes: Buffer, from: number, to: number): ResponseHead | HeadProblem {
    const kept = this.#find(this.#responses, bytes, from, to);
    if (kept !== undefined) return new ResponseHead(kept);
    this.#inTrailers = "keep";
    const problem = this.#decode(bytes, from, to, RESPONSE_ROLES, "keep");
    if (problem !== undefined) return problem;
    const parts = readResponse(block, this.#lists);
    if ("kind" in parts) return parts;
    if (this.#responses.wants()) this.#enter(this.#responses, bytes, from, to, parts, parts.list);
    return new ResponseHead(parts);
  }

  /**
   * Trailers of either. As of HTTP/1.1: fields that frame or route the message are refused, others that come too late
   * are dropped, and so are names with an underscore in those of a request: a response may have them wherever it likes,
   * as metadata of gRPC does.
   */
  trailers(bytes: Buffer, from: number, to: number): Fields | HeadProblem {
    const kept = this.#find(this.#trailers, bytes, from, to);
    if (kept !== undefined) return fieldsOf(kept);
    const problem = this.#decode(bytes, from, to, TRAILER_ROLES, this.#inTrailers);
    if (problem !== undefined) return problem;
    if ((block.present & FRAMING) !== 0) return malformed("forbidden-trailer");
    const list = block.list(this.#lists);
    if (this.#trailers.wants()) this.#enter(this.#trailers, bytes, from, to, list, list);
    return fieldsOf(list);
  }

  /** A block that nobody wants: only the table follows it. */
  skip(bytes: Buffer, from: number, to: number): HeadProblem | undefined {
    return compression(this.#decoder.decode(bytes, from, to, undefined));
  }

  #decode(
    bytes: Buffer,
    from: number,
    to: number,
    roles: Uint8Array,
    underscores: Underscores,
  ): HeadProblem | undefined {
    this.#before = this.#decoder.generation;
    block.begin(this.#decoder, this.#limits, bytes, roles, underscores);
    return compression(this.#decoder.decode(bytes, from, to, block)) ?? block.problem;
  }

  #find<Head>(memo: BlockMemo<Head>, bytes: Buffer, from: number, to: number): Head | undefined {
    const entry = memo.find(bytes, from, to, this.#decoder.generation);
    if (entry?.inserts !== undefined) this.#replay.replay(entry.inserts);
    return entry?.head;
  }

  /** Keeps what the last block said, where it can be told when it will say the same again. */
  #enter<Head>(
    memo: BlockMemo<Head>,
    bytes: Buffer,
    from: number,
    to: number,
    head: Head,
    list: FieldList | undefined,
  ): void {
    if (block.neverIndexed !== undefined) return;
    const { generation, usedTable } = this.#decoder;
    const changed = generation !== this.#before;
    if (changed && usedTable) return;
    const inserts = changed ? this.#decoder.inserts() : undefined;
    if (changed && inserts === undefined) return;
    // Nobody decodes it again, and so sees that the list is one that was there before.
    list?.comesAgain();
    memo.enter(bytes, from, to, { generation: usedTable ? generation : -1, inserts }, head);
  }
}

function fieldsOf(list: FieldList): Fields {
  return list.items.length === 0 ? NO_FIELDS : Fields.ofList(list);
}

function compression(detail: string | undefined): HeadProblem | undefined {
  return detail === undefined ? undefined : { kind: "compression", detail };
}
