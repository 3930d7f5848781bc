import type { Word64 } from "./word64.ts";

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (rest & 1 ? 0xedb8_8320 : 0);
  return rest;
});

/** The state of a CRC-32 before any byte. */
export const CRC_START = -1;

/** The state after these bytes, from the one before them. The CRC is its complement. */
export function crc32Of(state: number, bytes: Uint8Array, length: number): number {
  let crc = state;
  for (let i = 0; i < length; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[i]!) & 0xff]!;
  return crc;
}

/**
 * CRC-32 in the upper half of the word, with nothing in the lower: so its words have the order of the CRCs. Knows no
 * seed. The hash of nginx's `hash KEY consistent`. Source: ISO 3309.
 */
export function crc32(bytes: Uint8Array, length: number, hash: Word64): void {
  hash.set(~crc32Of(CRC_START, bytes, length), 0);
}
