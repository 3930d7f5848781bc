// Imported, here and wherever a call passes: the global is a getter, which V8 calls at each use.
import { Buffer } from "node:buffer";

/** The bytes in [from, to), in memory of their own. No view is made on the way: that costs as much as the copy. */
export function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafe(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}
