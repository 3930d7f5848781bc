import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { dev } from "./dev.ts";
import { dispatch } from "./dispatch.ts";
import { explainCommand } from "./explain/explain-command.ts";
import { runCommand } from "./run/run-command.ts";
import { sidecarCommand } from "./sidecar/sidecar-command.ts";
import type { CreateSidecar } from "./sidecar/start-sidecar.ts";
import { inlineMore } from "./inline-more.ts";
import { compileEarly } from "./sidecar/early-code.ts";
import { collectRarely } from "./sidecar/old-objects.ts";
import { keepYoung } from "./sidecar/young-objects.ts";
import { simulateCommand } from "./simulate/simulate-command.ts";

const loadSidecar = async (): Promise<CreateSidecar> => {
  keepYoung();
  collectRarely();
  compileEarly();
  inlineMore();
  return (await import("@weft/sidecar")).createSidecar;
};
const COMMANDS: readonly Command[] = [
  sidecarCommand(loadSidecar),
  runCommand(loadSidecar),
  dev,
  check,
  explainCommand,
  simulateCommand(() => import("@weft/simulator")),
];

/**
 * Runs one command line. Results go to standard output, everything else to standard error.
 *
 * @param args what stands after `weft`
 * @returns the exit code: 0 done, 1 failed while running, 2 wrongly called or a file that is wrong; that of the command
 *   for `run`
 */
export function main(args: readonly string[]): Promise<number> {
  return dispatch(args, COMMANDS);
}
