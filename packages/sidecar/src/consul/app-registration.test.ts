import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { checkPolicy, type SidecarInput } from "@weft/config";
import { systemRandom, systemTime } from "@weft/discovery";
import { type DevAgent, startAgent } from "@weft/consul-dev";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { LogLine } from "../sidecar-options.ts";
import { type AppRegistration, registerApp } from "./app-registration.ts";

let agent: DevAgent;
beforeEach(async () => {
  agent = await startAgent();
});
afterEach(() => agent[Symbol.asyncDispose]());

/** An app that takes connections, on a port of its own or on the one given. */
async function startApp(port = 0): Promise<{ readonly app: Server; readonly port: number }> {
  const app = createServer((socket) => socket.on("error", () => {}).resume()).listen(port, "127.0.0.1");
  await once(app, "listening");
  onTestFinished(() => void app.close());
  return { app, port: (app.address() as AddressInfo).port }; // it listens on a host and a port
}

function registered(appPort: number, register: NonNullable<SidecarInput["register"]>) {
  const inbound = { listen: "127.0.0.1:0", app: `127.0.0.1:${appPort}` } as const;
  const { policy } = checkPolicy(
    { version: 1, discovery: { consul: { url: agent.url } }, sidecar: { service: "web", inbound, register } },
    { home: "sidecar" },
  );
  const said: LogLine[] = [];
  const told = Promise.withResolvers<void>();
  const { sidecar } = policy;
  if (sidecar?.register === undefined) throw new Error("the policy above has one");
  const registration = registerApp(sidecar.register, {
    consul: policy.discovery.consul,
    app: sidecar.inbound?.app,
    inboundPort: 8080,
    time: systemTime,
    random: systemRandom,
    log(line) {
      said.push(line);
      if (said.length === 1) told.resolve();
    },
  });
  onTestFinished(() => registration.leave(0));
  return { registration, said, told: told.promise };
}

/** Waits until Consul's answer about the service is as wanted. */
async function until<T>(path: string, wanted: (answer: readonly T[]) => boolean): Promise<readonly T[]> {
  for (let index = "0"; ;) {
    const response = await fetch(`${agent.url}${path}?index=${index}&wait=10s`);
    index = response.headers.get("x-consul-index") ?? "0";
    const answer = (await response.json()) as readonly T[]; // Consul's API: a list of entries
    if (wanted(answer)) return answer;
  }
}

const entries = "/v1/health/service/web";
interface Entry {
  readonly Service: {
    readonly ID: string;
    readonly Port: number;
    readonly Tags: readonly string[];
    readonly CreateIndex: number;
  };
  readonly Checks: readonly { readonly CheckID: string; readonly Status: string; readonly Output: string }[];
}
const statusOf = ([entry]: readonly Entry[]) =>
  entry?.Checks.find(({ CheckID }) => CheckID.startsWith("service:"))?.Status;

test("an app is registered when it takes connections, and not before", async () => {
  const { app, port } = await startApp();
  app.close();
  await once(app, "close");
  const { registration, said, told } = registered(port, { tags: ["v2"] });
  await told;
  expect(said[0]?.text).toBe(`web is registered when the app at 127.0.0.1:${port} is up: ECONNREFUSED`);
  expect(await (await fetch(`${agent.url}/v1/agent/services`)).json()).toEqual({});
  expect(registration.registered).toBe(false);
  await startApp(port);
  const [entry] = await until<Entry>(entries, (all) => statusOf(all) === "passing");
  expect(entry?.Service).toMatchObject({ ID: "web-127.0.0.1-8080", Port: 8080, Tags: ["v2"] });
});

test("Consul hears that the app takes no connections any more, and that it does again", async () => {
  const { app, port } = await startApp();
  registered(port, { check: { interval: "1s", timeout: "500ms" } });
  await until<Entry>(entries, (all) => statusOf(all) === "passing");
  app.close();
  const [entry] = await until<Entry>(entries, (all) => statusOf(all) === "critical");
  expect(entry?.Checks.map(({ Output }) => Output).join()).toContain("takes no connection: ECONNREFUSED");
  await startApp(port);
  await until<Entry>(entries, (all) => statusOf(all) === "passing");
});

test("an agent that forgot the app is told again", async () => {
  const { port } = await startApp();
  registered(port, { check: { interval: "1s", timeout: "500ms" } });
  const [first] = await until<Entry>(entries, (all) => all.length === 1);
  const { CreateIndex: before } = first!.Service; // just waited for
  await fetch(`${agent.url}/v1/agent/service/deregister/web-127.0.0.1-8080`, { method: "PUT" });
  // Told again at any moment from now on: a look at nothing may come too late.
  await until<Entry>(entries, ([entry]) => entry !== undefined && entry.Service.CreateIndex > before);
});

test("leaving deregisters at once, before it waits for callers to notice", async () => {
  const { port } = await startApp();
  const { registration } = registered(port, {});
  await until<Entry>(entries, (all) => all.length === 1);
  const left: Promise<string> = registration.leave(1_000).then(() => "left");
  const gone = until<Entry>(entries, (all) => all.length === 0).then(() => "gone");
  expect(await Promise.race([left, gone])).toBe("gone");
  expect(registration.registered).toBe(false);
  await left;
});

test.each([
  { check: { kind: "tcp" }, type: "tcp" },
  { check: { path: "/up", interval: "2s" }, type: "http" },
] as const)("a check of $check is the agent's to make", async ({ check, type }) => {
  const { port } = await startApp();
  registered(port, { check });
  const [entry] = await until<Entry>(entries, (all) => all.length === 1);
  expect(entry?.Checks.at(-1)).toMatchObject({ Type: type });
});

test("leaving does not wait for an app that never came up, nor for an agent that is away", async () => {
  const { app, port } = await startApp();
  const started: AppRegistration[] = [];
  await agent.faults.goAway();
  const { registration } = registered(port, {});
  started.push(registration);
  app.close();
  await once(app, "close");
  started.push(registered(port, {}).registration);
  await Promise.all(started.map((one) => one.leave(3_600_000)));
});

test.each([
  {
    fault: { kind: "hang" },
    says: { level: "warn", text: "Consul has not answered within 3000 ms that web leaves: its entry may stay" },
  },
  {
    fault: { kind: "status", status: 500, body: "no" },
    says: { level: "warn", text: expect.stringMatching(/deregistration of web-127\.0\.0\.1-8080 failed: 500/) },
  },
] as const)("an agent that answers a farewell with $fault is not said to have been left", async ({ fault, says }) => {
  const { port } = await startApp();
  const { registration, said } = registered(port, {});
  await until<Entry>(entries, (all) => all.length === 1);
  await vi.waitFor(() => expect(registration.registered).toBe(true));
  agent.faults.use(fault);
  await registration.leave(0);
  expect(said.slice(1)).toEqual([says]);
});
