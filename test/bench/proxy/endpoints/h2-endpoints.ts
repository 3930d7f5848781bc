import { freePorts } from "../../../real/free-ports.ts";
import { nodeProgram } from "../peers/node-program.ts";
import type { EndpointCounts, EndpointKind } from "../programs/h2/endpoint-connection.ts";
import { startHolder } from "../processes.ts";
import type { Endpoints } from "../scenario.ts";

/** Three endpoints over HTTP/2 that cost little: one process for them, as nginx is one for its three. */
export async function h2Endpoints(kind: EndpointKind): Promise<Endpoints> {
  const ports = await freePorts(3);
  const program = startHolder(nodeProgram("h2-endpoint.ts", [kind, ...ports.map(String)]));
  // One object, as the program's first lines say.
  const counts = async () => (await program.ask()) as EndpointCounts;
  await counts(); // it answers when all of them listen
  return {
    ports,
    pid: program.pid,
    stop: program.stop,
    async requests() {
      const { requests, refused } = await counts();
      if (refused > 0) throw new Error(`${refused} requests were not one gRPC message`);
      return requests;
    },
  };
}
