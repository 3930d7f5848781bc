/** Where the next blocking query goes on. */
export interface NextIndex {
  /** 0n: ask without an index, which returns at once. */
  readonly index: bigint;
  /** The registry's count started over: another agent, another backend, or a restored server. */
  readonly reset: boolean;
}

const LARGEST = 2n ** 64n - 1n;

/**
 * Reads the index of an answer, by Consul's rules for blocking queries.
 *
 * - Lower than the last one: start over at 0.
 * - 0, absent or not a whole number of 64 bits: 1, because 0 never blocks and would loop.
 * - Another `X-Consul-Query-Backend` than last time: start over, as the two count differently.
 *
 * @param last the index asked with; 0n for none
 * @param header `X-Consul-Index` as it came
 * @param backendChanged whether the answer came from another backend than the one before
 * Source: Consul, Blocking Queries, "Implementation Details"; agent/http.go setIndex.
 */
export function nextIndex(last: bigint, header: string | undefined, backendChanged: boolean): NextIndex {
  const read = parseIndex(header);
  const index = read === 0n ? 1n : read;
  if (backendChanged || index < last) return { index: 0n, reset: true };
  return { index, reset: false };
}

/** The number in the header; 0n for none that fits. */
function parseIndex(header: string | undefined): bigint {
  if (header === undefined || !/^\d{1,20}$/.test(header)) return 0n;
  const read = BigInt(header);
  return read > LARGEST ? 0n : read;
}
