import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Address } from "@weft/config";
import { onTestFinished } from "vitest";
import { endsWithFile } from "../ends-with-file.ts";

const MAIN = fileURLToPath(new URL("endpoint-process.ts", import.meta.url));

/** A test server of grpc-js in a process of its own. */
export interface ChildEndpoint {
  readonly address: Address;
  readonly port: number;
  /** Lets what runs come to an end for so long, then ends it, as a deployment does. Resolves when it is gone. */
  drain(graceMs: number): Promise<void>;
  /** Ends it as a crash does. Resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts one; killed with the test.
 *
 * @param id   what it answers when asked for its `server_id`
 * @param port default: any free one
 */
export async function childEndpoint(id: string, port = 0): Promise<ChildEndpoint> {
  const child = endsWithFile(fork(MAIN, [id, `${port}`], { execArgv: [] }));
  onTestFinished(() => killed(child));
  const [said] = await once(child, "message");
  const taken = Number(said);
  return {
    address: `127.0.0.1:${taken}`,
    port: taken,
    async drain(graceMs) {
      const exit = once(child, "exit");
      child.send("drain");
      const grace = setTimeout(() => child.send("end"), graceMs);
      await exit;
      clearTimeout(grace);
    },
    kill: () => killed(child),
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}
