import { spawn } from "node:child_process";
import { once } from "node:events";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isMain, median, table } from "./report.ts";

const ROUNDS = 15;
const CLI = new URL("../../packages/cli/", import.meta.url);
const COMMAND = ["sidecar", "--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:1"];
const FILES = `const { main } = await import(${JSON.stringify(new URL("dist/index.js", CLI).href)}); process.exitCode = await main(process.argv.slice(1));`;

/** How long `weft sidecar` takes from its start to its ready line: the one file of the command, and the files it is made of. */
async function startReport(): Promise<string> {
  const ways = [
    { name: "one file", args: [fileURLToPath(new URL("bin/weft.js", CLI))], takenMs: [] as number[] },
    { name: "its files", args: ["--input-type=module", "--eval", FILES, "--"], takenMs: [] as number[] },
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { args, takenMs } of ways) takenMs.push(await start([...args, ...COMMAND]));
  }
  const [bundled, files] = ways.map(({ takenMs }) => takenMs);
  const ratio = median(bundled!.map((ms, round) => ms / files![round]!));
  const rows = ways.map(({ name, takenMs }) => [name, Math.min(...takenMs).toFixed(0), median(takenMs).toFixed(0)]);
  return `ms to the ready line, least and median of ${ROUNDS} rounds by turns; by rounds the one file takes ${ratio.toFixed(2)} of its files.\n\n${table(["started from", "least", "median"], rows)}`;
}

async function start(args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  const exited = once(child, "exit");
  for await (const line of createInterface(child.stdout)) {
    const takenMs = performance.now() - startedMs;
    if (!line.includes('"ready":true')) throw new Error(`in place of its ready line: ${line}`);
    child.kill("SIGTERM");
    await exited;
    return takenMs;
  }
  throw new Error("it ended before it was ready");
}

if (isMain(import.meta.url)) console.log(await startReport());
