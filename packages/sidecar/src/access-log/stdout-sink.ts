import { fstatSync, write as writeFd } from "node:fs";
import type { Sink } from "./sink.ts";

const STDOUT = 1;

/**
 * Standard output. A pipe or socket is written without waiting for its reader, as `process.stdout` does; all else by
 * descriptor, because there `process.stdout` would block the thread that calls run on.
 */
export function stdoutSink(): Sink {
  const kind = fstatSync(STDOUT);
  const write: Sink["write"] = kind.isFIFO() || kind.isSocket() ? pipeWriter() : toDescriptor;
  return { named: false, write, reopen: async () => {}, close: () => {} };
}

const toDescriptor: Sink["write"] = (bytes, from, done) => {
  writeFd(STDOUT, bytes, from, bytes.length - from, null, done);
};

function pipeWriter(): Sink["write"] {
  // A reader that left is told to each write's callback; as an event that nobody hears it would end the process.
  if (!process.stdout.listeners("error").includes(ignore)) process.stdout.on("error", ignore);
  return (bytes, from, done) => {
    process.stdout.write(bytes.subarray(from), (error) => done(error ?? null, bytes.length - from));
  };
}

function ignore(): void {}
