import type { Fields } from "../head/fields.ts";

/**
 * A body on its way: from whoever receives it to whoever sends it on, by direct calls. No pipe, no iterator and no
 * promise per chunk. The same two interfaces serve requests and responses, and every protocol.
 */
export interface BodySource {
  /** Bytes of content; -1 when only its end will tell. */
  readonly length: number;
  /** Whether it comes in chunks of HTTP/1.1: a sink that takes chunks gets them as they stood on the wire. */
  readonly chunked: boolean;
  /**
   * Bytes in front of the first view handed over that are the source's own and may be overwritten: room for the head
   * of the message, so that head and first bytes leave in one write. 0: none.
   */
  readonly room: number;
  /** Begins the flow into `sink`: first what has come already, before this returns, then the rest as it comes. Once. */
  attach(sink: BodySink): void;
  /** The sink has sent all that it took, and has room. More often than needed does no harm. */
  resume(): void;
  /** Nobody reads on. What is still to come is not read, and the sink is not called any more. */
  cancel(reason: unknown): void;
}

/** Where a body goes. After `end` or `fail` it is not called again. */
export interface BodySink {
  /** Whether it takes the chunks of HTTP/1.1 with their sizes and line ends, but for the last one; else only content. */
  readonly takesChunks: boolean;
  /**
   * Whether `write` may hold on to the memory after it returned false. Where it does not, what cannot be sent yet was
   * copied; so a source whose memory serves others as well copies for those sinks alone that keep.
   */
  readonly keeps: boolean;
  /**
   * Takes bytes, which are at least one.
   *
   * @returns true: the memory is the source's again. False: it is the sink's, if that keeps it, until the sink calls
   * `resume`, and no more is read before that; what has been read already may still be written
   */
  write(bytes: Buffer): boolean;
  /** The body is complete. @param trailers `NO_FIELDS` when there are none */
  end(trailers: Fields): void;
  /** The source broke off: what has been sent must not look complete to whoever reads it. */
  fail(reason: unknown): void;
}
