import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Endpoint, endpoint } from "@weft/core";
import { onTestFinished } from "vitest";
import { endsWithFile } from "../../ends-with-file.ts";

const MAIN = fileURLToPath(new URL("endpoint-process.ts", import.meta.url));

/** An endpoint in a process of its own. */
export interface ChildEndpoint {
  readonly endpoint: Endpoint;
  /** Resolves when it has sent half of an answer, and will send no more. */
  inside(): Promise<void>;
  /** Closes the connections that wait for a next request. */
  closeIdle(): Promise<void>;
  kill(signal: "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
}

/** Starts one; killed with the test. @param id of the endpoint */
export async function childEndpoint(id: string): Promise<ChildEndpoint> {
  const child = endsWithFile(fork(MAIN, { execArgv: [] }));
  onTestFinished(() => ended(child));
  const [port] = await once(child, "message");
  return {
    endpoint: endpoint({ id, host: "127.0.0.1", port: Number(port) }),
    inside: () => said(child, "inside"),
    async closeIdle() {
      const closed = said(child, "closed idle");
      child.send("close idle");
      await closed;
    },
    kill: (signal) => void child.kill(signal),
  };
}

async function said(child: ChildProcess, word: string): Promise<void> {
  for (;;) if ((await once(child, "message"))[0] === word) return;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
