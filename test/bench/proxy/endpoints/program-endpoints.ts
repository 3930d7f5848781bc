import { freePorts } from "../../../real/free-ports.ts";
import { nodeProgram } from "../peers/node-program.ts";
import { startServer } from "../processes.ts";
import type { Endpoints } from "../scenario.ts";

/** Three endpoints of one program of the folder `programs`, which is given their ports. */
export async function programEndpoints(file: string): Promise<Endpoints> {
  const ports = await freePorts(3);
  const running = await startServer(nodeProgram(file, ports.map(String)), ports[2]!);
  return { ports, pid: running.pid, stop: running.stop };
}
