/*
 * Keeps streams under way over HTTP/2, a new one as soon as one has ended.
 *
 *   node h2-load-client.ts PORT LOAD CONNECTIONS STREAMS SECONDS
 *
 * LOAD is a name of `h2/loads.ts`. Those under way at the end are waited for, so that each begun is one answered.
 * Prints one JSON object: `streams` and `seconds`. A stream that fails, or is not answered as its load has it, ends the
 * program with an error.
 */
import { Caller } from "./h2/caller.ts";
import { describe, loadOf } from "./h2/loads.ts";

const WAITS_MS = 10_000;

const [port, name, connections, atOnce, seconds] = process.argv.slice(2);
const load = loadOf(name);
const beganAt = performance.now();
const untilMs = beganAt + Number(seconds) * 1_000;
let begun = 0;
let ended = 0;

const callers = Array.from({ length: Number(connections) }, open);
setTimeout(() => fail(`${begun - ended} streams were not answered`), Number(seconds) * 1_000 + WAITS_MS).unref();

function open(): Caller {
  const caller = new Caller(Number(port), {
    ready() {
      for (let n = 0; n < Number(atOnce); n++) send();
    },
    ended(sent, last) {
      if (!load.answers(sent)) fail(describe(sent, last));
      ended++;
      if (performance.now() < untilMs) send();
      else if (ended === begun) finish();
    },
    failed: fail,
  });
  function send(): void {
    begun++;
    load.send(caller);
  }
  return caller;
}

function finish(): void {
  console.log(JSON.stringify({ streams: ended, seconds: (performance.now() - beganAt) / 1_000 }));
  for (const caller of callers) caller.close();
}

function fail(why: string): never {
  throw new Error(why);
}
