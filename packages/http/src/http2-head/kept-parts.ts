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

interface KeptPart<Key> {
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
 * Writes a part of a header block that is often the same, and keeps its bytes: they stand for the same fields as long as
 * nothing is put into the encoder's table.
 *
 * They are kept when the part is written a second time with nothing put into the table in between. So a part that
 * changes each time, or a table that does, costs little more than no memory at all.
 */
export class KeptParts<What, Key> {
  readonly #encoder: HpackEncoder;
  readonly #part: PartOf<What, Key>;
  readonly #kept: (KeptPart<Key> | undefined)[] = [];
  readonly #dry = new DrySpell();

  constructor(encoder: HpackEncoder, part: PartOf<What, Key>) {
    this.#encoder = encoder;
    this.#part = part;
  }

  /** @param at where in `into` the part begins @returns where it ends; -1 when there was no room */
  write(what: What, into: Buffer, at: number): number {
    return this.isWorthALook() ? this.look(what, into, at) : this.#writeAnew(what, into, at);
  }

  /** Asked in front of each `look`: where one after the other is new, most are not looked for. */
  isWorthALook(): boolean {
    return this.#dry.isWorthALook();
  }

  /** As `write`. */
  look(what: What, into: Buffer, at: number): number {
    const slot = this.#part.hash(what) & (SLOTS - 1);
    const kept = this.#kept[slot];
    const { generation } = this.#encoder;
    const known = kept !== undefined && kept.generation === generation && this.#part.isOf(kept.key, what);
    if (known && kept.bytes !== undefined) {
      this.#dry.end();
      return copy(kept.bytes, into, at);
    }
    const end = this.#writeAnew(what, into, at);
    const lasting = known && this.#encoder.generation === generation && end - at <= MAX_BYTES;
    this.#kept[slot] = {
      key: this.#part.key(what),
      generation: this.#encoder.generation,
      bytes: lasting ? ownBytes(into, at, end) : undefined,
    };
    return end;
  }

  #writeAnew(what: What, into: Buffer, at: number): number {
    this.#encoder.begin(into, at);
    this.#part.write(this.#encoder, what);
    return this.#encoder.end();
  }
}

function copy(bytes: Uint8Array, into: Buffer, at: number): number {
  const { length } = bytes;
  if (length > SHORT) into.set(bytes, at);
  else for (let i = 0; i < length; i++) into[at + i] = bytes[i]!;
  return at + length;
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
