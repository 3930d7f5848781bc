import { Word64 } from "./word64.ts";

// The five primes of XXH64, as signed halves.
const P1H = 0x9e37_79b1 | 0;
const P1L = 0x85eb_ca87 | 0;
const P2H = 0xc2b2_ae3d | 0;
const P2L = 0x27d4_eb4f | 0;
const P3H = 0x1656_67b1 | 0;
const P3L = 0x9e37_79f9 | 0;
const P4H = 0x85eb_ca77 | 0;
const P4L = 0xc2b2_ae63 | 0;
const P5H = 0x27d4_eb2f | 0;
const P5L = 0x1656_67c5 | 0;

// Nothing hashes while it hashes, so these serve all: the four lanes, one more, and what is mixed in.
const A = new Word64();
const B = new Word64();
const C = new Word64();
const D = new Word64();
const LANE = new Word64();
const INPUT = new Word64();

/**
 * XXH64, byte for byte: the hash of Envoy's and gRPC's rings, of Maglev, and of the keys that requests bring.
 *
 * On halves of 32 bits, an eighth of what BigInt takes, and without an object. Cost: test/bench/hash.ts.
 * Source: github.com/Cyan4973/xxHash, doc/xxhash_spec.md.
 */
export function xxh64(bytes: Uint8Array, length: number, hash: Word64): void {
  let at = 0;
  if (length >= 32) at = stripes(bytes, length, hash);
  else hash.add(P5H, P5L);
  hash.add(0, length);
  for (; at + 8 <= length; at += 8) {
    LANE.set(0, 0);
    round(LANE, wordAt(bytes, at + 4), wordAt(bytes, at));
    hash.xor(LANE.high, LANE.low);
    hash.rotateLeft(27);
    hash.multiply(P1H, P1L);
    hash.add(P4H, P4L);
  }
  if (at + 4 <= length) {
    INPUT.set(0, wordAt(bytes, at));
    INPUT.multiply(P1H, P1L);
    hash.xor(INPUT.high, INPUT.low);
    hash.rotateLeft(23);
    hash.multiply(P2H, P2L);
    hash.add(P3H, P3L);
    at += 4;
  }
  for (; at < length; at++) {
    INPUT.set(0, bytes[at]!);
    INPUT.multiply(P5H, P5L);
    hash.xor(INPUT.high, INPUT.low);
    hash.rotateLeft(11);
    hash.multiply(P1H, P1L);
  }
  hash.fold(33);
  hash.multiply(P2H, P2L);
  hash.fold(29);
  hash.multiply(P3H, P3L);
  hash.fold(32);
}

/** Takes the bytes in stripes of 32, a lane for each eight of them. @returns where the last whole stripe ends */
function stripes(bytes: Uint8Array, length: number, hash: Word64): number {
  A.set(hash.high, hash.low);
  A.add(P1H, P1L);
  A.add(P2H, P2L);
  B.set(hash.high, hash.low);
  B.add(P2H, P2L);
  C.set(hash.high, hash.low);
  D.set(hash.high, hash.low);
  D.add(~P1H, ~P1L); // minus the prime: the complement, and one
  D.add(0, 1);
  let at = 0;
  for (; at + 32 <= length; at += 32) {
    round(A, wordAt(bytes, at + 4), wordAt(bytes, at));
    round(B, wordAt(bytes, at + 12), wordAt(bytes, at + 8));
    round(C, wordAt(bytes, at + 20), wordAt(bytes, at + 16));
    round(D, wordAt(bytes, at + 28), wordAt(bytes, at + 24));
  }
  hash.set(0, 0);
  gather(hash, A, 1);
  gather(hash, B, 7);
  gather(hash, C, 12);
  gather(hash, D, 18);
  merge(hash, A);
  merge(hash, B);
  merge(hash, C);
  merge(hash, D);
  return at;
}

/** Mixes eight bytes more into a lane. */
function round(lane: Word64, high: number, low: number): void {
  INPUT.set(high, low);
  INPUT.multiply(P2H, P2L);
  lane.add(INPUT.high, INPUT.low);
  lane.rotateLeft(31);
  lane.multiply(P1H, P1L);
}

function gather(hash: Word64, lane: Word64, bits: number): void {
  INPUT.set(lane.high, lane.low);
  INPUT.rotateLeft(bits);
  hash.add(INPUT.high, INPUT.low);
}

function merge(hash: Word64, { high, low }: Word64): void {
  LANE.set(0, 0);
  round(LANE, high, low);
  hash.xor(LANE.high, LANE.low);
  hash.multiply(P1H, P1L);
  hash.add(P4H, P4L);
}

/** Four bytes, the lowest first. */
function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
