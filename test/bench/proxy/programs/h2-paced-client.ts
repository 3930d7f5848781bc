/*
 * Begins streams over HTTP/2 in bursts at a fixed rate, whether those before are answered or not.
 *
 *   node h2-paced-client.ts PORT LOAD CONNECTIONS RATE BURST SECONDS
 *
 * A burst is dealt out to the connections. The time of a stream runs from its frames to the last one of its answer.
 * Prints one JSON object: `requests` answered, `unanswered` a second after the last burst, `p50Ms`, `p99Ms`, and
 * `lateMs`, by how much a burst went out too late at worst: then the client itself was short of time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Caller } from "./h2/caller.ts";
import { describe, loadOf } from "./h2/loads.ts";

const [port, name, connections, rate, burst, seconds] = process.argv.slice(2);
const load = loadOf(name);
const perBurst = Number(burst);
const latenciesMs: number[] = [];

const callers = await Promise.all(Array.from({ length: Number(connections) }, open));
let sent = 0;
let lateMs = 0;
await play(perBurst / Number(rate)); // one burst opens what the proxy opens on first use
await answered();
latenciesMs.length = 0;
sent = 0;
lateMs = 0;
await play(Number(seconds));
await answered();
for (const caller of callers) caller.close();
const sorted = latenciesMs.toSorted((a, b) => a - b);
const unanswered = sent - sorted.length;
console.log(JSON.stringify({ requests: sorted.length, unanswered, p50Ms: at(0.5), p99Ms: at(0.99), lateMs }));

function open(): Promise<Caller> {
  return new Promise((resolve) => {
    const caller = new Caller(Number(port), {
      ready: () => resolve(caller),
      ended: (each, last) => {
        if (!load.answers(each)) fail(describe(each, last));
        latenciesMs.push(performance.now() - each.atMs);
      },
      failed: fail,
    });
  });
}

async function play(forSeconds: number): Promise<void> {
  const everyMs = (perBurst * 1_000) / Number(rate);
  const beganAt = performance.now();
  for (let dueMs = 0; dueMs < forSeconds * 1_000; dueMs += everyMs) {
    const waitMs = beganAt + dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    lateMs = Math.max(lateMs, performance.now() - beganAt - dueMs);
    for (let n = 0; n < perBurst; n++, sent++) load.send(callers[sent % callers.length]!);
    for (const caller of callers) caller.flush();
  }
}

async function answered(): Promise<void> {
  for (let waited = 0; latenciesMs.length < sent && waited < 100; waited++) await sleep(10);
}

function at(ratio: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? Number.NaN;
}

function fail(why: string): never {
  throw new Error(why);
}
