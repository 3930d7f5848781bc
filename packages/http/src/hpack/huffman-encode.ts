import { HUFFMAN_CODES } from "./huffman-code.ts";

/**
 * The Huffman code of a text, filled up with ones (RFC 7541 5.2). To know names in this form: we never send it, for the
 * bytes it saves cost more time than they are worth.
 */
export function huffmanBytes(text: Uint8Array): Buffer {
  let bits = "";
  for (const byte of text) {
    const { code, bits: length } = HUFFMAN_CODES[byte]!;
    bits += code.toString(2).padStart(length, "0");
  }
  const octets = bits.padEnd(Math.ceil(bits.length / 8) * 8, "1").match(/.{8}/g) ?? [];
  return Buffer.from(octets.map((octet) => Number.parseInt(octet, 2)));
}
