/**
 * What every timer of the kit says to a wait that cannot be. Node would make it 1 ms, and a text would be put behind the
 * clock's digits instead of being added.
 *
 * @throws RangeError for a length that is negative or no number; Infinity is one
 */
export function checkWait(ms: number): void {
  if (!(typeof ms === "number" && ms >= 0)) {
    throw new RangeError(`a timer cannot wait ${ms} ms: a number of at least 0 is allowed`);
  }
}
