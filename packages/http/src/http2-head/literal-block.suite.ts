import { huffmanBytes } from "../hpack/huffman-encode.ts";

/** Fields in the order they stand in a block; a third member says that the field is never to be indexed. */
export type LiteralField = readonly [name: string, value: string, neverIndexed?: "never"];

/**
 * A header block that neither refers to a table nor changes one: every field is literal, with its name (RFC 7541 6.2).
 *
 * @param valueOf how a value is written
 */
export function literalBlock(fields: readonly LiteralField[], valueOf: (text: string) => Buffer = literal): Buffer {
  return Buffer.concat(
    fields.map(([name, value, never]) =>
      Buffer.concat([Buffer.of(never === undefined ? 0x00 : 0x10), literal(name), valueOf(value)]),
    ),
  );
}

/** A string in Huffman code (RFC 7541 5.2). */
export function huffman(text: string): Buffer {
  const coded = huffmanBytes(Buffer.from(text, "latin1"));
  const length = integer(coded.length, 7);
  length[0]! |= 0x80;
  return Buffer.concat([length, coded]);
}

function literal(text: string): Buffer {
  return Buffer.concat([integer(text.length, 7), Buffer.from(text, "latin1")]);
}

/** RFC 7541 5.1, with nothing in the bits above the prefix. */
export function integer(value: number, prefixBits: number): Buffer {
  const most = 2 ** prefixBits - 1;
  if (value < most) return Buffer.of(value);
  const bytes = [most];
  let rest = value - most;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.of(...bytes, rest);
}
