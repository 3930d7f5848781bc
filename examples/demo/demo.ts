// `npm start`: a Consul in memory, three endpoints of orders that register themselves, and two that call them while
// endpoints die, slow down and fail: web, a Node service with weft in its process, 200 times a second, and reports,
// written in Python, 50 times a second through the sidecar next to it. Ends with 0 only if no call failed.
//
//   npm start              in a terminal it stays up after the story, until Ctrl-C
//   npm start -- --once    ends by itself
import { setTimeout as sleep } from "node:timers/promises";
import { startAgent } from "@weft/consul-dev";
import { type Counted, liveLine, Score, shortLine } from "./score.ts";
import { languageHere, type SidecarRun } from "./sidecar-run.ts";
import { Stage } from "./stage.ts";
import type { News, Tick } from "./web.ts";

const once = process.argv.includes("--once") || !process.stdout.isTTY;
const interrupted = new AbortController();
process.on("SIGINT", () => {
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});
process.on("SIGTERM", () => interrupted.abort());

const consul = await startAgent({ port: 0 });
const stage = new Stage(consul.url);
const language = languageHere();
const score = new Score("web (Node, weft inside)");
const sidecarScore = new Score(`reports (${language}, by sidecar)`);
process.on("exit", () => stage.killAll());
let second = 0;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const heard = (said: Tick | News): void => {
  if (said.kind === "news") return say(`       ${said.text}`);
  score.add(said);
  say(liveLine(++second, said));
};

const heardBySidecar = (counted: Counted): void => {
  sidecarScore.add(counted);
  say(shortLine(language, counted));
};

async function scene(title: string, seconds: number, happens: () => unknown = () => {}): Promise<void> {
  say(`\n-- ${title}`);
  score.scene(title);
  sidecarScore.scene(title);
  await happens();
  await sleep(seconds * 1000, undefined, { signal: interrupted.signal });
}

let code = 0;
let sidecar: SidecarRun | undefined;
try {
  say(`Consul (in memory) at ${consul.url}`);
  await Promise.all(["orders-1", "orders-2", "orders-3"].map((name) => stage.orders(name)));
  if (language !== "Python") say("There is no python3 here: bare sockets call through the sidecar in its place");
  const web = await stage.web(heard);
  sidecar = await stage.reports(language, heardBySidecar);

  await scene("all three are well", 5);
  await scene("orders-2 is killed with -9", 7, () => stage.kill("orders-2"));
  await scene("orders-3 becomes 10 times slower", 5, () => stage.tell("orders-3", "slow"));
  await scene("orders-1 answers 503 at once", 6, () => stage.tell("orders-1", "failing"));
  await scene("orders-4 joins", 6, () => stage.orders("orders-4"));
  await scene("Consul goes away for ten seconds", 10, () => consul.faults.goAway());
  await scene("Consul is back, orders-1 is well again", 9, async () => {
    await consul.faults.comeBack();
    stage.tell("orders-1", "well");
  });

  if (!once) {
    say(`\nThe story is over; the calls go on until Ctrl-C. To try:
  curl http://127.0.0.1:${web.port}/                          one call to orders through the web service
  curl -x http://${sidecar.outbound} http://orders/     one through the sidecar
  curl "http://${sidecar.admin}/explain?service=orders"     why the sidecar decided what it did
  curl ${consul.url}/v1/health/service/orders      what Consul knows
  kill -9 ${web.process.pid}                                      the web process itself; orders-4 and others: ps`);
    for (const each of [score, sidecarScore]) each.scene("afterwards");
    await new Promise((resolve) => interrupted.signal.addEventListener("abort", resolve));
  }
} catch (error) {
  if (!interrupted.signal.aborted) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    code = 1;
  }
}
await stage.endAll();
await consul.close();
if (sidecar !== undefined && sidecar.process.exitCode !== 0) {
  say(`reports and its sidecar did not end by themselves: ${sidecar.process.signalCode ?? sidecar.process.exitCode}`);
  code = 1;
}
say(`\n${score.table()}\n\n${sidecarScore.table()}\n`);
const calls = score.calls + sidecarScore.calls;
const failed = score.failed + sidecarScore.failed;
if (failed > 0 || score.calls === 0 || sidecarScore.calls === 0) code = 1;
say(`${calls} calls, ${failed === 0 ? "none" : failed} failed`);
process.exitCode = code;
