import { latin1 } from "../head/latin1.ts";
import { type FieldName, fieldName, KNOWN } from "./field-name.ts";
import { huffmanBytes } from "./huffman-encode.ts";
import { huffmanText } from "./huffman.ts";

// Names are found by the bytes they have on the wire, so that most need neither be decoded nor made into strings.

/** A name on the wire. */
interface WireName {
  readonly bytes: Uint8Array;
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
  const mixed = mix(bytes, from, to, huffman);
  for (let place = mixed & (PLACES - 1); ; place = (place + 1) & (PLACES - 1)) {
    const there = known[place];
    if (there === undefined) break;
    if (isSame(there, bytes, from, to, huffman)) return there.name;
  }
  const place = mixed & (UNKNOWN_PLACES - 1);
  const there = unknown[place];
  if (there !== undefined && isSame(there, bytes, from, to, huffman)) return there.name;
  const text = huffman ? huffmanText(bytes, from, to) : latin1(bytes, from, to);
  if (text === undefined) return undefined;
  const name = fieldName(text);
  if (to - from <= MAX_KEPT_BYTES) unknown[place] = { bytes: Uint8Array.from(bytes.subarray(from, to)), huffman, name };
  return name;
}

function add(name: WireName): void {
  let place = mix(name.bytes, 0, name.bytes.length, name.huffman) & (PLACES - 1);
  while (known[place] !== undefined) place = (place + 1) & (PLACES - 1);
  known[place] = name;
}

/** A number that tells most names apart by their length and four of their bytes. */
function mix(bytes: Uint8Array, from: number, to: number, huffman: boolean): number {
  const length = to - from;
  if (length === 0) return 0;
  const middle = from + (length >> 1);
  let mixed = (length << 1) | (huffman ? 1 : 0);
  mixed = Math.imul(mixed, 31) + bytes[from]!;
  mixed = Math.imul(mixed, 31) + bytes[middle]!;
  mixed = Math.imul(mixed, 31) + bytes[to - 1]!;
  mixed = Math.imul(mixed, 31) + bytes[(middle + to - 1) >> 1]!;
  return mixed ^ (mixed >>> 10);
}

function isSame(there: WireName, bytes: Uint8Array, from: number, to: number, huffman: boolean): boolean {
  const its = there.bytes;
  if (its.length !== to - from || there.huffman !== huffman) return false;
  for (let i = 0; i < its.length; i++) if (its[i] !== bytes[from + i]) return false;
  return true;
}
