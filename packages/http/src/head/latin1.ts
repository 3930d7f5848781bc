/** What every Buffer of Node has and its types leave out: `toString("latin1")` without the look at the encoding. */
interface WithLatin1Slice {
  latin1Slice(from: number, to: number): string;
}

/** The bytes as text, a character for each. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return (bytes as Buffer & WithLatin1Slice).latin1Slice(from, to); // see WithLatin1Slice
}
