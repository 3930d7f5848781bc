import { Word64 } from "./word64.ts";

const MH = 0xc6a4_a793 | 0;
const ML = 0x5bd1_e995 | 0;
const SEED = 0xc70f_6907 | 0;
const CHUNK = new Word64();

/**
 * MurmurHash2 of 64 bits (64A) with the seed of libstdc++'s `std::hash`: what Envoy's rings go by when they are told
 * `MURMUR_HASH_2`. The seed is fixed, what `hash` holds before does not count.
 *
 * Source: smhasher, MurmurHash2.cpp; Envoy source/common/common/hash.h.
 */
export function murmur2(bytes: Uint8Array, length: number, hash: Word64): void {
  CHUNK.set(0, length);
  CHUNK.multiply(MH, ML);
  hash.set(0, SEED);
  hash.xor(CHUNK.high, CHUNK.low);
  let at = 0;
  for (; at + 8 <= length; at += 8) {
    CHUNK.set(bytesAt(bytes, at + 4, 4), bytesAt(bytes, at, 4));
    CHUNK.multiply(MH, ML);
    CHUNK.fold(47);
    CHUNK.multiply(MH, ML);
    hash.xor(CHUNK.high, CHUNK.low);
    hash.multiply(MH, ML);
  }
  const left = length - at;
  if (left > 0) {
    hash.xor(bytesAt(bytes, at + 4, left - 4), bytesAt(bytes, at, left));
    hash.multiply(MH, ML);
  }
  hash.fold(47);
  hash.multiply(MH, ML);
  hash.fold(47);
}

/** Up to four bytes, the lowest first. */
function bytesAt(bytes: Uint8Array, at: number, count: number): number {
  let word = 0;
  for (let i = Math.min(count, 4) - 1; i >= 0; i--) word = (word << 8) | bytes[at + i]!;
  return word;
}
