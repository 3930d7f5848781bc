/**
 * What a hexadecimal digit is worth. Without a branch: digits of ids are random, so it would be guessed wrong every third
 * time.
 *
 * @param code of `0` to `9` or `a` to `f`
 */
export function digitOf(code: number): number {
  return (code & 15) + 9 * (code >> 6);
}
