/** The line before a chunk of so many bytes. Source: RFC 9112 7.1. */
export function chunkHead(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}
