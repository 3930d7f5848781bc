import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const REPO = join(import.meta.dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "weft-lint-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMPURE = [
  "export const at = Date.now();",
  "export const at = new Date();",
  "export const at = performance.now();",
  "export const at = globalThis.performance.now();",
  "export const draw = Math.random();",
  'export const draw = Math["random"]();',
  "setTimeout(() => {}, 1);",
  "setInterval(() => {}, 1);",
  "setImmediate(() => {});",
  "queueMicrotask(() => {});",
  "export const late = AbortSignal.timeout(5);",
  "const { timeout } = AbortSignal;\nexport const late = timeout(5);",
  "export const at = Temporal.Now.instant();",
  "export const at = new Intl.DateTimeFormat().format();",
  'export const at = new Function("return Date.now()")();',
  "export const wait = new MessageChannel();",
  "export const id = process.pid;",
  'export const bytes = Buffer.from("a");',
  'export { join } from "node:path";',
  'import { Pool } from "undici";\nexport const pool = Pool;',
  'export * from "@weft/testkit";',
];

describe("the lint rules of core", () => {
  test.each(IMPURE)("refuse %j in a source", (code) => {
    expect(lint("packages/core/src/impure.ts", code)).toMatch(/no-restricted-(globals|properties|imports)/);
  });

  test("hold for modules of every ending", () => {
    expect(lint("packages/core/src/impure.mts", "setTimeout(() => {}, 1);")).toContain("no-restricted-globals");
  });

  test("leave its tests and other packages alone", () => {
    const code = "export const at: number = Date.now();\n";
    expect(lint("packages/core/src/pure.test.ts", code)).toBe("");
    expect(lint("packages/client/src/clock.ts", code)).toBe("");
  });

  test("accept code that takes its time as an argument", () => {
    const code =
      'import type { Clock } from "./time.ts";\nexport const at = (clock: Clock): number => clock.nowMs();\n';
    expect(lint("packages/core/src/pure.ts", code)).toBe("");
  });
});

/** The rules that a file of this path breaks, one a line. Overrides go by path, so the config is copied beside it. */
function lint(path: string, code: string): string {
  rmSync(join(folder, "packages"), { recursive: true, force: true });
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), code);
  const config = join(folder, ".oxlintrc.json");
  copyFileSync(join(REPO, ".oxlintrc.json"), config);
  const done = spawnSync(join(REPO, "node_modules", ".bin", "oxlint"), ["-c", config, "-f", "unix", "packages"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (done.error) throw done.error;
  return done.status === 0 ? "" : done.stdout + done.stderr;
}
