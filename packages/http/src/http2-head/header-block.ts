import type { FieldName, FieldSink } from "../hpack/field-name.ts";
import type { Underscores } from "../head/field-scan.ts";
import { FieldList } from "../head/field-list.ts";
import type { HeadLimits } from "../head/head-limits.ts";
import * as role from "./field-roles.ts";
import type { HpackDecoder } from "../hpack/hpack-decoder.ts";
import type { ListMemo } from "./list-memo.ts";
import { type HeadProblem, malformed, type MalformedCode, refused, type RefusedCode } from "./head-problem.ts";
import { nameKind, valueProblem, valueProblemIn } from "./value-rules.ts";

/** What a field costs beside its bytes (RFC 9113 6.5.2). */
const FIELD_OVERHEAD = 32;
/** Longest value of which it is kept in mind that it was in order. */
const MAX_KEPT_VALUE = 256;

const NOTHING = Buffer.alloc(0);

/** By `FieldName.known`: the last value of a table that was in order. Most come again. */
const lastRight: string[] = [];

/**
 * The fields of one header block, as the decoder tells them: those with a role are kept apart, the others listed. What
 * holds for heads of every kind is checked here. After the first problem nothing is looked at any more, but the
 * decoder goes on, for its table's sake.
 *
 * One object serves all blocks of a process: what it holds is right until the next one begins.
 */
export class HeaderBlock implements FieldSink {
  /** The first that was found. */
  problem: HeadProblem | undefined = undefined;
  /** Bit n: a field of role n came, and in `repeated`: more than one. */
  present = 0;
  repeated = 0;
  seen = 0;
  /** By role: the first value; all of them as one where that has a meaning, as of cookies (RFC 9113 8.2.3). */
  readonly values: string[] = Array.from({ length: role.ROLES }, () => "");
  /** Names of those that came never indexed. */
  neverIndexed: string[] | undefined = undefined;

  /** A name of a request holds an underscore: what becomes of it is decided when all is known. */
  #underscored = false;
  /** The fields without a slot: name, value, name, value. Used again for each block. */
  readonly #items: string[] = [];
  #itemCount = 0;
  #decoder: HpackDecoder | undefined = undefined;
  /** The bytes that the block lies in. */
  #block: Buffer = NOTHING;
  #roles: Uint8Array = role.REQUEST_ROLES;
  #underscores: Underscores = "keep";
  #maxBytes = 0;
  #maxFields = 0;
  #bytes = 0;
  #count = 0;
  #hash = 0;

  /**
   * @param block the bytes that it lies in
   * @param roles of the kind of block that comes
   * @param underscores in the place of those of the limits
   */
  begin(decoder: HpackDecoder, limits: HeadLimits, block: Buffer, roles: Uint8Array, underscores: Underscores): void {
    this.problem = undefined;
    this.present = 0;
    this.repeated = 0;
    this.seen = 0;
    this.neverIndexed = undefined;
    this.#underscored = false;
    this.#itemCount = 0;
    this.#decoder = decoder;
    this.#block = block;
    this.#roles = roles;
    this.#underscores = underscores;
    this.#maxBytes = limits.maxHeadBytes;
    this.#maxFields = limits.maxFields;
    this.#bytes = 0;
    this.#count = 0;
    this.#hash = 0;
  }

