import { TextBytes } from "../../hash/text-bytes.ts";
import { Word64 } from "../../hash/word64.ts";
import { xxh64 } from "../../hash/xxh64.ts";
import type { Placement } from "../consistent-hash/placement.ts";

/**
 * Maglev's table: each slot belongs to an endpoint, and a key falls to the slot that is its hash modulo their number.
 *
 * Endpoints take turns at filling it, each the next free slot of an order of its own; in proportion to their weights.
 * So each has its share to the slot, and where one goes little else changes. Weights that differ by more than the
 * table has slots leave the lightest without any.
 * Source: Eisenbud et al., "Maglev", 3.4; Envoy maglev_lb.cc; reference 2.6. Cost of a look: O(1).
 */
export class MaglevTable implements Placement {
  /** The place of the endpoint of each slot. */
  readonly slots: Uint16Array | Uint32Array;

  /** @param size a prime: only then does each endpoint's order reach every slot */
  constructor(keys: readonly string[], weights: readonly number[], size: number) {
    this.slots = filled(keys, weights, size);
  }

  find(hash: Word64): number {
    return hash.modulo(this.slots.length);
  }

  /** Envoy's rule for an attempt that is not the first: another hash, by the number of the attempt. */
  at(found: number, { high, low }: Word64, probe: number): number {
    if (probe === 0) return this.slots[found]!;
    PROBED.set(~high, low ^ -probe); // the hash, xor 2^64 - probe
    return this.slots[PROBED.modulo(this.slots.length)]!;
  }
}

const PROBED = new Word64();

function filled(keys: readonly string[], weights: readonly number[], size: number): Uint16Array | Uint32Array {
  const slots = keys.length <= 0x1_0000 ? new Uint16Array(size) : new Uint32Array(size);
  const free = new Uint8Array(size).fill(1);
  const { next, step } = orders(keys, size);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shares = Float64Array.from(weights, (weight) => weight / total);
  const most = shares.reduce((a, b) => Math.max(a, b));
  const owed = new Float64Array(keys.length); // a turn is an endpoint's once `round * share` has come up to it
  let awake = [...keys.keys()];
  const asleep = new Map<number, number[]>();
  let left = size;
  for (let round = 1; ; round++) {
    const woken = asleep.get(round);
    if (woken !== undefined) awake = [...awake, ...woken].toSorted((a, b) => a - b);
    let tired = false;
    for (const place of awake) {
      if (round * shares[place]! < owed[place]!) continue;
      owed[place]! += most;
      let slot = next[place]!;
      while (free[slot] === 0) slot = (slot + step[place]!) % size;
      slots[slot] = place;
      free[slot] = 0;
      next[place] = (slot + step[place]!) % size;
      if (--left === 0) return slots;
      tired ||= owed[place]! > (round + NAP) * shares[place]!;
    }
    if (tired) awake = awake.filter((place) => !sleeps(place, round, owed[place]!, shares[place]!, asleep));
  }
}

/**
 * Who waits longer than so many rounds for a turn is not looked at meanwhile: 10,000 light endpoints beside a heavy one
 * would otherwise be looked at in each of 65,000 rounds.
 */
const NAP = 64;

/** Puts a place to sleep until shortly before its turn, when that is far. */
function sleeps(place: number, round: number, owed: number, share: number, asleep: Map<number, number[]>): boolean {
  if (owed <= (round + NAP) * share) return false;
  const wakes = Math.floor(owed / share) - 1; // early by what rounding may make of it
  const others = asleep.get(wakes);
  if (others === undefined) asleep.set(wakes, [place]);
  else others.push(place);
  return true;
}

/** Where each endpoint's order begins, and how far apart its slots lie. */
function orders(keys: readonly string[], size: number): { readonly next: Uint32Array; readonly step: Uint32Array } {
  const next = new Uint32Array(keys.length);
  const step = new Uint32Array(keys.length);
  const text = new TextBytes();
  const word = new Word64();
  keys.forEach((key, place) => {
    text.utf8(key);
    word.set(0, 0);
    xxh64(text.bytes, text.length, word);
    next[place] = word.modulo(size);
    word.set(0, 1);
    xxh64(text.bytes, text.length, word);
    step[place] = word.modulo(size - 1) + 1;
  });
  return { next, step };
}
