import { type Running, runNode } from "./running.ts";

const CLI = new URL("../../packages/cli/src/", import.meta.url).href;
const FAKE = new URL("./sidecar-fake.ts", import.meta.url).href;
const START = `
const { dispatch } = await import("${CLI}dispatch.ts");
const { sidecarCommand } = await import("${CLI}sidecar/sidecar-command.ts");
const { runCommand } = await import("${CLI}run/run-command.ts");
const { createFake } = await import("${FAKE}");
const load = async () => createFake;
process.exitCode = await dispatch(process.argv.slice(1), [sidecarCommand(load), runCommand(load)]);`;

/** Starts `weft sidecar` or `weft run` with a fake in the place of the sidecar. */
export function runWithFake(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  return runNode(["--conditions=@weft/source", "--input-type=module", "--eval", START, "--", ...args], env);
}
