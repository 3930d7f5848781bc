const PERIOD = 251;
const block = Buffer.from(new Uint8Array(PERIOD * 256).map((_, at) => (at * 7) % PERIOD));

/** So many bytes of a fixed pattern, which no cut and no repetition leaves as it is. */
export function* pattern(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += block.length) yield block.subarray(0, Math.min(block.length, bytes - at));
}
