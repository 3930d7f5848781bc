import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Caller } from "./callers.ts";
import type { Manner } from "./endpoint.ts";
import type { Places } from "./policies.ts";
import type { Counted } from "./score.ts";
import { endSidecarRun, type SidecarRun, startSidecarRun } from "./sidecar-run.ts";
import type { News, Tick } from "./web.ts";

export interface Actor {
  readonly process: ChildProcess;
  readonly port: number;
}

type Said = { readonly kind: "ready"; readonly port: number } | Tick | News;

/** The processes of the demo. Each one started here is ended here. */
export class Stage {
  readonly #places: Places;
  readonly #actors = new Map<string, Actor>();
  readonly #sidecars: SidecarRun[] = [];
  /** For whatever is written. Goes with the stage. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "weft-demo-"));

  constructor(places: Places) {
    this.#places = places;
  }

  /** Starts an endpoint of a service, `orders-1` for one; resolves when Consul has it. */
  async endpoint(name: string): Promise<Actor> {
    return this.#start(name, `${name.slice(0, name.indexOf("-"))}.ts`, [name, this.#places.consulUrl], () => {});
  }

  async web(heard: (said: Tick | News) => void): Promise<Actor> {
    const { consulUrl, otlpUrl } = this.#places;
    return this.#start("web", "web.ts", [consulUrl, ...(otlpUrl === undefined ? [] : [otlpUrl])], heard);
  }

  /** Starts a sidecar with a caller next to it. */
  async sidecar(caller: Caller, policy: object, heard: (counted: Counted) => void): Promise<SidecarRun> {
    const file = join(this.folder, `${caller.name}.json`);
    const run = await startSidecarRun(policy, file, caller, heard);
    this.#sidecars.push(run);
    return run;
  }

  tell(name: string, manner: Manner): void {
    this.#actors.get(name)?.process.send(manner);
  }

  /** No farewell: what a crashed host does. */
  kill(name: string): void {
    this.#actors.get(name)?.process.kill("SIGKILL");
    this.#actors.delete(name);
  }

  async end(name: string): Promise<void> {
    const actor = this.#actors.get(name);
    this.#actors.delete(name);
    if (actor === undefined || actor.process.exitCode !== null || actor.process.signalCode !== null) return;
    const ended = once(actor.process, "exit");
    actor.process.kill("SIGTERM");
    const late = setTimeout(() => actor.process.kill("SIGKILL"), 8_000);
    await ended;
    clearTimeout(late);
  }

  async endAll(): Promise<void> {
    await Promise.all([this.end("web"), ...this.#sidecars.map(endSidecarRun)]);
    await Promise.all([...this.#actors.keys()].map((name) => this.end(name)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** For an end without time. Does nothing after `endAll`. */
  killAll(): void {
    for (const { process } of this.#actors.values()) process.kill("SIGKILL");
    for (const { process } of this.#sidecars) process.kill("SIGKILL"); // its caller ends with its standard input
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #start(name: string, file: string, args: string[], heard: (said: Tick | News) => void): Promise<Actor> {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    child.on("message", (said: Said) => {
      if (said.kind === "ready") resolve(said.port);
      else heard(said);
    });
    child.once("exit", (code, signal) => reject(new Error(`${name} ended at its start: ${signal ?? code}`)));
    const actor = { process: child, port: await promise };
    this.#actors.set(name, actor);
    return actor;
  }
}
