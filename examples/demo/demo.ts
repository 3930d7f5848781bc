// `npm start`: a Consul in memory, three endpoints of orders and three of stock that register themselves, and three that
// call them while endpoints die, slow down and fail:
//
//   web        a Node service with weft in its process, calls orders 200 times a second
//   reports    written in Python, calls orders 50 times a second through the sidecar next to it
//   checkout   written in Go, calls stock over gRPC 50 times a second through the sidecar next to it
//
// Where there is no Python or no Go, others take their place. Ends with 0 only if no call failed.
//
//   npm start              in a terminal it stays up after the story, until Ctrl-C
//   npm start -- --once    ends by itself
import { setTimeout as sleep } from "node:timers/promises";
import { startAgent } from "@weft/consul-dev";
import { type Caller, checkout, reports } from "./callers.ts";
import type { Manner } from "./endpoint.ts";
import { findJaeger } from "./jaeger.ts";
import { checkoutPolicy, reportsPolicy } from "./policies.ts";
import { liveLine, Score, shortLine } from "./score.ts";
import type { SidecarRun } from "./sidecar-run.ts";
import { type Actor, Stage } from "./stage.ts";

const once = process.argv.includes("--once") || !process.stdout.isTTY;
const interrupted = new AbortController();
process.on("SIGINT", () => {
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});
process.on("SIGTERM", () => interrupted.abort());

const [consul, jaeger] = await Promise.all([startAgent({ port: 0 }), findJaeger()]);
const places = { consulUrl: consul.url, otlpUrl: jaeger?.otlp };
const stage = new Stage(places);
process.on("exit", () => stage.killAll());
const scores: Score[] = [];
const sidecars: { readonly name: string; readonly run: SidecarRun }[] = [];
let second = 0;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function startWeb(): Promise<Actor> {
  const score = new Score("web (Node, weft inside)");
  scores.unshift(score);
  return stage.web((said) => {
    if (said.kind === "news") return say(`       ${said.text}`);
    score.add(said);
    say(liveLine(++second, said));
  });
}

async function startCaller(caller: Caller, policy: object): Promise<SidecarRun> {
  const { name, language } = caller;
  const score = new Score(`${name} (${language}, by sidecar)`);
  scores.push(score);
  const run = await stage.sidecar(caller, policy, (counted) => {
    score.add(counted);
    say(shortLine(`${name} (${language})`, counted));
  });
  sidecars.push({ name, run });
  return run;
}

async function scene(title: string, seconds: number, happens: () => unknown = () => {}): Promise<void> {
  say(`\n-- ${title}`);
  for (const score of scores) score.scene(title);
  await happens();
  await sleep(seconds * 1000, undefined, { signal: interrupted.signal });
}

function tell(names: readonly string[], manner: Manner): void {
  for (const name of names) stage.tell(name, manner);
}

let code = 0;
try {
  say(`Consul (in memory) at ${consul.url}`);
  if (jaeger === undefined) say("No Jaeger runs on this machine; where one does, traces are sent there");
  else say(`Jaeger has a tenth of the traces, and all of calls that fail: ${jaeger.page}`);
  const overHttp = reports();
  if (overHttp.language !== "Python") say("There is no python3 here: bare sockets call orders in its place");
  say("What is to run is being started, or compiled, which takes Go half a minute the first time");
  const endpoints = [1, 2, 3].flatMap((number) => [`orders-${number}`, `stock-${number}`]);
  const [overGrpc] = await Promise.all([
    checkout(stage.folder, interrupted.signal),
    ...endpoints.map((name) => stage.endpoint(name)),
  ]);
  if (overGrpc.language !== "Go") say(`There is no Go 1.24 here: ${overGrpc.language} calls stock in its place`);
  // One after the other, the one that calls most at the end: a process takes more to start than to run.
  const ofReports = await startCaller(overHttp, reportsPolicy(places));
  const ofCheckout = await startCaller(overGrpc, checkoutPolicy(places));
  const web = await startWeb();
  say(`Dashboards of the sidecars: http://${ofReports.admin}/dashboard/ and http://${ofCheckout.admin}/dashboard/`);

  await scene("all are well", 4);
  await scene("orders-2 and stock-2 are killed with -9", 6, () =>
    ["orders-2", "stock-2"].map((name) => stage.kill(name)),
  );
  await scene("orders-3 and stock-3 become 10 times slower", 5, () => tell(["orders-3", "stock-3"], "slow"));
  await scene("orders-1 answers 503 at once, stock-1 UNAVAILABLE", 5, () => tell(["orders-1", "stock-1"], "failing"));
  await scene("orders-4 and stock-4 join", 6, async () => {
    for (const name of ["orders-4", "stock-4"]) await stage.endpoint(name);
  });
  await scene("Consul goes away for ten seconds", 10, () => consul.faults.goAway());
  await scene("Consul is back, orders-1 and stock-1 are well again", 8, async () => {
    await consul.faults.comeBack();
    tell(["orders-1", "stock-1"], "well");
  });

  if (!once) {
    say(`\nThe story is over; the calls go on until Ctrl-C. To try:
  curl http://127.0.0.1:${web.port}/                          one call to orders through the web service
  curl -x http://${ofReports.outbound} http://orders/     one through the sidecar
  curl "http://${ofReports.admin}/explain?service=orders"     why the sidecar decided what it did
  curl "http://${ofCheckout.admin}/explain?service=stock"      the same of the calls over gRPC
  curl ${consul.url}/v1/health/service/orders      what Consul knows
  kill -9 ${web.process.pid}                                      the web process itself; orders-4 and others: ps`);
    for (const score of scores) score.scene("afterwards");
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
for (const { name, run } of sidecars) {
  if (run.process.exitCode === 0) continue;
  say(`${name} and its sidecar did not end by themselves: ${run.process.signalCode ?? run.process.exitCode}`);
  code = 1;
}
for (const score of scores) say(`\n${score.table()}`);
const calls = scores.reduce((sum, score) => sum + score.calls, 0);
const failed = scores.reduce((sum, score) => sum + score.failed, 0);
if (failed > 0 || scores.some((score) => score.calls === 0)) code = 1;
say(`\n${calls} calls, ${failed === 0 ? "none" : failed} failed`);
process.exitCode = code;
