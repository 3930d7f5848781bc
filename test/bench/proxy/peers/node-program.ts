import { join } from "node:path";
import { execPath } from "node:process";
import type { Mode } from "../mode.ts";
import type { Launch } from "../processes.ts";
import type { Peer } from "../scenario.ts";

/** How a program of the folder `programs` is run, with this same Node. */
export function nodeProgram(file: string, args: readonly string[]): Launch {
  return { command: execPath, args: [join(import.meta.dirname, "..", "programs", file), ...args] };
}

/** A proxy of the folder `programs`: it is given the port to listen on, then those of the endpoints. */
export function nodePeer(name: string, file: string, modes: readonly Mode[]): Peer {
  return { name, modes, launch: ({ listen, upstreams }) => nodeProgram(file, [listen, ...upstreams].map(String)) };
}
