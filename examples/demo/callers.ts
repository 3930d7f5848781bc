import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A program that calls a service and contains nothing of weft. */
export interface Caller {
  readonly name: string;
  /** What it is written in. */
  readonly language: string;
  readonly command: readonly string[];
}

/** Calls orders over HTTP: in Python, or where there is none, with bare sockets of Node. */
export function reports(): Caller {
  const name = "reports";
  return saysYes("python3", "import sys; sys.exit(sys.version_info < (3, 8))")
    ? { name, language: "Python", command: ["python3", "-B", path("reports.py")] }
    : { name, language: "bare sockets", command: [process.execPath, path("reports.ts")] };
}

/**
 * Calls stock over gRPC: in Go, or where there is none that knows HTTP/2 in the clear, in Python with grpcio, or where
 * there is neither, with grpc-js.
 *
 * @param folder for what Go compiles
 * @param signal ends the compiler
 */
export async function checkout(folder: string, signal: AbortSignal): Promise<Caller> {
  const name = "checkout";
  const program = await compiled(folder, signal);
  if (program !== undefined) return { name, language: "Go", command: [program] };
  return saysYes("python3", "import sys, grpc; sys.exit(sys.version_info < (3, 8))")
    ? { name, language: "Python", command: ["python3", "-B", path("checkout.py")] }
    : { name, language: "Node", command: [process.execPath, path("checkout.ts")] };
}

/** Go's first compilation on a machine takes its library along: half a minute on two cores. */
const COMPILE_MS = 90_000;

/** checkout.go as a program that runs here; undefined where Go is missing, or older than 1.24. */
async function compiled(folder: string, signal: AbortSignal): Promise<string | undefined> {
  // Nothing is to be fetched, and no C compiler asked for.
  const env = { ...process.env, GOTOOLCHAIN: "local", GOPROXY: "off", GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" };
  const version = spawnSync("go", ["env", "GOVERSION"], { env, encoding: "utf8" }).stdout ?? "";
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) !== 1 || Number(minor) < 24) return undefined;
  const program = join(folder, "checkout");
  const args = ["build", "-o", program, path("checkout.go")];
  try {
    await promisify(execFile)("go", args, { env, signal, timeout: COMPILE_MS, killSignal: "SIGKILL" });
  } catch {
    return undefined;
  }
  // It ends with its input: whether it runs at all.
  return spawnSync(program, { input: "", timeout: 5_000 }).status === 0 ? program : undefined;
}

function saysYes(python: string, program: string): boolean {
  return spawnSync(python, ["-c", program], { stdio: "ignore" }).status === 0;
}

function path(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
