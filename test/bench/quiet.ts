import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isMain, median, table } from "./report.ts";

const CLI = fileURLToPath(new URL("../../packages/cli/bin/weft.js", import.meta.url));
const PRELOAD = new URL("quiet/tells-usage.ts", import.meta.url).href;
const IDLE_MS = 10_000;
const WARM_CALLS = 40_000;
/** As many calls, one by one, as a collection is looked at before and behind. */
const CALLS = 3_000;
const COLLECTIONS = 3;

interface Usage {
  readonly cpuUs: number;
  /** How often it gave up the processor, to wait for something. */
  readonly sleeps: number;
}

/**
 * `weft sidecar` with little to do: how often it wakes up with nothing to do at all, and what calls that come one by one
 * cost behind a collection of all garbage, which falls between two of them.
 */
async function quietReport(): Promise<string> {
  const endpoint = createServer((_request, response) => response.end("x".repeat(1_024)));
  await once(endpoint.listen(0, "127.0.0.1"), "listening");
  const { port } = endpoint.address() as AddressInfo;
  const command = [CLI, "sidecar", "--listen", "127.0.0.1:0", "--upstream", `127.0.0.1:${port}`];
  const child = spawn(execPath, ["--expose-gc", "--trace-deopt", "--import", PRELOAD, ...command], {
    stdio: ["ignore", "pipe", "ignore", "ipc"],
  });
  const exited = once(child, "exit");
  try {
    return await lookAt(child, exited);
  } finally {
    child.kill("SIGTERM");
    await exited;
    endpoint.close();
  }
}

async function lookAt(child: ChildProcess, exited: Promise<unknown>): Promise<string> {
  let undone = 0;
  const ready = Promise.withResolvers<string>();
  void exited.then(() => ready.reject(new Error("it ended before it was ready")));
  createInterface(child.stdout!).on("line", (line) => {
    if (line.includes('"ready":true')) ready.resolve(line);
    if (line.includes("embedded weak objects cleared")) undone++;
  });
  const { listeners } = JSON.parse(await ready.promise) as {
    readonly listeners: readonly { readonly address: string }[];
  };
  const { address } = listeners[0]!;

  await sleep(2_000); // what a start leaves to do is done
  const idle = await usedIn(child, () => sleep(IDLE_MS));

  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const callOneByOne = async (calls: number): Promise<void> => {
    for (let call = 0; call < calls; call++) {
      const [answer] = (await once(get(`http://${address}/`, { agent }), "response")) as [IncomingMessage];
      await once(answer.resume(), "end");
    }
  };
  await callOneByOne(WARM_CALLS);
  const rows: string[][] = [];
  const ratios: number[] = [];
  for (let collection = 1; collection <= COLLECTIONS; collection++) {
    const before = await usedIn(child, () => callOneByOne(CALLS));
    const undoneBefore = undone;
    await tell(child, "collect");
    const behind = await usedIn(child, () => callOneByOne(CALLS));
    const ratio = behind.cpuUs / before.cpuUs;
    ratios.push(ratio);
    const us = [before, behind].map(({ cpuUs }) => (cpuUs / CALLS).toFixed(0));
    rows.push([String(collection), ...us, ratio.toFixed(2), String(undone - undoneBefore)]);
  }
  agent.destroy();
  const seconds = IDLE_MS / 1_000;
  return `Idle: it wakes up ${(idle.sleeps / seconds).toFixed(1)} times a second and takes ${(idle.cpuUs / 1_000 / seconds).toFixed(2)} ms of CPU in it.

us of CPU a call, ${CALLS} calls one by one before a collection and behind it, and the functions whose code it undid; the median of the ratios is ${median(ratios).toFixed(2)}.

${table(["collection", "before", "behind", "ratio", "undone"], rows)}`;
}

async function usedIn(child: ChildProcess, during: () => Promise<unknown>): Promise<Usage> {
  const before = await tell(child, "usage");
  await during();
  const after = await tell(child, "usage");
  return { cpuUs: after.cpuUs - before.cpuUs, sleeps: after.sleeps - before.sleeps };
}

async function tell(child: ChildProcess, what: "usage" | "collect"): Promise<Usage> {
  child.send(what);
  const [usage] = (await once(child, "message")) as [Usage];
  return usage;
}

if (isMain(import.meta.url)) console.log(await quietReport());
