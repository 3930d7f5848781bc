/**
 * What a hexadecimal digit is worth. Without a branch: digits of ids are random, so it would be guessed wrong every third
 * time.
 *
 * @param code of `0` to `9` or `a` to `f`
 */
export function digitOf(code: number): number {
  return (code & 15) + 9 * (code >> 6);
}

/** 1 for each byte that is a digit of an id. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => (/[0-9a-f]/.test(String.fromCharCode(byte)) ? 1 : 0));

/**
 * Whether these bytes are hexadecimal digits in lower case. All are looked at, whatever the first is, for the reason
 * above.
 */
export function areDigits(bytes: Uint8Array, from: number, to: number): boolean {
  let all = 1;
  for (let i = from; i < to; i++) all &= DIGITS[bytes[i]!]!;
  return all === 1;
}
