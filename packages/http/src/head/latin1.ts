/** What every Buffer of Node has and its types leave out: `toString` and `write` without the look at the encoding. */
interface WithLatin1 {
  latin1Slice(from: number, to: number): string;
  latin1Write(text: string, at: number, bytes: number): number;
}

/** The bytes as text, a character for each. */
export function latin1(bytes: Buffer, from: number, to: number): string {
  return (bytes as Buffer & WithLatin1).latin1Slice(from, to); // see WithLatin1
}

/** Writes text into bytes that have room for it, a byte for each character. */
export function writeLatin1(text: string, into: Buffer, at: number): void {
  (into as Buffer & WithLatin1).latin1Write(text, at, text.length); // see WithLatin1
}
