type Field = readonly [name: string, value: string];

/** The state of a decoder: its dynamic table, the newest first. */
export interface FieldReader {
  readonly table: Field[];
}

export function fieldReader(): FieldReader {
  return { table: [] };
}

/**
 * Decodes a block by RFC 7541, for what tests receive. It evicts nothing: of what they receive in one connection,
 * nothing is. Of Huffman it knows the digits, which is what node:http2 needs to say a status: other strings of Huffman
 * come back as "huffman:" and their bytes in hex.
 */
export function readBlock(reader: FieldReader, block: Buffer): Field[] {
  const fields: Field[] = [];
  const at = { block, position: 0 };
  while (at.position < block.length) {
    const first = block[at.position]!;
    if (first >= 0x80) {
      fields.push(entry(reader, integer(at, 7)));
      continue;
    }
    if (first >= 0x20 && first < 0x40) {
      if (integer(at, 5) === 0) reader.table.length = 0;
      continue;
    }
    const indexing = first >= 0x40;
    const index = integer(at, indexing ? 6 : 4);
    const name = index === 0 ? text(at) : entry(reader, index)[0];
    const field = [name, text(at)] as const;
    if (indexing) reader.table.unshift(field);
    fields.push(field);
  }
  return fields;
}

interface Position {
  readonly block: Buffer;
  position: number;
}

function entry({ table }: FieldReader, index: number): Field {
  const field = index < STATIC.length ? STATIC[index] : table[index - STATIC.length];
  if (index === 0 || field === undefined) throw new Error(`no field has the index ${index}`);
  return field;
}

function integer(at: Position, bits: number): number {
  const most = 2 ** bits - 1;
  let value = at.block[at.position++]! & most;
  if (value < most) return value;
  for (let factor = 1; ; factor *= 128) {
    const byte = at.block[at.position++];
    if (byte === undefined) throw new Error("the block ends inside an integer");
    value += (byte & 127) * factor;
    if (byte < 128) return value;
  }
}

function text(at: Position): string {
  const huffman = at.block[at.position]! >= 0x80;
  const length = integer(at, 7);
  const bytes = at.block.subarray(at.position, at.position + length);
  if (bytes.length < length) throw new Error("the block ends inside a string");
  at.position += length;
  if (!huffman) return bytes.toString("latin1");
  return digits(bytes) ?? `huffman:${bytes.toString("hex")}`;
}

/** Digits by RFC 7541 appendix B: 0 to 2 in five bits, 3 to 9 in six, and ones to fill the last byte. */
function digits(bytes: Buffer): string | undefined {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  let read = "";
  while (bits.length >= 8 || !/^1*$/.test(bits)) {
    const five = Number.parseInt(bits.slice(0, 5), 2);
    const six = Number.parseInt(bits.slice(0, 6), 2);
    if (five <= 2) read += String(five);
    else if (six >= 0x19 && six <= 0x1f) read += String(six - 0x19 + 3);
    else return undefined;
    bits = bits.slice(five <= 2 ? 5 : 6);
  }
  return read;
}

/** RFC 7541 appendix A; the index 0 is nobody's. */
const STATIC: readonly Field[] = [
  ["", ""],
  ...":authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|:status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate"
    .split("|")
    .map((row): Field => {
      const at = row.indexOf(" ");
      return at < 0 ? [row, ""] : [row.slice(0, at), row.slice(at + 1)];
    }),
];
