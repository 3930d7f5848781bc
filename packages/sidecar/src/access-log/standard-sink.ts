import { fstatSync, write as writeFd } from "node:fs";
import type { Sink } from "./sink.ts";

/**
 * Standard output (1) or standard error (2), written by descriptor: `process.stdout` would block the thread that calls run
 * on where it is a file, and where it is a pipe would keep the process from ending until somebody reads.
 */
export function standardSink(fd: 1 | 2): Sink {
  const kind = fstatSync(fd);
  // Making Node's stream of a pipe or socket is what sets it not to wait for the reader: then writes end with EAGAIN.
  if (kind.isFIFO() || kind.isSocket()) void (fd === 1 ? process.stdout : process.stderr);
  return {
    named: false,
    write: (bytes, from, done) => writeFd(fd, bytes, from, bytes.length - from, null, done),
    reopen: async () => {},
    close: () => {},
  };
}
