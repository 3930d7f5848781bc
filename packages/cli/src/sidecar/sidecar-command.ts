import type { Command, Given } from "../command.ts";
import { stopSignal } from "../stop-signal.ts";
import { policySource } from "./policy-source.ts";
import { readyLine, readyOr } from "./ready.ts";
import { mayCoalesce, SIDECAR_OPTIONS, SIDECAR_OPTIONS_HELP } from "./sidecar-flags.ts";
import { type CreateSidecar, startSidecar } from "./start-sidecar.ts";

/** `weft sidecar`: the process next to one service. */
export function sidecarCommand(load: () => Promise<CreateSidecar>): Command {
  return {
    name: "sidecar",
    summary: "balance the calls of one service, next to it",
    help: `Usage: weft sidecar FILE [options]
       weft sidecar --listen ADDRESS --upstream ADDRESS,... [options]

Takes calls on its listeners and passes each on to an endpoint that is fit. When every listener accepts, one line of
JSON goes to standard output; logs go to standard error. SIGTERM and SIGINT drain it: it leaves the registry, stops
accepting, lets what runs finish, and exits with 0; a second one ends it at once. So does /drain of the admin API. SIGHUP
reads the policy file and opens the access log again.

${SIDECAR_OPTIONS_HELP}`,
    serves: true,
    options: SIDECAR_OPTIONS,
    run: (given) => run(given, load),
  };
}

async function run(given: Given, load: () => Promise<CreateSidecar>): Promise<number> {
  const source = policySource(given, "sidecar");
  const stopped = stopSignal((signal) => log(`${signal}: draining; a second signal ends it at once`)).then(
    () => "stopped" as const,
  );
  let hangUp = (): void => {}; // what it starts with is new enough
  process.on("SIGHUP", () => hangUp());
  const started = await startSidecar(source, { load, log, coalesce: mayCoalesce(given) });
  if (started.kind === "not-started") return started.code;
  const { sidecar } = started;
  hangUp = (): void => {
    sidecar.reopenLog().catch((error: unknown) => log(`the access log is not opened anew: ${messageOf(error)}`));
    started.reread();
  };
  if ((await readyOr(Promise.race([stopped, sidecar.ending]), sidecar, log)) === "ready") {
    process.stdout.write(readyLine(sidecar.listeners));
    await Promise.race([stopped, sidecar.ending]);
  }
  await started.stopFollowing();
  const { finished, cut, tookMs } = await sidecar.drain();
  log(`drained in ${Math.round(tookMs)} ms: ${finished} finished, ${cut} cut`);
  return 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function log(text: string): void {
  process.stderr.write(`weft sidecar: ${text}\n`);
}
