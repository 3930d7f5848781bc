import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { endsWithFile } from "../ends-with-file.ts";
import { realTool, type ToolCommand } from "../real/real-tool.ts";
import type { Stage } from "./stage.ts";

const CLIENTS = join(import.meta.dirname, "clients");

/**
 * A program in another language that makes calls through a sidecar, told which by the name of a scenario:
 *
 *   reach    one GET each by HTTP_PROXY, by Host, by CONNECT and by the inbound listener
 *   post     4 KiB with a length, in chunks, and once more
 *   large    all of the file UPLOAD to the endpoint, and as many bytes back
 *   spread   300 GETs, 100 of them at any time
 *   kill     GETs without a pause: says `under-way` after 50, and goes on for 240 more after a line of standard input
 *   errors   three calls that the sidecar answers itself
 *
 * It prints a line for each answer, `NAME STATUS BODY`, errors with their media type before the body, and at last of
 * spread and kill `ended CALLS FAILED`.
 */
export interface Client {
  readonly language: string;
  /** Why it cannot be run here; undefined: it can. */
  readonly skip: string | undefined;
  /** What compiles and runs it. */
  readonly tool: ToolCommand;
  /** The command that runs it, made ready in that folder. */
  prepare(folder: string, tool: string): (outbound: number) => readonly [command: string, ...args: string[]];
}

export const CLIENTS_BY_LANGUAGE: readonly Client[] = [
  client("curl", "curl", () => () => ["sh", join(CLIENTS, "curl.sh")]),
  client("Python", "python3", () => () => ["python3", join(CLIENTS, "client.py")]),
  client("Go", "go", (folder, go) => {
    const binary = join(folder, "client");
    // One file of the standard library's: nothing is fetched, and no module is needed.
    execFileSync(go, ["build", "-o", binary, join(CLIENTS, "client.go")], {
      env: { ...process.env, GOFLAGS: "-mod=mod", GOPROXY: "off", GO111MODULE: "off" },
    });
    return () => [binary];
  }),
  client("Java", "java", (folder, java) => {
    // Compiled once rather than at each start, which costs a second.
    const compiler = ["-m", "jdk.compiler/com.sun.tools.javac.Main", "-d", folder, join(CLIENTS, "Client.java")];
    execFileSync(java, compiler);
    return (outbound) => [
      java,
      "-XX:TieredStopAtLevel=1",
      "-Dhttp.proxyHost=127.0.0.1",
      `-Dhttp.proxyPort=${outbound}`,
      "-Djdk.httpclient.allowRestrictedHeaders=host",
      "-cp",
      folder,
      "Client",
    ];
  }),
];

function client(language: string, tool: ToolCommand, prepare: Client["prepare"]): Client {
  const found = realTool(tool);
  const skip = found.kind === "missing" ? found.skip : tool === "java" ? cannotCompile() : undefined;
  return { language, tool, skip, prepare };
}

/** A runtime without tools does not have one. */
function cannotCompile(): string | undefined {
  const java: ToolCommand = "java";
  const modules = spawnSync(java, ["--list-modules"], { encoding: "utf8" });
  return /^jdk\.compiler@/m.test(modules.stdout) ? undefined : "this Java has no compiler";
}

/**
 * Runs a scenario to its end.
 *
 * @param underWay called when the client says so; it goes on when that has resolved
 * @returns its lines by their first word
 * @throws  Error with what it wrote to standard error, when it ends with another code than 0
 */
export async function runScenario(
  command: readonly [string, ...string[]],
  scenario: string,
  stage: Stage,
  upload: string,
  underWay: () => Promise<void> = async () => {},
): Promise<ReadonlyMap<string, string>> {
  const [program, ...args] = command;
  const proxy = `http://127.0.0.1:${stage.outbound}`;
  const child = endsWithFile(
    spawn(program, [...args, scenario], {
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        ...process.env,
        HTTP_PROXY: proxy,
        http_proxy: proxy,
        NO_PROXY: "127.0.0.1",
        no_proxy: "127.0.0.1",
        OUTBOUND: `${stage.outbound}`,
        INBOUND: `${stage.inbound}`,
        UPLOAD: upload,
        FOLDER: stage.folder,
      },
    }),
  );
  let problems = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problems += text));
  const closed = once(child, "close");
  const lines = new Map<string, string>();
  try {
    for await (const line of createInterface(child.stdout)) {
      const [name = "", ...rest] = line.split(" ");
      lines.set(name, rest.join(" "));
      if (name !== "under-way") continue;
      await underWay();
      child.stdin.end("go on\n");
    }
    await closed;
  } finally {
    child.kill("SIGKILL");
  }
  if (child.exitCode !== 0 || problems !== "")
    throw new Error(`${program} ${scenario}: ${child.exitCode}\n${problems}`);
  return lines;
}
