/** Known names of the static table (RFC 7541, appendix A), by their index. */
const STATIC_NAMES: Readonly<Record<string, number>> = {
  ":authority": 1,
  ":path": 4,
  "content-type": 31,
  "user-agent": 58,
};

/** The longest that anybody sends here. */
const MOST_BYTES = 512;

/** A field as a literal (RFC 7541, 6.2.1 and 6.2.2). */
export function encodeLiteral(kind: "indexed" | "not indexed", name: string, value: string): Buffer {
  const into = Buffer.alloc(MOST_BYTES);
  const index = STATIC_NAMES[name] ?? 0;
  let at = kind === "indexed" ? writeNumber(0x40, 6, index, into, 0) : writeNumber(0x00, 4, index, into, 0);
  if (index === 0) at = writeText(name, into, at);
  return into.subarray(0, writeText(value, into, at));
}

/** RFC 7541, 5.1. @returns where it ends */
export function writeNumber(pattern: number, bits: number, value: number, into: Buffer, at: number): number {
  const most = 2 ** bits - 1;
  if (value < most) {
    into[at] = pattern | value;
    return at + 1;
  }
  into[at++] = pattern | most;
  for (value -= most; value >= 128; value >>= 7) into[at++] = (value & 127) | 128;
  into[at++] = value;
  return at;
}

/** RFC 7541, 5.2: in the Huffman code where that is possible here, as the usual libraries do where it is shorter. */
function writeText(text: string, into: Buffer, at: number): number {
  const bits = huffmanBits(text);
  if (bits > 0) return writeHuffman(text, into, writeNumber(0x80, 7, Math.ceil(bits / 8), into, at));
  at = writeNumber(0, 7, text.length, into, at);
  return at + into.write(text, at, "latin1");
}

/** The characters with codes of five and six bits, in the order of the codes (RFC 7541, appendix B). */
const FIVE = "012aceiost";
const SIX = " %-./3456789=A_bdfghlmnpru";
const FIRST_OF_SIX = 0x14;

const CODES = new Uint8Array(256);
const LENGTHS = new Uint8Array(256);
for (const [i, character] of [...FIVE].entries()) setCode(character, i, 5);
for (const [i, character] of [...SIX].entries()) setCode(character, FIRST_OF_SIX + i, 6);

function setCode(character: string, code: number, length: number): void {
  CODES[character.charCodeAt(0)] = code;
  LENGTHS[character.charCodeAt(0)] = length;
}

/** 0 when the text has a character with a longer code. */
function huffmanBits(text: string): number {
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const length = LENGTHS[text.charCodeAt(i)]!;
    if (length === 0) return 0;
    bits += length;
  }
  return bits;
}

/** @returns where the text ends */
function writeHuffman(text: string, into: Buffer, at: number): number {
  let kept = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i);
    kept = (kept << LENGTHS[character]!) | CODES[character]!;
    bits += LENGTHS[character]!;
    if (bits < 8) continue;
    bits -= 8;
    into[at++] = kept >> bits;
    kept &= (1 << bits) - 1;
  }
  if (bits > 0) into[at++] = (kept << (8 - bits)) | (0xff >> bits); // filled up with ones
  return at;
}
