/** Where checked bytes of a chunked body go. */
export interface ChunkSink {
  /**
   * Takes the bytes from `from` to `to`, which are at least one, and are valid during the call.
   *
   * @param bytes mostly the buffer that was read from; a few bytes of a buffer of their own where a size line had to be
   * made anew
   */
  data(bytes: Buffer, from: number, to: number): void;
}
