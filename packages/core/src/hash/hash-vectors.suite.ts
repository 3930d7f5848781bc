import { readFileSync } from "node:fs";
import { TextBytes } from "./text-bytes.ts";
import type { HashFunction } from "./hash-function.ts";
import { Word64 } from "./word64.ts";

interface HashVectors {
  readonly xxh64: readonly { readonly in: string; readonly seed0: string; readonly seed1: string }[];
  readonly murmur2: readonly { readonly in: string; readonly out: string }[];
  readonly ring: readonly {
    readonly hosts: readonly string[];
    readonly min: number;
    readonly hash: "xxh64" | "murmur2";
    readonly ring: readonly (readonly [hash: string, host: string])[];
    readonly picks?: readonly (readonly [hash: string, host: string])[];
  }[];
  readonly ring_size: readonly {
    readonly weights: readonly number[];
    readonly min: number;
    readonly max: number;
    readonly size: number;
    readonly counts: readonly number[];
  }[];
  readonly maglev: readonly {
    readonly hosts: readonly (readonly [host: string, weight: number])[];
    readonly m: number;
    readonly table?: readonly string[];
    readonly counts?: readonly (readonly [host: string, slots: number])[];
  }[];
  readonly ketama: {
    readonly hosts: readonly string[];
    readonly points: number;
    readonly test0_to_9: readonly string[];
    readonly without_255: readonly string[];
  };
  readonly static_stride: readonly {
    readonly weights: readonly number[];
    readonly W: readonly number[];
    readonly picks: readonly number[];
  }[];
  readonly orca_weight: readonly {
    readonly qps: number;
    readonly eps: number;
    readonly util: number;
    readonly penalty: number;
    readonly weight: number;
  }[];
  readonly aperture: readonly {
    readonly clients: number;
    readonly servers: number;
    readonly min: number;
    readonly width: number;
  }[];
}

/** The worked numbers of hashes, and of what is built on them. */
export const hashVectors: HashVectors = JSON.parse(
  readFileSync(new URL("../../../../test/data/hash-vectors.json", import.meta.url), "utf8"),
) as HashVectors; // the file stands in this repository in this form

/** The hash of a text as UTF-8, as a number. */
export function hashOf(hash: HashFunction, text: string, seed = 0n): bigint {
  const bytes = new TextBytes();
  bytes.utf8(text);
  const word = wordOf(seed);
  hash(bytes.bytes, bytes.length, word);
  return bigOf(word);
}

export function wordOf(value: bigint): Word64 {
  return new Word64(Number(value >> 32n), Number(value & 0xffff_ffffn));
}

export function bigOf({ high, low }: Word64): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
