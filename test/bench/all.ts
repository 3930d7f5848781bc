import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { arch, cpus, platform, release } from "node:os";
import { execArgv, execPath, exit, version } from "node:process";
import { fileURLToPath } from "node:url";

/** Each prints its own tables. In the order of the report. */
const PARTS = [
  { file: "pick.ts", title: "A pick" },
  { file: "hash.ts", title: "Keys and rings" },
  { file: "decisions.ts", title: "What explain costs a call" },
  { file: "aperture.ts", title: "Subsets of many callers" },
  { file: "telemetry.ts", title: "A call's trace" },
  { file: "replay.ts", title: "A slow and a failing endpoint" },
  { file: "simulation.ts", title: "A simulated call" },
  { file: "start.ts", title: "The start of the command" },
  { file: "quiet.ts", title: "A sidecar with little to do" },
  { file: "dispatch.ts", title: "A dispatch through the mesh" },
  { file: "fetch.ts", title: "mesh.fetch" },
];

/** One report of all benchmarks, for docs/performance.md: on which machine, when, and the tables. */
console.log(`${machine()}\n`);
let failures = 0;
for (const { file, title } of PARTS) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  if (!existsSync(path)) continue;
  console.log(`## ${title}\n`);
  const { status } = spawnSync(execPath, [...execArgv, path], { stdio: "inherit" });
  if (status !== 0) failures++;
  console.log();
}
exit(failures);

function machine(): string {
  const processors = cpus();
  const model = processors[0]?.model ?? "unknown processor";
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${processors.length} x ${model}, ${platform()} ${release()} ${arch()}, Node ${version}`;
}
