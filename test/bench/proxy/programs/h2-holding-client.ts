/*
 * Opens streams over HTTP/2 whose answers begin and never end, and holds them.
 *
 *   node h2-holding-client.ts PORT CONNECTIONS STREAMS
 *
 * For each line of its input it prints how many answers have begun (`held`), how many streams were `lost` and `why` the
 * last of them, once that is all or 20 s are over. Ends with its input.
 */
import { createInterface } from "node:readline";
import { Caller } from "./h2/caller.ts";
import { describe, loadOf } from "./h2/loads.ts";

/** For answers that do not begin: then fewer are held than should be. */
const WAITS_MS = 20_000;

const [port, connections, streams] = process.argv.slice(2).map(Number);
const load = loadOf("grpc");
const wanted = (connections ?? 0) * (streams ?? 0);
const all = Promise.withResolvers<void>();
setTimeout(all.resolve, WAITS_MS).unref();
let held = 0;
let lost = 0;
let why = "";

for (let n = 0; n < (connections ?? 0); n++) open();
for await (const _ of createInterface(process.stdin)) {
  await all.promise;
  console.log(JSON.stringify({ held, lost, why }));
}
process.exit();

function open(): void {
  const caller = new Caller(port ?? 0, {
    ready() {
      for (let n = 0; n < (streams ?? 0); n++) load.send(caller);
    },
    answered: () => void (++held + lost === wanted && all.resolve()),
    ended: (sent, last) => lose(describe(sent, last)),
    failed: lose,
  });
}

function lose(because: string): void {
  lost++;
  why = because;
  all.resolve();
}
