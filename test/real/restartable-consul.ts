import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRealConsul } from "./real-server.ts";

/** A real agent that can be killed, and comes back on the same port with what it knew. */
export interface RestartableConsul {
  readonly url: string;
  readonly port: number;
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  /** Ends it for good, and deletes its files. */
  readonly close: () => Promise<void>;
}

/** @param binary as found by `realConsul` @param httpPort absent: one that is free */
export async function startRestartableConsul(binary: string, httpPort?: number): Promise<RestartableConsul> {
  // Even in development mode an agent keeps its services and checks on disk when it is given a folder.
  const folder = await mkdtemp(join(tmpdir(), "weft-consul-data-"));
  const args = [`-data-dir=${folder}`];
  let running = await startRealConsul(binary, httpPort === undefined ? { args } : { args, httpPort });
  const { url, port } = running;
  return {
    url,
    port,
    kill: () => running.stop(),
    async restart() {
      running = await startRealConsul(binary, { args, httpPort: port });
    },
    async close() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
