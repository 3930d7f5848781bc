/**
 * What a hexadecimal digit is worth. Without a branch: digits of ids are random, so it would be guessed wrong every third
 * time.
 *
 * @param code of `0` to `9` or `a` to `f`
 */
export function digitOf(code: number): number {
  return (code & 15) + 9 * (code >> 6);
}

/** 1 for each character that is a digit of an id. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => (/[0-9a-f]/.test(String.fromCharCode(code)) ? 1 : 0));

/**
 * Whether these characters are hexadecimal digits in lower case. All are looked at, whatever the first is, for the reason
 * above: 90 ns for those of a `traceparent`, half of what a regular expression takes.
 */
export function areDigits(text: string, from: number, to: number): boolean {
  let all = 1;
  let seen = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    all &= DIGITS[code & 127]!;
    seen |= code;
  }
  return all === 1 && seen < 128;
}
