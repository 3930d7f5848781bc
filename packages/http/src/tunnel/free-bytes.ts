/** Below so many bytes the memory is worth less than the call that frees it. */
export const WORTH_BYTES: number = 4 * 1024;

/**
 * Frees what a `data` event of a socket brought, at once and not when the garbage collector comes round. Nobody may
 * look at it afterwards, and no write may hold it.
 *
 * Node reads an accepted socket into 64 KiB of new memory each time. Freed at once, the next read gets the same pages;
 * otherwise a fast upload walks through tens of megabytes of garbage, and the kernel clears each page of them. Measured
 * for uploads through a tunnel, in CPU per byte: 0.70 to 0.85 of that without.
 */
export function freeBytes(bytes: Buffer): void {
  const memory = bytes.buffer;
  // Part of something larger, as a slice of Node's pool: others read there.
  if (bytes.length < WORTH_BYTES || memory.byteLength !== bytes.length) return;
  if (memory instanceof ArrayBuffer && !memory.detached) memory.transfer(0);
}
