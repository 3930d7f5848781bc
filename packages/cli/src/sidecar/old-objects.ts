import { setFlagsFromString } from "node:v8";

/**
 * Lets V8 wait longer until it looks through all objects (a mark-compact), as it does itself for a program that makes
 * many old ones: the heap may grow to four times what was left.
 *
 * V8 counts the memory of buffers as if it were old. Each read of a caller's body is a buffer, of which several MB are
 * garbage until the next young collection; beside a heap of 18 MB that was enough to have all of it looked through several
 * times a second, by four threads. Measured for a POST of 4 KiB, in processes where it happened: 13 to 15 us outside the
 * kernel instead of 9.5 (docs/performance.md).
 *
 * The flag is read when a collection ends: it counts from then on, for the whole process.
 */
export function collectRarely(): void {
  setFlagsFromString("--heap-growing-percent=300");
}
