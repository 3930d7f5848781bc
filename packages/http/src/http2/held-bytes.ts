/** Of all connections together. Beyond it, the stream that would hold more is ended. */
const MOST_HELD_BYTES = 64 * 1024 * 1024;

let held = 0;

/**
 * Bytes that wait here because whoever gets them does not read: windows bound what one stream holds, this what all
 * streams of all connections do. @returns false when there is no room for so many more
 */
export function hold(bytes: number): boolean {
  if (held + bytes > MOST_HELD_BYTES) return false;
  held += bytes;
  return true;
}

/** So many have left, or are wanted no more. */
export function letGo(bytes: number): void {
  held -= bytes;
}

/** How many are held now, for those who show what is going on. */
export function heldBytes(): number {
  return held;
}
