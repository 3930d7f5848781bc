/** Room in front of the first bytes of a body, for the head of the message that they leave in. */
export const ROOM: number = 4 * 1024;
/** What one stalled reader holds here at most: DESIGN, "one stalled reader holds at most 64 KiB". */
const PRIVATE_BYTES = 64 * 1024;
/** Kept for the next stream: 4 MiB. */
const KEPT = 64;

/**
 * What connections to endpoints and from callers read into, as long as a message is complete in one read: a read fills
 * it and is done with before the next begins. Valid only inside the callback of a read; never handed to a write.
 *
 * One buffer instead of one per read is the largest single saving of the engine. Source: reference engine 4.
 */
export const SHARED: Buffer = Buffer.allocUnsafeSlow(PRIVATE_BYTES - ROOM);

const kept: Buffer[] = [];

/** A buffer for one stream, which reads into it and sends views of it. */
export function takeBuffer(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(PRIVATE_BYTES);
}

/** Gives it back. Not while a write may still hold a view of it: such a buffer is left to the garbage collector. */
export function keepBuffer(buffer: Buffer): void {
  if (kept.length < KEPT) kept.push(buffer);
}
