import type { Sink } from "./sink.ts";

/** A stream that somebody else made, and ends. */
export function streamSink(stream: NodeJS.WritableStream): Sink {
  // Each write's callback is told too; as an event that nobody hears, a reader that left would end the process.
  // Stays on: the error of the last write may come after `close`.
  if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore);
  return {
    named: false,
    write(bytes, from, done) {
      const rest = bytes.subarray(from);
      // Some streams call back within `write`, which this promises not to do.
      stream.write(rest, (error) => queueMicrotask(() => done(error ?? null, rest.length)));
    },
    reopen: async () => {},
    close: () => {},
  };
}

function ignore(): void {}
