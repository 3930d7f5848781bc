import { MeshError, type Timer } from "@weft/core";
import type { AccessEntry } from "./access-entry.ts";
import { fileSink } from "./file-sink.ts";
import { type FormatEntry, jsonLine, textLine } from "./format-entry.ts";
import { LineWriter } from "./line-writer.ts";
import type { Sink } from "./sink.ts";
import { standardSink } from "./standard-sink.ts";
import { streamSink } from "./stream-sink.ts";

export interface AccessLogOptions {
  readonly format: "json" | "text";
  /** A file is appended to, and made when missing. A stream is not ended. */
  readonly to: "stdout" | "stderr" | { readonly file: string } | NodeJS.WritableStream;
  readonly timer: Timer;
  /** What an operator must know: that lines cannot be written, and that they can be again. Default: nobody is told. */
  readonly told?: (trouble: { readonly level: "warn" | "info"; readonly text: string }) => void;
}

/** One line for each finished exchange. Who wants none has none of these: then it costs nothing. */
export interface AccessLog {
  /** Takes the line, to be written with those of the same turn. Never waits or throws; may drop, and then counts. */
  write(entry: AccessEntry): void;
  /** Lines that found no room because what reads them is stuck or the disk is full. */
  readonly linesDropped: number;
  /** Opens the file anew, after it was renamed (logrotate). Anything else stays. @throws what the system says; then lines go where they went */
  reopen(): Promise<void>;
  /** Writes what is left, for at most two seconds. Never throws. Later lines are dropped. */
  close(): Promise<void>;
}

/** @throws MeshError BAD_CONFIG when the file cannot be opened */
export async function openAccessLog(options: AccessLogOptions): Promise<AccessLog> {
  const { format, to, timer, told } = options;
  const line: FormatEntry = format === "json" ? jsonLine : textLine;
  const name = typeof to === "string" ? to : "file" in to ? to.file : "stream";
  const writer = new LineWriter(await sinkOf(to), timer, {
    onTrouble: (why) =>
      told?.(
        why === undefined
          ? { level: "info", text: `access log ${name}: lines are written again` }
          : { level: "warn", text: `access log ${name}: ${why}: lines are kept up to 1 MiB, then dropped and counted` },
      ),
  });
  return {
    write: (entry) => writer.write(line(entry)),
    get linesDropped() {
      return writer.linesDropped;
    },
    reopen: () => writer.reopen(),
    close: () => writer.close(),
  };
}

async function sinkOf(to: AccessLogOptions["to"]): Promise<Sink> {
  if (to === "stdout" || to === "stderr") return standardSink(to === "stdout" ? 1 : 2);
  return "file" in to ? await openFile(to.file) : streamSink(to);
}

async function openFile(file: string): Promise<Sink> {
  try {
    return await fileSink(file);
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    throw new MeshError("BAD_CONFIG", `access log ${file}: ${told}`, { cause });
  }
}
