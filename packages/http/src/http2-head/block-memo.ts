import { MemoryView } from "../head/memory-view.ts";
import type { Inserts } from "../hpack/hpack-decoder.ts";
import { DrySpell } from "./dry-spell.ts";
import { ownBytes } from "./own-bytes.ts";

/** Blocks kept of a connection at once, a power of two. */
const SLOTS = 16;
/** Longest block that is kept, in bytes: those of gRPC and of most servers are shorter. */
const MAX_BYTES = 512;
/** Bytes that a hash looks at: all of a short block, of a longer one as many at its start and end. */
const HASHED_BYTES = 16;
/** Longer blocks are compared by words of four bytes. */
const SHORT = 24;

// To enter a block costs some 1 us, and a hit saves a quarter of that: so entering is paid for by hits, and by a trickle
// that lets a connection begin again when its callers ask for something else. Source: reference engine-h2 6.
const ENTRY_COST = 8;
const HIT_GAIN = 1;
const MISSES_PER_TRICKLE = 64;
const MOST_CREDIT = 64;

/** What a block says about itself, for the memo. */
export interface BlockFacts {
  /** Of the table in front of the block; -1 when the block refers to no table, and is right at any time. */
  readonly generation: number;
  /** What it puts into the table; undefined: nothing. */
  readonly inserts: Inserts | undefined;
}

export interface MemoEntry<Head> extends BlockFacts {
  readonly bytes: DataView;
  /** How many: to ask the view costs a call. */
  readonly length: number;
  readonly head: Head;
}

/**
 * Remembers what whole blocks of one connection said, so that a block that comes again is only compared.
 *
 * An entry counts for a block of exactly the same bytes; one whose bytes refer to the dynamic table only while nothing
 * has been put into that table since. So nobody can be given the head of another block, whatever is sent.
 */
export class BlockMemo<Head> {
  readonly #entries: (MemoEntry<Head> | undefined)[] = [];
  /** By slot: the hash of the last block that was not found. Only one that comes a second time is entered. */
  readonly #missed = new Int32Array(SLOTS);
  #credit = MOST_CREDIT;
  #misses = 0;
  readonly #dry = new DrySpell();
  #looked = false;
  #hash = 0;

  /** @param generation of the table as it is now */
  find(bytes: Buffer, from: number, to: number, generation: number): MemoEntry<Head> | undefined {
    this.#looked = to - from <= MAX_BYTES && this.#dry.isWorthALook();
    if (!this.#looked) return undefined;
    this.#hash = hashOf(bytes, from, to);
    const entry = this.#entries[this.#hash & (SLOTS - 1)];
    if (entry === undefined || entry.length !== to - from || !isSame(entry.bytes, bytes, from, to)) return undefined;
    if (entry.generation !== -1 && entry.generation !== generation) return undefined;
    this.#dry.end();
    if (this.#credit < MOST_CREDIT) this.#credit += HIT_GAIN;
    return entry;
  }

  /** Whether the block that `find` did not find is worth its entry. Once for each. */
  wants(): boolean {
    if (!this.#looked) return false;
    if (++this.#misses === MISSES_PER_TRICKLE) {
      this.#misses = 0;
      this.#credit = Math.min(this.#credit + ENTRY_COST, MOST_CREDIT);
    }
    const slot = this.#hash & (SLOTS - 1);
    const again = this.#missed[slot] === this.#hash;
    this.#missed[slot] = this.#hash;
    return again && this.#credit >= ENTRY_COST;
  }

  /** Enters the block that `find` did not find, and `wants` wanted. */
  enter(bytes: Buffer, from: number, to: number, { generation, inserts }: BlockFacts, head: Head): void {
    this.#credit -= ENTRY_COST;
    const own = ownBytes(bytes, from, to);
    const length = to - from;
    this.#entries[this.#hash & (SLOTS - 1)] = { bytes: new DataView(own.buffer), length, generation, inserts, head };
  }
}

function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = to - from;
  const headTo = Math.min(to, from + HASHED_BYTES);
  for (let at = from; at < headTo; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  for (let at = Math.max(headTo, to - HASHED_BYTES); at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

const MEMORY = new MemoryView((memory) => new DataView(memory));

/** Of as many bytes as there are in [from, to). */
function isSame(own: DataView, bytes: Buffer, from: number, to: number): boolean {
  const length = to - from;
  let at = 0;
  if (length > SHORT) {
    const memory = MEMORY.of(bytes);
    const base = bytes.byteOffset + from;
    for (; at + 4 <= length; at += 4) if (own.getInt32(at) !== memory.getInt32(base + at)) return false;
  }
  for (; at < length; at++) if (own.getUint8(at) !== bytes[from + at]) return false;
  return true;
}
