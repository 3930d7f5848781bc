import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { peakDuring } from "../peak-rss.ts";
import { cpuOf, rssOf } from "../process-usage.ts";
import { runToEnd } from "../processes.ts";
import type { Aim, Column, Figures, Scenario, Target } from "../scenario.ts";

const MIB = 1024 * 1024;
const LIMIT_MS = 300_000;

/** What both directions share: figures, aims, and that each round has a fresh process. */
export const TRANSFER = {
  compared: "mibPerSecond",
  fresh: true,
  maxRounds: 3,
  columns: [
    { figure: "mibPerSecond", title: "MiB/s", digits: 0 },
    { figure: "cpuUsPerMib", title: "CPU us per MiB", digits: 0 },
    { figure: "growthMib", title: "RSS growth MiB", digits: 1 },
  ] satisfies readonly Column[],
  aims: [
    { figure: "growthMib", kind: "at most", value: 32 },
    { figure: "mibPerSecond", kind: "at least", value: 0.5, timesOf: "haproxy" },
  ] satisfies readonly Aim[],
} satisfies Partial<Scenario>;

/**
 * Runs curl once for a small body, so that the process is at work, then for the large one.
 *
 * @param small, large arguments of curl, without the address's origin
 * @param sizeMib of the large one
 */
export async function transfer(
  { pid, port }: Target,
  small: readonly string[],
  large: readonly string[],
  sizeMib: number,
): Promise<Figures> {
  await curl(port, small);
  const rssBefore = rssOf(pid);
  const before = cpuOf(pid);
  const beganAt = performance.now();
  let seconds = 0;
  const peak = await peakDuring(
    pid,
    curl(port, large).then(() => (seconds = (performance.now() - beganAt) / 1_000)),
  );
  const after = cpuOf(pid);
  return {
    mibPerSecond: sizeMib / seconds,
    cpuUsPerMib: (after.totalUs - before.totalUs) / sizeMib,
    growthMib: (peak - rssBefore) / MIB,
  };
}

/**
 * Arguments for the upload of a file of zeros. curl would ask first whether it may (`Expect`): one round trip, and not
 * what is measured.
 */
export function upload(folder: string, mib: number): string[] {
  const path = join(folder, `upload-${mib}m`);
  const file = openSync(path, "w");
  ftruncateSync(file, mib * MIB); // A hole, without blocks on a disk.
  closeSync(file);
  return ["--header", "Expect:", "--upload-file", path, "/upload"];
}

/** The last argument is a path. */
function curl(port: number, args: readonly string[]): Promise<string> {
  const url = `http://127.0.0.1:${port}${args.at(-1)}`;
  const all = ["--silent", "--show-error", "--fail", "--output", "/dev/null", ...args.slice(0, -1), url];
  return runToEnd({ command: "curl", args: all }, LIMIT_MS);
}
