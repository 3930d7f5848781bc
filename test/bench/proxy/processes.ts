import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What to start. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The harness's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** After SIGTERM, before SIGKILL. 1,000 when absent. */
  readonly stopsWithinMs?: number;
}

export interface Running {
  readonly pid: number;
  /** SIGTERM, and SIGKILL when that does not end it. Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>;
}

const LISTENS_WITHIN_MS = 20_000;
const STOPS_WITHIN_MS = 1_000;
const LOG_KEPT = 4_000;

/** Everything that the harness has started and not yet ended: killed with it, however it ends short of SIGKILL. */
const started = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of started) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/**
 * Starts a server and waits until a connection to `port` on loopback is accepted.
 *
 * @throws Error with the end of its output when it ends first or does not listen within 20 s
 */
export async function startServer(launch: Launch, port: number): Promise<Running> {
  const { child, ended, log } = begin(launch, "ignore");
  const running = { pid: child.pid ?? 0, stop: () => stop(child, ended, launch.stopsWithinMs) };
  let gone = false;
  void ended.then(() => (gone = true));
  const giveUpAt = performance.now() + LISTENS_WITHIN_MS;
  while (!(await accepts(port))) {
    if (gone || performance.now() > giveUpAt) {
      await running.stop();
      throw new Error(`${gone ? "ended at once" : "does not listen"}: ${log().trim() || "no output"}`);
    }
    await Promise.race([ended, sleep(20)]);
  }
  return running;
}

/**
 * Runs a program to its end.
 *
 * @returns its standard output
 * @throws Error with the end of its standard error when it fails, or does not end in `withinMs`
 */
export async function runToEnd(launch: Launch, withinMs: number): Promise<string> {
  const { child, ended, log } = begin(launch, "pipe");
  const parts: string[] = [];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => parts.push(text));
  const limit = setTimeout(() => child.kill("SIGKILL"), withinMs);
  const code = await ended;
  clearTimeout(limit);
  if (code !== 0) throw new Error(`${launch.command} ended with ${code}: ${log().trim() || parts.join("").trim()}`);
  return parts.join("");
}

/** A program that holds something and answers one line of JSON for each line that it is sent. It ends with its input. */
export interface Holder {
  readonly pid: number;
  ask(): Promise<unknown>;
  stop(): Promise<void>;
}

export function startHolder(launch: Launch): Holder {
  const { child, ended, log } = begin(launch, "pipe", "pipe");
  let gone = false;
  void ended.then(() => (gone = true));
  child.stdin?.on("error", () => {}); // It has ended: `ask` says so.
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (more: string) => (text += more));
  return {
    pid: child.pid ?? 0,
    stop: () => stop(child, ended),
    async ask() {
      text = "";
      child.stdin?.write("\n");
      while (!text.includes("\n")) {
        if (gone) throw new Error(`${launch.command} ended early: ${log().trim()}`);
        await Promise.race([ended, sleep(10)]);
      }
      return JSON.parse(text);
    },
  };
}

function begin(launch: Launch, stdout: "ignore" | "pipe", stdin: "ignore" | "pipe" = "ignore") {
  const { command, args, env = process.env } = launch;
  const child = spawn(command, args, { env, stdio: [stdin, stdout, "pipe"] });
  started.add(child);
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (more: string) => (text = (text + more).slice(-LOG_KEPT)));
  const ended = new Promise<number | string>((resolve) => {
    child.once("error", (error) => {
      text += error.message;
      resolve("an error");
    });
    child.once("close", (code, signal) => resolve(code ?? signal ?? "no code"));
  });
  void ended.then(() => started.delete(child));
  return { child, ended, log: () => text };
}

async function stop(child: ChildProcess, ended: Promise<unknown>, withinMs = STOPS_WITHIN_MS): Promise<void> {
  if (!started.has(child)) return;
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), withinMs);
  await ended;
  clearTimeout(kill);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
