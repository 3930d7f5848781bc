import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from making objects of calls old when they are born.
 *
 * V8 notes where objects come from that live through a collection, and from then on makes those in old space. A proxy's
 * live as long as a call, and many calls are under way at any collection: so it guesses wrong, by chance in one process
 * and not in the next. Dead old objects then keep the young ones alive that they point to, and each collection copies
 * megabytes. Measured: up to 1.6 times the CPU for each stream of HTTP/2, and 220 MiB instead of 130 (docs/performance.md).
 *
 * The flag is read when a collection ends: it counts from then on, for the whole process.
 */
export function keepYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
