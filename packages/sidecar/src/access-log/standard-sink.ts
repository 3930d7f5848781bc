import { fstatSync, write as writeFd } from "node:fs";
import type { Sink } from "./sink.ts";
import { streamSink } from "./stream-sink.ts";

/**
 * Standard output (1) or standard error (2). A pipe or socket is written without waiting for its reader, as Node's own
 * streams do; all else by descriptor, because there these would block the thread that calls run on.
 */
export function standardSink(fd: 1 | 2): Sink {
  const kind = fstatSync(fd);
  if (kind.isFIFO() || kind.isSocket()) return streamSink(fd === 1 ? process.stdout : process.stderr);
  return {
    named: false,
    write: (bytes, from, done) => writeFd(fd, bytes, from, bytes.length - from, null, done),
    reopen: async () => {},
    close: () => {},
  };
}
