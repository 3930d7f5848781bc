import { type Command, type Given, UsageError } from "../command.ts";
import { policySource } from "../sidecar/policy-source.ts";
import { readyLine, readyOr } from "../sidecar/ready.ts";
import { mayCoalesce, SIDECAR_OPTIONS, SIDECAR_OPTIONS_HELP } from "../sidecar/sidecar-flags.ts";
import { type CreateSidecar, startSidecar, type StartedSidecar } from "../sidecar/start-sidecar.ts";
import { appEnvironment } from "./app-environment.ts";
import { type AppProcess, startApp } from "./app-process.ts";
import { cameToBoth, runSignals } from "./run-signals.ts";

/** `weft run`: a sidecar, and the app next to it. */
export function runCommand(load: () => Promise<CreateSidecar>): Command {
  return {
    name: "run",
    summary: "run a command with a sidecar next to it",
    help: `Usage: weft run FILE [options] -- COMMAND ARGS...
       weft run --listen ADDRESS --upstream ADDRESS,... [options] -- COMMAND ARGS...

Starts a sidecar, and when it is ready the command, with HTTP_PROXY and its like set so that its calls go through the
sidecar. Ends when the command ends, with its exit code, after the sidecar has drained. Standard output is the command's
alone: the ready line, access log and logs go to standard error.

SIGTERM and SIGINT: the sidecar leaves the registry and waits until callers have noticed, then the command gets the
signal, and when it has ended the sidecar drains. A second one ends both at once. SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2
are passed on to the command.

  --propagate           carry traces on through a Node app that does not do so itself: adds a preload to NODE_OPTIONS,
                        which every Node process below has, too; Node 18.18 or newer

${SIDECAR_OPTIONS_HELP}`,
    serves: true,
    options: { ...SIDECAR_OPTIONS, propagate: { type: "boolean" } },
    takesCommand: true,
    run: (given) => run(given, load),
  };
}

async function run(given: Given, load: () => Promise<CreateSidecar>): Promise<number> {
  const [file, ...args] = given.command;
  if (file === undefined) throw new UsageError(["name a command behind two dashes: weft run ... -- COMMAND ARGS..."]);
  const source = policySource(given, "run");
  let app: AppProcess | undefined = undefined;
  const asked = Promise.withResolvers<NodeJS.Signals>();
  runSignals({
    stop(signal) {
      log(`${signal}: stopping; a second signal ends it at once`);
      asked.resolve(signal);
    },
    abort(code) {
      app?.kill("SIGKILL");
      process.exit(code);
    },
    pass(signal) {
      if (!cameToBoth(signal)) app?.kill(signal);
    },
  });

  const started = await startSidecar(source, {
    load,
    log,
    coalesce: mayCoalesce(given),
    insteadOfStdout: "stderr",
  });
  if (started.kind === "not-started") return started.code;
  const { sidecar } = started;
  // Whoever drains it by its admin API means the command as well.
  void sidecar.ending.then(() => asked.resolve("SIGTERM"));
  const first = await readyOr(asked.promise, sidecar, log);
  if (first !== "ready") return await drained(started, first === "SIGTERM" ? 143 : 130);
  process.stderr.write(readyLine(sidecar.listeners));
  const env = given.options["propagate"] === true ? withPreload(process.env) : process.env;
  const tried = await startApp([file, ...args], appEnvironment(started.policy, sidecar.listeners, env));
  if ("why" in tried) {
    log(`cannot start ${file}: ${tried.why}`);
    return await drained(started, tried.code);
  }
  app = tried;
  const signal = await Promise.race([asked.promise, app.ended]);
  // An app that has the signal already ends when it likes; any other is told once nobody calls it any more.
  if (typeof signal === "string" && !cameToBoth(signal)) {
    await sidecar.leave();
    app.kill(signal);
  }
  const code = await app.ended;
  log(`${file} has ended with ${code}`);
  return await drained(started, code);
}

/** With what carries traces through a Node app. */
function withPreload(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  const preload = `--import=${import.meta.resolve("@weft/telemetry/propagate")}`;
  return { ...env, NODE_OPTIONS: [env["NODE_OPTIONS"] ?? "", preload].filter((part) => part !== "").join(" ") };
}

async function drained(started: StartedSidecar, code: number): Promise<number> {
  await started.stopFollowing();
  const { finished, cut } = await started.sidecar.drain();
  if (cut > 0) log(`drained: ${finished} finished, ${cut} cut`);
  return code;
}

function log(text: string): void {
  process.stderr.write(`weft run: ${text}\n`);
}
