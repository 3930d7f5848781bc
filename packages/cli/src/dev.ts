import { once } from "node:events";
import { type Command, type Given, UsageError } from "./command.ts";

/** `weft dev`: a registry on this machine, in memory. */
export const dev: Command = {
  name: "dev",
  summary: "run an in-memory registry that speaks Consul's HTTP API",
  help: `Usage: weft dev [options]

Runs an agent that speaks Consul's HTTP API and keeps everything in memory. When it accepts connections, one line of
JSON goes to standard output; logs go to standard error. SIGTERM and SIGINT end it with exit code 0, a second one at once.

Options:
  --port PORT      port to listen on, 0 for any free one (default 8500)
  --host ADDRESS   address to listen on (default 127.0.0.1)
  --help           this text
`,
  options: { port: { type: "string" }, host: { type: "string" } },
  run,
};

async function run({ options, words }: Given): Promise<number> {
  const port = String(options["port"] ?? "8500");
  const host = String(options["host"] ?? "127.0.0.1");
  const mistakes = words.map((word) => `${JSON.stringify(word)} is not expected: weft dev takes options only`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535)
    mistakes.push(`--port: ${JSON.stringify(port)} is not in 0..65535`);
  if (mistakes.length > 0) throw new UsageError(mistakes);

  // Loaded here, so that the other commands do not wait for it.
  const { startAgent } = await import("@weft/consul-dev");
  const stop = stopSignal();
  try {
    await using agent = await startAgent({ port: Number(port), host });
    const address = new URL(agent.url).host;
    const listeners = [{ name: "consul", address, protocol: "http" }];
    process.stdout.write(`${JSON.stringify({ ready: true, listeners })}\n`);
    process.stderr.write(`weft dev: Consul's API at ${agent.url}; Ctrl-C ends it\n`);
    await stop;
    return 0;
  } catch (error) {
    process.stderr.write(`weft dev: cannot listen on ${host}:${port}: ${reason(error)}\n`);
    return 1;
  }
}

/** Resolves with the first signal; a second one ends the process at once. */
async function stopSignal(): Promise<void> {
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)
    process.once(signal, () => process.exit(code));
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return "the port is in use; choose another with --port";
  return error.message;
}
