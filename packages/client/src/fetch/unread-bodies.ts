import { Readable } from "node:stream";

const responses = new FinalizationRegistry<WeakRef<ReadableStream>>((reference) => {
  const stream = reference.deref();
  if (stream === undefined || stream.locked) return;
  // It answers for streams of the web as well; the declarations know only those of node.
  if (Readable.isDisturbed(stream as unknown as Readable)) return;
  // A stream that has failed refuses to be cancelled; nothing is left to do then.
  stream.cancel("Response object has been garbage collected").catch(() => {});
});

/**
 * Cancels the body of a response that was dropped without being read, once the collector has found it, so that its
 * connection does not wait for a reader for ever. Fetch does the same.
 */
export function watchUnread(response: Response): void {
  if (response.body !== null) responses.register(response, new WeakRef(response.body));
}
