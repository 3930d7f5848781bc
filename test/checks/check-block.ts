import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { DocBlock } from "./doc-blocks.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
/** Below `test/`, so that programs resolve what tests may import: every package, and the clients they work with. */
const SCRATCH = join(ROOT, "test", ".docs");
const RUN_MS = 30_000;
const WEFT = join(ROOT, "packages", "cli", "bin", "weft.js");

/**
 * Checks one block by its language; undefined when it is fine, else what is wrong.
 *
 * `ts` and `js` are type-checked and run, and must end with 0 within 30 s: so says the mode `run`, or none; `check` only checks types.
 * `json` and `yaml` are parsed. Each line of `sh` must call a script, a file or a command of this repository,
 * and `weft` with a command and flags that its help knows.
 * `text`, `diff` and blocks without a language are left alone. Any other word is a mistake.
 */
export function checkBlock(block: DocBlock): string | undefined {
  const { language, mode, code } = block;
  if (mode !== "" && !(/^(check|run)$/.test(mode) && /^[tj]s$/.test(language)))
    return `unknown mode "${mode}" of ${language}`;
  switch (language) {
    case "ts":
    case "js":
      return checkProgram(language, code, mode !== "check");
    case "json":
      return problemOf(() => void JSON.parse(code));
    case "yaml":
      return parseAllDocuments(code).flatMap(({ errors }) => errors.map(({ message }) => message))[0];
    case "sh":
      return checkShell(code);
    case "":
    case "text":
    case "diff":
      return undefined;
    default:
      return `unknown language "${language}"; known: ts, js, json, yaml, sh, text, diff`;
  }
}

function checkProgram(language: string, code: string, execute: boolean): string | undefined {
  mkdirSync(SCRATCH, { recursive: true });
  const folder = mkdtempSync(join(SCRATCH, "block-"));
  try {
    const file = `block.${language}`;
    writeFileSync(join(folder, file), code);
    const compilerOptions = {
      noEmit: true,
      composite: false,
      declaration: false,
      isolatedDeclarations: false,
      allowJs: true,
      allowImportingTsExtensions: true,
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../../tsconfig.base.json", compilerOptions, include: [file] }),
    );
    return (
      finished(join(BIN, "tsc"), ["-p", "."], folder) ??
      (execute ? finished(process.execPath, [file], folder) : undefined)
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function finished(command: string, args: readonly string[], cwd: string): string | undefined {
  const done = spawnSync(command, args, { cwd, encoding: "utf8", timeout: RUN_MS, killSignal: "SIGKILL" });
  if (done.status === 0) return undefined;
  return `${done.error?.message ?? ""}${done.stdout}${done.stderr}`.trim() || `ended by ${done.signal}`;
}

/** Commands are not run: most of them start something. That what they name exists is what goes stale. */
function checkShell(code: string): string | undefined {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: object }; // npm's format
  for (const line of code.replaceAll("\\\n", " ").split("\n")) {
    const words = line
      .replace(/(^|\s)#.*$/, "")
      .replace(/^\s*\$ /, "")
      .trim()
      .split(/\s+/)
      .filter((word) => !/^[A-Z_]+=/.test(word));
    const [command = "", first = "", second = ""] = words;
    const script = command === "npm" ? (first === "run" ? second : first) : "";
    if (command === "" || ["cd", "git", "curl", "export", "docker"].includes(command)) continue;
    if (command === "npm" && (first === "install" || Object.hasOwn(scripts, script))) continue;
    const weft = words.indexOf("weft");
    if (weft === 0 || (weft === 1 && command === "npx")) {
      const wrong = checkWeft(words.slice(weft + 1));
      if (wrong !== undefined) return `"${line.trim()}": ${wrong}`;
      continue;
    }
    if (
      ["npx", "pnpm"].includes(command) &&
      ["pnpm@12.21.0", "vitest", "oxfmt", "oxlint", "install", "add"].includes(first)
    )
      continue;
    if (existsSync(join(ROOT, command))) continue;
    if (command === "node" && words.slice(1).some((word) => existsSync(join(ROOT, word)))) continue;
    return `"${line.trim()}" calls nothing that is in this repository`;
  }
  return undefined;
}

/** @param words the command's name, and what follows it */
function checkWeft([command = "", ...args]: readonly string[]): string | undefined {
  const help = helpOf(command);
  if (help === undefined) return `weft has no command "${command}"`;
  const end = args.indexOf("--"); // what follows is somebody else's
  const own = end < 0 ? args : args.slice(0, end);
  const flags = own.filter((word) => word.startsWith("-")).map((word) => word.replace(/=.*/, ""));
  const unknown = flags.find((flag) => !help.split(/[\s,]+/).includes(flag));
  if (unknown !== undefined) return `weft ${command} has no ${unknown}`;
  const lost = own.find((word) => word.startsWith("examples/") && !existsSync(join(ROOT, word)));
  return lost === undefined ? undefined : `there is no ${lost}`;
}

const HELPS = new Map<string, string | undefined>();

/** Undefined: there is no such command. */
function helpOf(command: string): string | undefined {
  if (!HELPS.has(command)) {
    const { status, stdout } = spawnSync(process.execPath, [WEFT, command, "--help"], { encoding: "utf8" });
    HELPS.set(command, status === 0 ? stdout : undefined);
  }
  return HELPS.get(command);
}

function problemOf(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
