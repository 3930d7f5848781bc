/** The bytes in [from, to), in memory of their own. No view is made on the way: that costs as much as the copy. */
export function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}
