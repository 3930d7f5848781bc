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
/** Bytes that are looked at together. */
const WORD = 4;
const PRIME = 0x01000193; // of FNV

// To enter a block costs some 1 us, and a hit saves a quarter of that: so entering is paid for by hits, and by a trickle
// that lets a connection begin again when its callers ask for something else. Source: reference engine-h2 6.
const ENTRY_COST = 8;
const HIT_GAIN = 1;
const MISSES_PER_TRICKLE = 64;
const MOST_CREDIT = 64;

/** The memory that blocks lie in. */
export type BlockMemory = MemoryView<DataView>;

export function blockMemory(): BlockMemory {
  return new MemoryView((memory) => new DataView(memory));
}

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
  readonly #memory: BlockMemory;
  readonly #entries: (MemoEntry<Head> | undefined)[] = [];
  /** By slot: the hash of the last block that was not found. Only one that comes a second time is entered. */
  readonly #missed = new Int32Array(SLOTS);
  #credit = MOST_CREDIT;
  #misses = 0;
  readonly #dry = new DrySpell();
  #looked = false;
  #hash = 0;

  /** @param memory of the same kind of message; memos may share it */
  constructor(memory: BlockMemory) {
    this.#memory = memory;
  }

  /** @param generation of the table as it is now */
  find(bytes: Buffer, from: number, to: number, generation: number): MemoEntry<Head> | undefined {
    this.#looked = to - from <= MAX_BYTES && this.#dry.isWorthALook();
    if (!this.#looked) return undefined;
    const memory = this.#memory.of(bytes);
    const at = bytes.byteOffset + from;
    const length = to - from;
    this.#hash = hashOf(memory, at, length);
    const entry = this.#entries[this.#hash & (SLOTS - 1)];
    if (entry === undefined || entry.length !== length || !isSame(entry.bytes, memory, at, length)) return undefined;
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

function hashOf(memory: DataView, at: number, length: number): number {
  let hash = length;
  if (length < WORD) {
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ memory.getUint8(at + i), PRIME);
    return hash;
  }
  const last = at + length - WORD;
  const words = Math.min(length, HASHED_BYTES) & -WORD;
  for (let i = 0; i < words; i += WORD) {
    hash = Math.imul(hash ^ memory.getInt32(at + i), PRIME);
    hash = Math.imul(hash ^ memory.getInt32(last - i), PRIME);
  }
  hash ^= hash >>> 16;
  return hash ^ (hash >>> 8);
}

/** @param at where in `memory` the bytes begin of which there are as many as in `own` */
function isSame(own: DataView, memory: DataView, at: number, length: number): boolean {
  let i = 0;
  for (; i + WORD <= length; i += WORD) if (own.getInt32(i) !== memory.getInt32(at + i)) return false;
  for (; i < length; i++) if (own.getUint8(i) !== memory.getUint8(at + i)) return false;
  return true;
}
