/**
 * Takes bytes read from one socket.
 *
 * @returns true: done with, their memory may be read into again. False: a write holds on to the memory, so that the
 *   socket must not be read; the sink calls `socket.resume()` when the memory is free
 */
export type ReadSink = (bytes: Buffer) => boolean;

/** The reads of a socket that come by `onread` of `net.connect`, and not as `data` events. */
export interface OwnReads {
  /** From now on, what is read goes to `sink`; what came in before goes there at once. */
  attach(sink: ReadSink): void;
  /** Nothing is read any more, and no write holds on to what was: both sockets have closed. */
  release(): void;
}
