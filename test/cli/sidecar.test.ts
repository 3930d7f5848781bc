import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage, request } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeEndpoint, fakeEndpoints } from "@weft/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, runWeft } from "./running.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-sidecar-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The port of the outbound listener of a sidecar that is ready. */
async function outbound(running: Running): Promise<number> {
  const [, port] = await running.says(/"name":"outbound","address":"127\.0\.0\.1:(\d+)"/);
  return Number(port);
}

/** One call on a connection of its own. */
async function call(port: number, host: string, path = "/"): Promise<{ status: number | undefined; body: string }> {
  const [response] = (await once(
    get({ host: "127.0.0.1", port, path, headers: { host }, agent: false }),
    "response",
  )) as [IncomingMessage]; // so says node:http of its event
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode, body };
}

async function policy(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(`${file}.next`, text);
  await rename(`${file}.next`, file);
  return file;
}

test("calls to one list of endpoints are shared by them, and a call under way outlives SIGTERM", async () => {
  await using endpoints = await fakeEndpoints(2);
  const upstream = endpoints.all.map(({ host, port }) => `${host}:${port}`).join(",");
  await using running = runWeft(["sidecar", "--listen", "127.0.0.1:0", "--upstream", upstream]);
  const port = await outbound(running);
  for (let i = 0; i < 20; i++) expect(await call(port, "any.example")).toMatchObject({ status: 200 });
  expect(endpoints.all.every(({ requests }) => requests.length > 0)).toBe(true);

  for (const endpoint of endpoints.all) endpoint.always({ kind: "stall", at: "before-head" });
  const slow = call(port, "any.example");
  await Promise.race(endpoints.all.map((endpoint) => endpoint.stalled()));
  running.kill("SIGTERM");
  await running.says(/SIGTERM: draining/);
  for (const endpoint of endpoints.all) endpoint.release();
  expect(await slow).toMatchObject({ status: 200 });
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/drained in \d+ ms: 1 finished, 0 cut\n$/);
});

test("what still runs when --drain is over is cut, and told", async () => {
  await using endpoint = await fakeEndpoint({ behaviour: { kind: "stall", at: "before-head" } });
  const upstream = `${endpoint.host}:${endpoint.port}`;
  await using running = runWeft(["sidecar", "--listen", "127.0.0.1:0", "--upstream", upstream, "--drain", "1ms"]);
  const slow = call(await outbound(running), "any.example").catch((error: unknown) => error);
  await endpoint.stalled();
  running.kill("SIGTERM");
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/0 finished, 1 cut\n$/);
  await slow;
});

test("--protocol tcp passes bytes on as they are", async () => {
  await using endpoint = await fakeEndpoint({ name: "behind" });
  const upstream = `${endpoint.host}:${endpoint.port}`;
  await using running = runWeft(["sidecar", "--listen", "127.0.0.1:0", "--upstream", upstream, "--protocol", "tcp"]);
  const [, port] = await running.says(/"name":"tcp:0","address":"127\.0\.0\.1:(\d+)","protocol":"tcp"/);
  const { body } = await call(Number(port), "any.example", "/hello");
  expect(JSON.parse(body)).toMatchObject({ endpoint: "behind", path: "/hello", headers: { host: "any.example" } });
});

test("a policy file that changes is followed, a bad one is not, and no call fails", async () => {
  await using endpoint = await fakeEndpoint();
  const address = `${endpoint.host}:${endpoint.port}`;
  const text = (services: string): string =>
    `version: 1\nservices:\n${services}sidecar: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } }\n`;
  const service = (name: string, more = ""): string => `  ${name}: { discover: { static: ["${address}"] }${more} }\n`;
  const file = await policy("policy.yaml", text(service("orders")));
  await using running = runWeft(["sidecar", file]);
  const port = await outbound(running);
  const [, admin] = await running.says(/"name":"admin","address":"127\.0\.0\.1:(\d+)"/);
  const config = async (): Promise<string> => (await call(Number(admin), "localhost", "/config")).body;
  expect(await call(port, "orders")).toMatchObject({ status: 200 });
  const refused = await call(port, "users");
  expect(refused.status).toBe(502);
  expect(refused.body).toContain("orders");

  await policy("policy.yaml", text(service("orders") + service("users", ", retry: { maxRetries: 11 }")));
  await running.says(/policy\.yaml:4:\d+ services\.users\.retry\.maxRetries: 11 is not in 0\.\.10/);
  expect(await call(port, "users")).toMatchObject({ status: 502 });
  expect(await config()).toContain("11 is not in 0..10");
  await policy("policy.yaml", text(service("orders") + service("users")));
  await running.says(/service users added/);
  await running.says(/policy\.yaml is in place: changes: 1/);
  expect(await call(port, "users")).toMatchObject({ status: 200 });
  expect(await config()).not.toContain("11 is not in 0..10");
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});

test("a socket that a killed sidecar left behind is in nobody's way, one that is served is", async () => {
  await using endpoint = await fakeEndpoint();
  const path = join(folder, "weft.sock");
  const args = ["sidecar", "--listen", `unix:${path}`, "--upstream", `${endpoint.host}:${endpoint.port}`];
  const killed = runWeft(args);
  await killed.says(/"ready":true/);
  await killed[Symbol.asyncDispose]();
  await using running = runWeft(args);
  await running.says(/"ready":true/);
  const [response] = (await once(get({ socketPath: path, headers: { host: "any" } }), "response")) as [IncomingMessage]; // as above
  response.resume();
  expect(response.statusCode).toBe(200);
  await using late = runWeft(args);
  const { code, stderr } = await late.ended;
  expect(code).toBe(1);
  expect(stderr).toContain("the port is in use");
});

test("ends as after SIGTERM when its admin API is told to drain", async () => {
  await using endpoint = await fakeEndpoint();
  const upstream = `${endpoint.host}:${endpoint.port}`;
  const args = ["--listen", "127.0.0.1:0", "--upstream", upstream, "--admin", "127.0.0.1:0"];
  await using running = runWeft(["sidecar", ...args]);
  const [, port] = await running.says(/"name":"admin","address":"127\.0\.0\.1:(\d+)"/);
  const [response] = (await once(
    request({ host: "127.0.0.1", port, path: "/drain", method: "POST", agent: false }).end(),
    "response",
  )) as [IncomingMessage]; // so says node:http of its event
  response.resume();
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/drained in \d+ ms: 0 finished, 0 cut\n$/);
});
