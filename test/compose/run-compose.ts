import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithFile } from "../ends-with-file.ts";
import { freePorts } from "../real/free-ports.ts";
import { policyOf, withAddresses } from "./addresses.ts";
import type { ComposeService } from "./compose-file.ts";

/** The processes of a composition, without containers. */
export interface RunningComposition extends AsyncDisposable {
  /** Where a published port is to be found: `http://127.0.0.1:41234`. @throws Error when nobody publishes it */
  published(port: number): string;
}

const START_MS = 60_000;

/**
 * Starts the commands of a composition on this machine, each on ports of its own, and waits until each has said that it
 * listens. What has no folder in the repository is not started: it is `instead`. Nor is what ends before others start:
 * it sets this repository up, where they run here, and that has been done.
 *
 * @param instead where such a service is, by `NAME:PORT` of the file: `{ "consul:8500": "127.0.0.1:41234" }`
 * @throws Error with what the process said when one ends early, or does not listen within 60 s
 */
export async function runComposition(
  services: ReadonlyMap<string, ComposeService>,
  instead: Readonly<Record<string, string>>,
): Promise<RunningComposition> {
  const folder = await mkdtemp(join(tmpdir(), "weft-compose-"));
  const free = await freePorts(PORTS);
  const taken = new Map<string, string>();
  const names = new Set(services.keys());
  const ended = new Set([...services.values()].flatMap(({ afterEnd }) => afterEnd));

  function place(network: string, port: number): string {
    const at = `${network}:${port}`;
    const known = instead[at] ?? taken.get(at);
    if (known !== undefined) return known;
    const next = free.pop();
    if (next === undefined) throw new Error(`more than ${PORTS} ports are named`);
    const address = `127.0.0.1:${next}`;
    taken.set(at, address);
    return address;
  }

  async function start(service: ComposeService): Promise<void> {
    if (service.folder === undefined || ended.has(service.name)) return;
    const mapped = <T>(value: T): T => withAddresses(value, service.network, names, place) as T; // the form stays
    const [program = "", ...args] = service.command;
    const written = policyOf(service);
    if (written !== undefined) {
      const file = join(folder, `${service.name}.json`);
      await writeFile(file, JSON.stringify(mapped(written.policy)));
      args[args.length - 1] = file;
    }
    const { NODE_OPTIONS: _, ...own } = process.env; // the test runner's own
    const child = endsWithFile(
      spawn(program === "node" ? process.execPath : program, args, {
        cwd: service.folder,
        env: { ...own, ...mapped(service.environment) },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    running.push(child);
    await listens(child, service.name);
  }

  const running: ChildProcess[] = [];
  async function end(): Promise<void> {
    await Promise.all(running.map(kill));
    await rm(folder, { recursive: true });
  }
  try {
    // As Docker does: a service is there before the one that shares its network.
    const own = [...services.values()].filter(({ name, network }) => name === network);
    await Promise.all(own.map(start));
    await Promise.all([...services.values()].filter((service) => !own.includes(service)).map(start));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    published(port) {
      for (const { network, published } of services.values()) {
        const found = published.find((one) => one.port === port);
        if (found !== undefined) return `http://${place(network, found.container)}`;
      }
      throw new Error(`nobody publishes ${port}`);
    },
    [Symbol.asyncDispose]: end,
  };
}

/** More than there are addresses in the files. */
const PORTS = 30;

/** The ready line of a sidecar, or what the services say. */
const LISTENS = /"ready":true| listens on /;

async function listens(child: ChildProcess, name: string): Promise<void> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    // It is read on to the end, or the process would come to wait for us.
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-20_000);
      if (LISTENS.test(said)) resolve();
    });
  }
  child.once("error", reject);
  child.once("close", () => reject(new Error(`${name} ended early:\n${said}`)));
  const late = setTimeout(() => reject(new Error(`${name} does not listen:\n${said}`)), START_MS);
  await promise.finally(() => clearTimeout(late));
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}
