import type { Word64 } from "./word64.ts";

/**
 * Turns bytes into a word.
 *
 * @param length how many of the bytes count, from the first on
 * @param hash holds the seed when called, and the hash afterwards. Some functions know no seed
 */
export type HashFunction = (bytes: Uint8Array, length: number, hash: Word64) => void;
