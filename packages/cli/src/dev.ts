import type { AgentOptions, DevAgent, Profile } from "@weft/consul-dev";
import { type Command, type Given, UsageError } from "./command.ts";
import { listenProblem } from "./listen-problem.ts";
import { stopSignal } from "./stop-signal.ts";

const PROFILES: readonly Profile[] = ["1.8", "1.21", "2.1"];

/** `weft dev`: a registry on this machine, in memory. */
export const dev: Command = {
  name: "dev",
  summary: "run an in-memory registry that speaks Consul's HTTP API",
  help: `Usage: weft dev [options]

Runs an agent that speaks Consul's HTTP API and keeps everything in memory. When it accepts connections, one line of
JSON goes to standard output; logs go to standard error. SIGTERM and SIGINT end it with exit code 0, a second one at once.

Options:
  --port PORT         port to listen on, 0 for any free one (default 8500)
  --host ADDRESS      address to listen on (default 127.0.0.1)
  --profile VERSION   whose behaviour to show where Consul's versions differ: ${PROFILES.join(", ")} (default 1.21)
  -h, --help          this text
`,
  serves: true,
  options: { port: { type: "string" }, host: { type: "string" }, profile: { type: "string" } },
  run,
};

async function run(given: Given): Promise<number> {
  const options = agentOptions(given);
  const stop = stopSignal((signal) => log(`${signal}: closing; a second signal ends it at once`));
  const agent = await start(options);
  if (typeof agent === "string") {
    log(`cannot listen on ${options.host}:${options.port}: ${agent}`);
    return 1;
  }
  await using listening = agent;
  const { hostname } = new URL(listening.url);
  const listeners = [{ name: "consul", address: `${hostname}:${listening.port}`, protocol: "http" }];
  process.stdout.write(`${JSON.stringify({ ready: true, listeners })}\n`);
  log(`Consul's API at ${listening.url}; Ctrl-C ends it`);
  await stop;
  return 0;
}

type Listen = Required<Pick<AgentOptions, "port" | "host">> & Pick<AgentOptions, "profile">;

/** @throws UsageError that lists every mistake */
function agentOptions({ options, words }: Given): Listen {
  const port = String(options["port"] ?? "8500");
  const host = String(options["host"] ?? "127.0.0.1");
  const asked = options["profile"];
  const profile = PROFILES.find((known) => known === asked);
  const mistakes = words.map((word) => `${JSON.stringify(word)} is not expected: weft dev takes options only`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    mistakes.push(`--port: ${JSON.stringify(port)} is not in 0..65535`);
  if (asked !== undefined && profile === undefined)
    mistakes.push(`--profile: ${JSON.stringify(asked)} is not one of ${PROFILES.join(", ")}`);
  if (mistakes.length > 0) throw new UsageError(mistakes);
  return { port: Number(port), host, ...(profile === undefined ? {} : { profile }) };
}

/** The agent, or why it cannot listen. */
async function start(options: Listen): Promise<DevAgent | string> {
  // Loaded here, so that the other commands do not wait for it.
  const { startAgent } = await import("@weft/consul-dev");
  try {
    return await startAgent(options);
  } catch (error) {
    const reason = listenProblem(error);
    if (reason === undefined) throw error;
    const instead = { port: "with --port, or 0 for any free one", host: "with --host" }[reason.wrong];
    return `${reason.what}; choose another ${instead}`;
  }
}

function log(text: string): void {
  process.stderr.write(`weft dev: ${text}\n`);
}