  field(name: FieldName, value: string, neverIndexed: boolean): void {
    if (this.problem !== undefined) return;
    this.#bytes += name.text.length + value.length + FIELD_OVERHEAD;
    if (this.#bytes > this.#maxBytes) {
      this.#refuse("head-too-long");
      return;
    }
    const { known } = name;
    if (!this.#takesValue(known, value)) return;
    const its = this.#roles[known]!;
    if (its >= role.FIRST_PSEUDO) this.#pseudo(its, value);
    else if (this.#takesField(its, name.text)) {
      this.seen |= role.SEEN_BITS[known]!;
      if (its < role.FIRST_SLOT) {
        this.#add(name.text, value);
        this.#hash = (Math.imul(this.#hash, 31) + name.slot * 7 + value.length) | 0;
      }
      if (its > role.PLAIN) this.#note(its, value);
    } else return;
    if (neverIndexed) (this.neverIndexed ??= []).push(name.text);
  }

  /** The value of a role; "" when none came. */
  value(its: number): string {
    return (this.present & (1 << its)) === 0 ? "" : this.values[its]!;
  }

  /** The same; "" as well when more than one came. */
  single(its: number): string {
    return (this.repeated & (1 << its)) === 0 ? this.value(its) : "";
  }

  has(its: number): boolean {
    return (this.present & (1 << its)) !== 0;
  }

  /**
   * What becomes of a request's names with an underscore: to gRPC they are names like others, and no CGI-like reader
   * gets them. Before `list`.
   */
  settleUnderscores(grpc: boolean): HeadProblem | undefined {
    if (!this.#underscored || grpc) return undefined;
    if (this.#underscores === "refuse") return refused("underscore");
    const items = this.#items;
    let kept = 0;
    for (let at = 0; at < this.#itemCount; at += 2) {
      if (items[at]!.includes("_")) continue;
      items[kept] = items[at]!;
      items[kept + 1] = items[at + 1]!;
      kept += 2;
    }
    this.#itemCount = kept;
    return undefined;
  }

  /** What has no slot of its own. Once for a block. */
  list(lists: ListMemo): FieldList {
    if (this.has(role.COOKIE)) this.#add("cookie", this.values[role.COOKIE]!);
    // What is never to be indexed is kept nowhere else either.
    if (this.neverIndexed === undefined) return lists.listOf(this.#items, this.#itemCount, this.#bytes, this.#hash);
    return new FieldList(this.#items.slice(0, this.#itemCount), this.neverIndexed);
  }

  #add(name: string, value: string): void {
    const items = this.#items;
    items[this.#itemCount] = name;
    items[this.#itemCount + 1] = value;
    this.#itemCount += 2;
  }

  /** A value that stands in the block is checked there: that costs less than to compare it with the last one. */
  #takesValue(known: number, value: string): boolean {
    const { valueAt, valueInOrder } = this.#decoder!; // a block has begun
    if (valueAt >= 0) {
      const wrong = valueProblemIn(this.#block, valueAt, valueAt + value.length);
      return wrong === undefined || this.#malformed(wrong);
    }
    if (valueInOrder || lastRight[known] === value) return true;
    const wrong = valueProblem(value);
    if (wrong !== undefined) return this.#malformed(wrong);
    if (value.length <= MAX_KEPT_VALUE) lastRight[known] = value;
    return true;
  }

  #pseudo(its: number, value: string): void {
    if (this.#roles === role.TRAILER_ROLES) this.#malformed("pseudo-in-trailers");
    else if (its === role.FOREIGN) this.#malformed("pseudo-unknown");
    else if (this.#count > 0) this.#malformed("pseudo-late");
    else if (this.has(its)) this.#malformed("pseudo-twice");
    this.present |= 1 << its;
    this.values[its] = value;
  }

  /** Whether the field is passed on, or noted. What is dropped counts as well. */
  #takesField(its: number, name: string): boolean {
    // Crumbs of a cookie are one field that was cut in pieces (RFC 9113 8.2.3).
    if (its !== role.COOKIE || !this.has(its)) this.#count++;
    if (its === role.UNKNOWN && !this.#takesName(name)) return false;
    if (this.#count > this.#maxFields) return this.#refuse("too-many-fields");
    return its === role.CONNECTION_FIELD ? this.#malformed("connection-field") : its !== role.DROPPED;
  }

  #takesName(name: string): boolean {
    if (name.startsWith(":"))
      return this.#malformed(this.#roles === role.TRAILER_ROLES ? "pseudo-in-trailers" : "pseudo-unknown");
    const kind = nameKind(name);
    if (kind === "malformed") return this.#malformed("field-name");
    if (kind === "name" || this.#underscores === "keep") return true;
    if (this.#roles === role.REQUEST_ROLES) return (this.#underscored = true);
    return this.#underscores === "refuse" ? this.#refuse("underscore") : false;
  }

  #note(its: number, value: string): void {
    if (!this.has(its)) {
      this.present |= 1 << its;
      this.values[its] = value;
      return;
    }
    this.repeated |= 1 << its;
    if (its === role.COOKIE) this.values[its] += `; ${value}`;
    else if (its === role.TE || its === role.EXPECT) this.values[its] += `, ${value}`;
  }

  #malformed(code: MalformedCode): false {
    return this.#stop(malformed(code));
  }

  #refuse(code: RefusedCode): false {
    return this.#stop(refused(code));
  }

  #stop(problem: HeadProblem): false {
    this.problem ??= problem;
    this.#decoder!.skipRest(); // a block has begun
    return false;
  }
}
