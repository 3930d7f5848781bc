/** The symbol that no text contains; those below are bytes. */
export const EOS = 256;

/** Bits of the code of each byte, 16 in a row, and of EOS. Source: RFC 7541 appendix B. */
const BITS: readonly number[] = `
  13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28
  28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
   6 10 10 12 13  6  8 11 10 10  8 11  8  6  6  6
   5  5  5  6  6  6  6  6  6  6  7  8 15  6 12 10
  13  6  7  7  7  7  7  7  7  7  7  7  7  7  7  7
   7  7  7  7  7  7  7  7  8  7  8 13 19 13 14  6
  15  5  6  5  6  5  6  6  6  5  7  7  6  6  6  5
   6  7  6  5  5  6  7  7  7  7  7 15 11 14 13 28
  20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23
  24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
  22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23
  21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
  26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25
  19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
  20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23
  26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26
  30
`
  .trim()
  .split(/\s+/)
  .map(Number);

/** The code of a symbol: the low `bits` bits of `code`, the highest first. */
export interface HuffmanCode {
  readonly symbol: number;
  readonly code: number;
  readonly bits: number;
}

/**
 * The codes. They follow from their lengths: shorter ones come first, and among those of one length they count up in the
 * order of the symbols.
 */
export const HUFFMAN_CODES: readonly HuffmanCode[] = codesOf(BITS);

function codesOf(lengths: readonly number[]): readonly HuffmanCode[] {
  const codes: HuffmanCode[] = [];
  let next = 0;
  let before = 0;
  const inOrder = lengths
    .map((bits, symbol) => ({ bits, symbol }))
    .sort((one, other) => one.bits - other.bits || one.symbol - other.symbol);
  for (const { bits, symbol } of inOrder) {
    next *= 2 ** (bits - before);
    codes[symbol] = { symbol, code: next, bits };
    next++;
    before = bits;
  }
  return codes;
}
