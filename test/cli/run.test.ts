import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAgent } from "@weft/consul-dev";
import { fakeEndpoint } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runWeft } from "./running.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-run-"));
});
afterAll(() => rm(folder, { recursive: true }));

const app = (code: string): readonly string[] => ["--", process.execPath, "--eval", code];

test("an app that knows nothing of the mesh calls a service by its name", async () => {
  await using endpoint = await fakeEndpoint({ name: "orders-1" });
  const file = join(folder, "calls.yaml");
  await writeFile(
    file,
    `version: 1
services: { orders: { discover: { static: ["${endpoint.host}:${endpoint.port}"] } } }
sidecar: { outbound: { listen: "127.0.0.1:0" } }
telemetry: { accessLog: json }
`,
  );
  // As any client of a proxy does: the whole URL in the request line.
  const calls = `
    const { hostname: host, port } = new URL(process.env.HTTP_PROXY);
    require("node:http").get({ host, port, path: "http://orders/v1/7" }, (response) => response.pipe(process.stdout));`;
  await using running = runWeft(["run", file, ...app(calls)]);
  const { code, stdout, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ endpoint: "orders-1", path: "/v1/7", headers: { host: "orders" } });
  expect(stderr).toMatch(/^\{.*"service":"orders"/m);
});

test("the app is in Consul while it runs, and is told to end when it no longer is", async () => {
  await using agent = await startAgent();
  const appPort = await freePort();
  const file = join(folder, "registered.yaml");
  await writeFile(
    file,
    `version: 1
discovery: { consul: { url: "${agent.url}" } }
sidecar:
  service: web
  inbound: { listen: "127.0.0.1:0", app: "127.0.0.1:${appPort}" }
  register: {}
  drain: { propagation: 100ms }
`,
  );
  const health = `${agent.url}/v1/health/service/web?passing`;
  const serves = `
    const server = require("node:http").createServer((request, response) => response.end("hello " + request.url));
    server.listen(${appPort}, "127.0.0.1");
    process.on("SIGTERM", async () => {
      console.log("told with " + (await (await fetch("${health}")).json()).length + " in Consul");
      process.exit(0);
    });`;
  await using running = runWeft(["run", file, ...app(serves)]);
  await running.says(/registered web in Consul/);
  const [instance] = (await (await fetch(health)).json()) as { Service: { Address: string; Port: number } }[]; // its API
  const { Address: host, Port: port } = instance?.Service ?? { Address: "", Port: 0 };
  expect(port).not.toBe(appPort);
  expect(await (await fetch(`http://${host}:${port}/there`)).text()).toBe("hello /there");
  running.kill("SIGTERM");
  const { code, stdout } = await running.ended;
  expect({ code, stdout }).toEqual({ code: 0, stdout: "told with 0 in Consul\n" });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on a host and a port
  server.close();
  await once(server, "close");
  return port;
}
