import { type FieldName, fieldName, KNOWN } from "./field-name.ts";
import { huffmanBytes } from "./huffman-encode.ts";
import { huffmanText } from "./huffman.ts";
import { textOf } from "./text-of.ts";

// Names are found by the bytes they have on the wire, so that most need neither be decoded nor made into strings.

/** A name on the wire. */
interface WireName {
  readonly bytes: Buffer;
  readonly huffman: boolean;
  readonly name: FieldName;
}

/** Places for the known names, each in both codings: four times as many, so that few stand in another's place. */
const PLACES = 1_024;
/** Places for unknown ones: of two with the same, the later one stands there. So a flood of names costs no memory. */
const UNKNOWN_PLACES = 256;
/** Longer unknown names are made anew each time. */
const MAX_KEPT_BYTES = 64;

const known: (WireName | undefined)[] = Array.from({ length: PLACES }, () => undefined);
for (const name of KNOWN.slice(1)) {
  add({ bytes: name.bytes, huffman: false, name });
  add({ bytes: huffmanBytes(name.bytes), huffman: true, name });
}

const unknown: (WireName | undefined)[] = Array.from({ length: UNKNOWN_PLACES }, () => undefined);

/** The name that stands on the wire from `from` to `to`. @returns undefined when that is no Huffman code */
export function wireName(bytes: Buffer, from: number, to: number, huffman: boolean): FieldName | undefined {
  if (to === from) return fieldName("");
  for (let place = placeOf(bytes, from, to, huffman); ; place = (place + 1) & (PLACES - 1)) {
    const there = known[place];
    if (there === undefined) return unknownName(bytes, from, to, huffman);
    if (isSame(there, bytes, from, to, huffman)) return there.name;
  }
}

function unknownName(bytes: Buffer, from: number, to: number, huffman: boolean): FieldName | undefined {
  const kept = to - from <= MAX_KEPT_BYTES;
  const place = kept ? unknownPlaceOf(bytes, from, to) : 0;
  const there = unknown[place];
  if (there !== undefined && isSame(there, bytes, from, to, huffman)) return there.name;
  const text = huffman ? huffmanText(bytes, from, to) : textOf(bytes, from, to);
  if (text === undefined) return undefined;
  const name = fieldName(text);
  if (kept) unknown[place] = { bytes: Buffer.from(bytes.subarray(from, to)), huffman, name };
  return name;
}

function add(name: WireName): void {
  let place = placeOf(name.bytes, 0, name.bytes.length, name.huffman);
  while (known[place] !== undefined) place = (place + 1) & (PLACES - 1);
  known[place] = name;
}

/** Known names are told apart well enough by their length and four of their bytes. */
function placeOf(bytes: Buffer, from: number, to: number, huffman: boolean): number {
  const length = to - from;
  const middle = from + (length >> 1);
  let mixed = (length << 1) | (huffman ? 1 : 0);
  mixed = Math.imul(mixed, 31) + bytes[from]!;
  mixed = Math.imul(mixed, 31) + bytes[middle]!;
  mixed = Math.imul(mixed, 31) + bytes[to - 1]!;
  mixed = Math.imul(mixed, 31) + bytes[(middle + to - 1) >> 1]!;
  return (mixed ^ (mixed >>> 10)) & (PLACES - 1);
}

/** Unknown ones may differ in any byte. */
function unknownPlaceOf(bytes: Buffer, from: number, to: number): number {
  let mixed = to - from;
  for (let at = from; at < to; at++) mixed = Math.imul(mixed, 31) + bytes[at]!;
  return (mixed ^ (mixed >>> 10)) & (UNKNOWN_PLACES - 1);
}

function isSame(there: WireName, bytes: Buffer, from: number, to: number, huffman: boolean): boolean {
  const its = there.bytes;
  if (its.length !== to - from || there.huffman !== huffman) return false;
  for (let i = 0, at = from; at < to; i++, at++) if (its[i] !== bytes[at]) return false;
  return true;
}
