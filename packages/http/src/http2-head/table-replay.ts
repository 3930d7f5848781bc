import type { HpackDecoder, Inserts } from "../hpack/hpack-decoder.ts";

/** What an entry costs beside its name and its value (RFC 7541 4.1). */
const ENTRY_OVERHEAD = 32;

/**
 * Puts into a decoder's table what a block that came before puts there, and knows when that would change nothing: a
 * server that indexes all its fields with each response has filled the table with nothing else after a while, and once
 * more of the same pushes out as much of the same.
 *
 * That holds exactly: what a table holds is the longest end of all that was put in that still fits, so that two ends of
 * the same repetition, a whole number of its periods apart, are the same.
 */
export class TableReplay {
  readonly #decoder: HpackDecoder;
  /** The most that the table can hold. */
  readonly #maxBytes: number;
  #last: Inserts | undefined = undefined;
  /** Bytes of entries that the last one has put in, with nothing else in between. */
  #bytes = 0;
  /** Of the decoder, behind the last one. */
  #generation = -1;

  constructor(decoder: HpackDecoder, maxBytes: number) {
    this.#decoder = decoder;
    this.#maxBytes = maxBytes;
  }

  replay(inserts: Inserts): void {
    if (inserts !== this.#last || this.#generation !== this.#decoder.generation) {
      this.#last = inserts;
      this.#bytes = 0;
    } else if (this.#bytes >= this.#maxBytes) return;
    this.#decoder.replay(inserts);
    this.#bytes += bytesOf(inserts);
    this.#generation = this.#decoder.generation;
  }
}

function bytesOf({ names, values }: Inserts): number {
  let bytes = 0;
  for (let i = 0; i < names.length; i++) bytes += names[i]!.text.length + values[i]!.length + ENTRY_OVERHEAD;
  return bytes;
}
