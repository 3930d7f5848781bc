/** The bytes in [from, to), in memory that is theirs alone. By a loop: `Uint8Array.from` goes by an iterator. */
export function ownBytes(bytes: Buffer, from: number, to: number): Uint8Array {
  const own = new Uint8Array(to - from);
  for (let i = from; i < to; i++) own[i - from] = bytes[i]!;
  return own;
}
