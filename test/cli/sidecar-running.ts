import { fileURLToPath } from "node:url";
import { type Running, runNode } from "./running.ts";

const file = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
const CLI = "../../packages/cli/src";
const START = `
const { dispatch } = await import(${file(`${CLI}/dispatch.ts`)});
const { sidecarCommand } = await import(${file(`${CLI}/sidecar/sidecar-command.ts`)});
const { runCommand } = await import(${file(`${CLI}/run/run-command.ts`)});
const { createFake } = await import(${file("./sidecar-fake.ts")});
const load = async () => createFake;
process.exitCode = await dispatch(process.argv.slice(1), [sidecarCommand(load), runCommand(load)]);`;

/** Starts `weft sidecar` or `weft run` with a fake in the place of the sidecar. */
export function runWithFake(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  return runNode(["--conditions=@weft/source", "--input-type=module", "--eval", START, "--", ...args], env);
}
