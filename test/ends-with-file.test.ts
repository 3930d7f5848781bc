import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** Starts one process before its hook's time is over, and another one behind it. */
const FILE = `
  import { spawn } from "node:child_process";
  import { appendFileSync } from "node:fs";
  import { endsWithFile } from ${JSON.stringify(join(import.meta.dirname, "ends-with-file.ts"))};
  function start() {
    const child = endsWithFile(spawn(process.execPath, ["--eval", "setInterval(() => {}, 1_000)"], { stdio: "ignore" }));
    appendFileSync(new URL("started", import.meta.url), child.pid + "\\n");
  }
  const timeIsOver = Promise.withResolvers();
  beforeAll(async () => {
    start();
    await timeIsOver.promise;
    start();
    await new Promise(() => {});
  }, 200);
  afterAll(() => timeIsOver.resolve());
  test("never runs", () => {});
`;

test("a process ends with its file, also when the hook that started it takes too long", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-ends-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "slow.test.js"), FILE);
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const { stderr } = spawnSync(process.execPath, [vitest, "run", "--root", folder, "--globals"], { encoding: "utf8" });
  expect(stderr).toContain("Hook timed out in 200ms");
  const started = (await readFile(join(folder, "started"), "utf8")).trim().split("\n").map(Number);
  expect(started).toHaveLength(2);
  await expect.poll(() => started.filter(isRunning)).toEqual([]);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // there is none
  }
}
