/*
 * The commands of `weft` as they were installed, at what only an installed one can lack: files beside its code, a library,
 * a package, the file of a thread. `run.ts` copies this into the empty project and runs it there.
 */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

const WEFT = join("node_modules", "@weft", "cli", "bin", "weft.js");

match(await printed("--version"), /^\d+\.\d+\.\d+\n$/);
match(await printed("--help"), /simulate/);

// Two policies, so that there are threads.
write("scenario.json", {
  seed: 1,
  duration: "2s",
  arrivals: { ratePerSecond: 50, process: "uniform" },
  endpoints: [{ count: 2, workers: 2, latency: { constant: "10ms" } }],
  policy: {},
  compare: [{ name: "round robin", policy: { balancer: { kind: "round-robin" } } }],
});
const simulated = JSON.parse(await printed("simulate", "scenario.json", "--json"));
deepStrictEqual(
  simulated.policies.map(({ name, successShare }) => [name, successShare]),
  [
    ["policy", 1],
    ["round robin", 1],
  ],
);

// A registry, and a sidecar that learns from it, shows its pages and reports to a collector, with the app that it starts.
const dev = start("dev", "--port", "0");
const consul = `http://${JSON.parse(await firstLine(dev)).listeners[0].address}`;
const orders = await listen((_, response) => response.end("apples"));
const reported = new Set();
const collector = await listen((request, response) => {
  reported.add(request.url);
  response.end();
});
const registered = await fetch(`${consul}/v1/agent/service/register`, {
  method: "PUT",
  body: JSON.stringify({ Name: "orders", Address: "127.0.0.1", Port: orders.address().port }),
});
ok(registered.ok);
write("mesh.yaml", {
  version: 1,
  discovery: { consul: { url: consul } },
  services: { orders: { discover: { consul: "orders" } } },
  sidecar: { service: "web", outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } },
  telemetry: {
    otlp: { url: `http://127.0.0.1:${collector.address().port}` },
    sampleRatio: 1,
    metrics: { interval: "1s" },
  },
});
writeFileSync(
  "app.mjs",
  `import { get } from "node:http";
  const [host, port] = process.env.WEFT_OUTBOUND.split(":");
  const text = async (options) => new Promise((resolve) => get(options, async (answer) => resolve((await answer.toArray()).join(""))));
  const { WEFT_ADMIN: admin } = process.env;
  const answer = await text({ host, port, path: "http://orders/" });
  const page = await text("http://" + admin + "/dashboard/");
  console.log(JSON.stringify({ admin, answer, page }));
  process.once("SIGTERM", () => process.exit(7));
  setInterval(() => {}, 1_000_000);`,
);
match(await printed("check", "mesh.yaml"), /mesh.yaml/);
const run = start("run", "--propagate", "mesh.yaml", "--", process.execPath, "app.mjs");
const { admin, answer, page } = JSON.parse(await firstLine(run));
strictEqual(answer, "apples");
match(page, /<title>/);
match(await printed("explain", "--admin", admin, "--service", "orders"), /orders/);
strictEqual(await stopped(run), 7);
deepStrictEqual([...reported].toSorted(), ["/v1/metrics", "/v1/traces"]);
strictEqual(await stopped(dev), 0);
orders.close();
collector.close();

function start(...args) {
  return spawn(process.execPath, [WEFT, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

/** @throws Error when the command does not end with 0; what it complains of stands on standard error */
async function printed(...args) {
  const child = start(...args);
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (code !== 0) throw new Error(`weft ${args.join(" ")}: exit code ${code}`);
  return said;
}

/** @throws Error when it ends before it says anything */
async function firstLine(child) {
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`${child.spawnargs.join(" ")} ended`);
}

async function stopped(child) {
  child.kill("SIGTERM");
  const [code] = await once(child, "exit");
  return code;
}

async function listen(answer) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function write(name, value) {
  writeFileSync(name, JSON.stringify(value));
}
