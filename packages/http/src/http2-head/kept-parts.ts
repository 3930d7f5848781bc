import type { HpackEncoder } from "../hpack/hpack-encoder.ts";
import { DrySpell } from "./dry-spell.ts";
import { ownBytes } from "./own-bytes.ts";

/** Parts kept of a connection at once, a power of two: many callers reach an endpoint through one, each with lists of its own. */
const SLOTS = 256;
/** Longest part that is kept, in bytes. */
const MAX_BYTES = 512;
/** Up to here a part is copied byte by byte: a call into C++ costs more. */
const SHORT = 40;

/** A part of a block: how it is written, and known again. */
export interface PartOf<What, Key> {
  /** The same for what gives the same part. */
  hash(what: What): number;
  /** What tells it from others: small, for it is kept. */
  key(what: What): Key;
  isOf(key: Key, what: What): boolean;
  write(encoder: HpackEncoder, what: What): void;
}

/** A part as it was last written. */
export interface KeptPart<Key> {
  readonly key: Key;
  /** Of the encoder, behind the part. */
  readonly generation: number;
  /** Undefined when it was written only once so far. */
  readonly bytes: Uint8Array | undefined;
}

/** A part of which some callers have one thing anew each time: where it changes, the rest is kept without it. */
export interface SplitPart<What, Key> {
  readonly all: PartOf<What, Key>;
  readonly rest: PartOf<What, Key>;
  /** What `rest` leaves out, behind it. */
  writeChanging(encoder: HpackEncoder, what: What): void;
}

/**
 * The bytes of a part of a header block that is often the same: they stand for the same fields as long as nothing is put
 * into the encoder's table.
 *
 * They are kept when the part is written a second time with nothing put into the table in between. So a part that
 * changes each time, or a table that does, costs little more than no memory at all.
 */
export class KeptBytes<Key> {
  readonly #encoder: HpackEncoder;
  readonly #kept: (KeptPart<Key> | undefined)[] = [];
  readonly #dry = new DrySpell();

  constructor(encoder: HpackEncoder) {
    this.#encoder = encoder;
  }

  /** Asked in front of each look: where one after the other is new, most are not looked for. */
  isWorthALook(): boolean {
    return this.#dry.isWorthALook();
  }

  /** What may be the part of that hash: its key tells. */
  find(hash: number): KeptPart<Key> | undefined {
    const kept = this.#kept[hash & (SLOTS - 1)];
    return kept?.generation === this.#encoder.generation ? kept : undefined;
  }

  /** Copies a part that was found, and is the one. @returns where it ends */
  copy(bytes: Uint8Array, into: Buffer, at: number): number {
    this.#dry.end();
    return copy(bytes, into, at);
  }

  /**
   * A part has been written anew.
   *
   * @param found it had been written before: `find` found it
   * @param at where it stands in `into`, up to `end`
   */
  wrote(hash: number, key: Key, found: KeptPart<Key> | undefined, into: Buffer, at: number, end: number): void {
    const { generation } = this.#encoder;
    const lasting = found?.generation === generation && end - at <= MAX_BYTES;
    this.#kept[hash & (SLOTS - 1)] = { key, generation, bytes: lasting ? ownBytes(into, at, end) : undefined };
  }
}

/** Writes a part of a header block, from its bytes where they are kept. */
export class KeptParts<What, Key> {
  readonly #encoder: HpackEncoder;
  readonly #part: PartOf<What, Key>;
  readonly #kept: KeptBytes<Key>;

  constructor(encoder: HpackEncoder, part: PartOf<What, Key>) {
    this.#encoder = encoder;
    this.#part = part;
    this.#kept = new KeptBytes(encoder);
  }

  /** @param at where in `into` the part begins @returns where it ends; -1 when there was no room */
  write(what: What, into: Buffer, at: number): number {
    return this.isWorthALook() ? this.look(what, into, at) : this.#writeAnew(what, into, at);
  }

  /** Asked in front of each `look`. */
  isWorthALook(): boolean {
    return this.#kept.isWorthALook();
  }

  /** As `write`. */
  look(what: What, into: Buffer, at: number): number {
    const hash = this.#part.hash(what);
    const kept = this.#kept.find(hash);
    const found = kept !== undefined && this.#part.isOf(kept.key, what) ? kept : undefined;
    if (found?.bytes !== undefined) return this.#kept.copy(found.bytes, into, at);
    const end = this.#writeAnew(what, into, at);
    this.#kept.wrote(hash, this.#part.key(what), found, into, at, end);
    return end;
  }

  #writeAnew(what: What, into: Buffer, at: number): number {
    this.#encoder.begin(into, at);
    this.#part.write(this.#encoder, what);
    return this.#encoder.end();
  }
}

/** Writes a part of which one thing changes with some callers. */
export class KeptSplit<What, Key> {
  readonly #encoder: HpackEncoder;
  readonly #part: SplitPart<What, Key>;
  readonly #all: KeptParts<What, Key>;
  readonly #rest: KeptParts<What, Key>;

  constructor(encoder: HpackEncoder, part: SplitPart<What, Key>) {
    this.#encoder = encoder;
    this.#part = part;
    this.#all = new KeptParts(encoder, part.all);
    this.#rest = new KeptParts(encoder, part.rest);
  }

  /** As that of KeptParts. */
  write(what: What, into: Buffer, at: number): number {
    if (this.#all.isWorthALook()) return this.#all.look(what, into, at);
    const restTo = this.#rest.write(what, into, at);
    if (restTo < 0) return -1;
    this.#encoder.begin(into, restTo);
    this.#part.writeChanging(this.#encoder, what);
    return this.#encoder.end();
  }
}

function copy(bytes: Uint8Array, into: Buffer, at: number): number {
  const { length } = bytes;
  if (length > SHORT) into.set(bytes, at);
  else for (let i = 0; i < length; i++) into[at + i] = bytes[i]!;
  return at + length;
}
