import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { endsWithFile } from "../ends-with-file.ts";
import { weftArguments } from "./weft.ts";

/** `weft` as a process that goes on until somebody ends it. */
export interface Running extends AsyncDisposable {
  /** Waits for standard output or error to hold what `pattern` looks for. @throws Error with all output when it ends first */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Stops reading what it writes, as a reader that is gone does. */
  stopReading(name: "stdout" | "stderr"): void;
  /** When it has ended: its exit code, null when a signal ended it, and all that it wrote. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/**
 * Starts `weft` from its sources.
 *
 * @param args  what stands after `weft`
 * @param setup JavaScript that the process runs first
 */
export function runWeft(args: readonly string[], setup = ""): Running {
  const before = setup === "" ? [] : ["--import", `data:text/javascript,${encodeURIComponent(setup)}`];
  return runNode([...before, ...weftArguments(args)]);
}

/**
 * Starts Node.
 *
 * @param env besides what this process has
 */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child: ChildProcess = endsWithFile(
    spawn(process.execPath, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    }),
  );
  const wrote = { stdout: "", stderr: "" };
  let looking: (() => void)[] = [];
  const look = (): void => {
    const now = looking;
    looking = [];
    for (const again of now) again();
  };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      wrote[name] += text;
      look();
    });
  }
  let over = false;
  const ended = once(child, "close").then(() => {
    over = true;
    look();
    return { code: child.exitCode, ...wrote };
  });
  return {
    async says(pattern) {
      for (;;) {
        const found = pattern.exec(wrote.stdout) ?? pattern.exec(wrote.stderr);
        if (found !== null) return found;
        if (over) throw new Error(`weft ended without saying ${pattern}:\n${wrote.stdout}${wrote.stderr}`);
        await new Promise<void>((resolve) => void looking.push(resolve));
      }
    },
    kill: (signal) => void child.kill(signal),
    stopReading: (name) => void child[name]?.destroy(),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
