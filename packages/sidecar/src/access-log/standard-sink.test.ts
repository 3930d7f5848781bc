import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Logs 4,000 lines, some 1.6 MB in eight turns, then says on standard error how that went. */
const PROGRAM = `
  const { openAccessLog } = await import(${JSON.stringify(new URL("access-log.ts", import.meta.url).href)});
  const { anEntry } = await import(${JSON.stringify(new URL("an-entry.suite.ts", import.meta.url).href)});
  const { systemTime } = await import("@weft/discovery");
  const log = await openAccessLog({ format: "json", to: "stdout", timer: systemTime });
  for (let turn = 0; turn < 8; turn++) {
    for (let i = 0; i < 500; i++) log.write(anEntry());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
  process.stderr.write("dropped " + log.linesDropped + "\\n");
`;

/** Runs the program in a shell with its standard output led to where `output` says. @returns its standard error, with its exit code behind it */
function run(output: string, then = ":"): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const script = `{ "$NODE" --conditions=@weft/source --input-type=module --eval "$PROGRAM"; echo "exit $?" >&2; ${then}; } ${output}`;
  const options = {
    cwd: import.meta.dirname,
    timeout: 50_000,
    env: { ...process.env, NODE: process.execPath, PROGRAM },
  };
  execFile("sh", ["-c", script], options, (_error, _stdout, stderr) => resolve(stderr));
  return promise;
}

test("standard output: every line reaches a reader that reads", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-stdout-"));
  const file = join(folder, "out");
  for (const output of [`| cat > ${file}`, `> ${file}`]) {
    const [, dropped = ""] = /^dropped (\d+)\nexit 0\n$/.exec(await run(output)) ?? [];
    expect(readFileSync(file, "utf8").match(/^\{.*\}$/gm)).toHaveLength(4_000 - Number(dropped));
  }
  rmSync(folder, { recursive: true });
});

test("standard output: a reader that leaves ends nothing", { timeout: 60_000 }, async () => {
  expect(await run("| head -n 1 > /dev/null")).toMatch(/^dropped [1-9]\d*\nexit 0\n$/);
});

test("standard output: a reader that is stuck holds nobody up", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-stdout-"));
  const gate = join(folder, "gate");
  execFileSync("sh", ["-c", `mkfifo ${gate}`]);
  // The reader reads nothing, and ends once the program has.
  const told = await run(`| { read -r _ < ${gate}; echo over >&2; }`, `echo go > ${gate}`);
  const [, dropped] = /^dropped (\d+)\nexit 0\nover\n$/.exec(told) ?? [];
  expect(Number(dropped)).toBeGreaterThan(3_000);
  expect(Number(dropped)).toBeLessThan(4_000); // what the pipe holds was written
  rmSync(folder, { recursive: true });
});

test.skipIf(!existsSync("/dev/full"))("standard output: a full disk ends nothing", { timeout: 60_000 }, async () => {
  expect(await run("> /dev/full")).toBe("dropped 4000\nexit 0\n");
});
