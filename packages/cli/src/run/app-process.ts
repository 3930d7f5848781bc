import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { constants } from "node:os";

/** The app, as a process of ours. */
export interface AppProcess {
  /** Passes a signal on; does nothing once it has ended. */
  kill(signal: NodeJS.Signals): void;
  /** When it has ended: its exit code, or 128 and the number of the signal that ended it, as shells have it. */
  readonly ended: Promise<number>;
}

/** Why the command cannot be started, and the exit code that shells give for it: 127 not found, 126 anything else. */
export interface NoApp {
  readonly code: 126 | 127;
  readonly why: string;
}

/** Starts the app with our own standard input, output and error. */
export async function startApp(
  [file, ...args]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<AppProcess | NoApp> {
  let child: ChildProcess;
  try {
    child = spawn(file, args, { stdio: "inherit", env });
    await once(child, "spawn");
  } catch (error) {
    return noApp(file, error);
  }
  // A signal that could not be sent: the process is gone, and `exit` says so.
  child.on("error", () => {});
  const ended = once(child, "exit").then(([code, signal]: (number | NodeJS.Signals | null)[]) =>
    exitCode(code, signal),
  );
  return {
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

function exitCode(code: unknown, signal: unknown): number {
  if (typeof code === "number") return code;
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0;
  return 128 + number;
}

function noApp(file: string, error: unknown): NoApp {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  // A file that is there, while something of it is not.
  if (code === "ENOENT" && file.includes("/") && existsSync(file)) {
    return { code: 127, why: "the interpreter that it names is not there" };
  }
  if (code === "ENOENT") return { code: 127, why: "there is no such command" };
  if (code === "EACCES") return { code: 126, why: "it may not be executed" };
  return { code: 126, why: error instanceof Error ? error.message : String(error) };
}
