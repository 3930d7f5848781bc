/*
 * Makes a fresh clone runnable with nothing but Node 20 and npm: installs, finds the Node to use, builds, runs.
 *
 *   node .ci/bootstrap.mjs                    install and build only
 *   node .ci/bootstrap.mjs FILE [ARGUMENTS]   and then run FILE, with the workspace's Node first in PATH
 *   node .ci/bootstrap.mjs --keep-going FILE  the same, also when the build fails: the checks report that themselves
 *
 * Plain JavaScript for Node 20, and no package is imported: nothing may be installed yet.
 * Exit code: that of FILE; 1 when install or build fails; 2 when no Node here is new enough.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BIN = join(ROOT, "node_modules", ".bin");
const STAMP = join(ROOT, "node_modules", ".weft-installed");
const PNPM = "pnpm@12.21.0";
const WINDOWS = process.platform === "win32";

install();
const node = findNode();
const keepGoing = process.argv[2] === "--keep-going";
const env = { ...process.env, PATH: [dirname(node), BIN, process.env.PATH].join(delimiter) };
build();
const [file, ...args] = process.argv.slice(keepGoing ? 3 : 2);
if (file !== undefined) run(file, args);

/** Installs when what is installed does not belong to the lock file and the manifests as they are now. */
function install() {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;
  process.stderr.write(`Installing packages into node_modules with ${PNPM} ...\n`);
  const done = quietly("npx", ["--yes", PNPM, "install", "--frozen-lockfile"], { ...process.env, CI: "true" });
  if (done.status !== 0) fail(1, `${done.text}\nThe install failed. Is the npm registry within reach?`);
  writeFileSync(STAMP, wanted);
}

function fingerprint() {
  const hash = createHash("sha256");
  const manifests = readdirSync(join(ROOT, "packages")).map((name) => `packages/${name}/package.json`);
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", "examples/package.json", "test/package.json"];
  for (const path of [...files, ...manifests.sort()]) {
    if (existsSync(join(ROOT, path))) hash.update(path).update(readFileSync(join(ROOT, path)));
  }
  return hash.digest("hex");
}

/** The workspace's own Node (an optional dependency, Linux x64 only), else the one that runs this file. */
function findNode() {
  const own = join(BIN, "node");
  if (existsSync(own) && spawnSync(own, ["--version"]).status === 0) return own;
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath;
  return fail(2, `weft needs Node >= 22.19 on this platform; this is ${process.versions.node}.`);
}

function build() {
  let built = quietly("tsc", ["-b"], env);
  // Incremental state may hold errors of an older configuration; only a full build is believed.
  if (built.status !== 0) built = quietly("tsc", ["-b", "--force"], env);
  if (built.status === 0) built = quietly("rolldown", ["-c"], env);
  if (built.status !== 0 && !keepGoing) fail(1, `${built.text}\nThe build failed.`);
}

function run(program, programArgs) {
  const child = spawn(node, [program, ...programArgs], { cwd: ROOT, env, stdio: "inherit" });
  // In a terminal Ctrl-C reaches the child by itself; a second copy from us would mean "at once".
  const forward = (signal) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, forward);
  child.on("error", (error) => fail(1, `cannot start ${program}: ${error.message}`));
  child.on("close", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const each of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(each);
    process.kill(process.pid, signal);
  });
}

function quietly(command, commandArgs, environment) {
  const done = spawnSync(command, commandArgs, {
    cwd: ROOT,
    env: environment,
    encoding: "utf8",
    shell: WINDOWS,
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 26,
  });
  return { status: done.status, text: done.error ? done.error.message : done.stdout + done.stderr };
}

function fail(code, message) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
