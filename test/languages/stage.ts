import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWeft } from "../cli/running.ts";
import { endsWithFile } from "../ends-with-file.ts";
import type { Said, Seen } from "./endpoint.ts";

/** A sidecar and the endpoints of orders behind it, each a process of its own. */
export interface Stage extends AsyncDisposable {
  /** Port of the outbound listener. Known there: orders, and gone, at whose address nobody listens. */
  readonly outbound: number;
  /** Port of the inbound listener, before the first endpoint. */
  readonly inbound: number;
  /** Port of the admin API. */
  readonly admin: number;
  /** Of the endpoints, `host:port` each. */
  readonly addresses: readonly string[];
  /** For files. Ends with the stage. */
  readonly folder: string;
  /** What each endpoint has seen since it was last asked, in their order. */
  counts(): Promise<readonly Seen[]>;
  /** Ends an endpoint as a crash does. Counted from 0. */
  kill(index: number): Promise<void>;
  /** Waits for standard output of the sidecar, where its access log is, to hold what `pattern` looks for. */
  logs(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts three endpoints and `weft sidecar`; resolves when it has said that it is ready. */
export async function startStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "weft-languages-"));
  const endpoints = await Promise.all(["orders-1", "orders-2", "orders-3"].map(startEndpoint));
  const addresses = endpoints.map(({ port }) => `127.0.0.1:${port}`);
  const file = join(folder, "policy.json");
  await writeFile(file, JSON.stringify(policyFor(addresses)));
  const weft = runWeft(["sidecar", file]);
  const portOf = async (name: string): Promise<number> => {
    const [, port] = await weft.says(new RegExp(`"name":"${name}","address":"127\\.0\\.0\\.1:(\\d+)"`));
    return Number(port);
  };
  return {
    outbound: await portOf("outbound"),
    inbound: await portOf("inbound"),
    admin: await portOf("admin"),
    addresses,
    folder,
    counts: () => Promise.all(endpoints.filter(({ child }) => child.connected).map(({ child }) => count(child))),
    async kill(index) {
      const child = endpoints[index]!.child; // there are three
      child.kill("SIGKILL");
      await once(child, "exit");
    },
    logs: (pattern) => weft.says(pattern),
    async [Symbol.asyncDispose]() {
      await weft[Symbol.asyncDispose]();
      for (const { child } of endpoints) child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    },
  };
}

function policyFor(addresses: readonly string[]): object {
  const listen = "127.0.0.1:0";
  return {
    version: 1,
    services: {
      orders: { discover: { static: addresses }, balancer: { kind: "round-robin" } },
      gone: { discover: { static: ["127.0.0.1:1"] } },
    },
    sidecar: { outbound: { listen }, inbound: { listen, app: addresses[0] }, admin: { listen } },
    telemetry: { accessLog: "json" },
  };
}

async function startEndpoint(name: string): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = endsWithFile(fork(new URL("endpoint.ts", import.meta.url), [name], { execArgv: [] }));
  const said = await next(child);
  if (said.kind !== "listens") throw new Error(`${name} said ${said.kind} before it listened`);
  return { child, port: said.port };
}

async function count(child: ChildProcess): Promise<Seen> {
  child.send("count");
  const said = await next(child);
  if (said.kind !== "count") throw new Error(`an endpoint said ${said.kind} when asked to count`);
  return said.seen;
}

async function next(child: ChildProcess): Promise<Said> {
  const [said] = (await once(child, "message")) as [Said]; // endpoint.ts says nothing else
  return said;
}
