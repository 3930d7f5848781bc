import { Agent } from "node:http";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { fakeEndpoints, type FakeEndpoints } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, portOf } from "./rig.ts";

function policyOf(services: PolicyInput["services"], sidecar: PolicyInput["sidecar"] = {}) {
  const input: PolicyInput = {
    version: 1,
    services: services ?? {},
    sidecar: { outbound: { listen: "127.0.0.1:0", consul: false }, admin: { listen: "127.0.0.1:0" }, ...sidecar },
    telemetry: { accessLog: "off" },
  };
  return checkPolicy(input, { home: "sidecar" }).policy;
}

async function started(policy: ReturnType<typeof policyOf>): Promise<Sidecar> {
  const sidecar = await createSidecar({ policy });
  onTestFinished(() => sidecar.close());
  await sidecar.ready;
  return sidecar;
}

async function endpoints(count: number): Promise<FakeEndpoints> {
  const made = await fakeEndpoints(count);
  onTestFinished(() => made.close());
  return made;
}

function addresses(made: FakeEndpoints, ...at: number[]): `${string}:${number}`[] {
  return at.map((i) => `127.0.0.1:${made.at(i).port}` as const);
}

test("calls go by the new policy, over connections that stay", async () => {
  const made = await endpoints(2);
  const [first, second] = [addresses(made, 0), addresses(made, 1)];
  const sidecar = await started(policyOf({ orders: { discover: { static: first } } }));
  const port = portOf(sidecar, "outbound");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const served = async (): Promise<string> => JSON.parse((await call(port, "/", { agent })).body).endpoint;
  expect(await served()).toBe("endpoint-1");
  const sockets = Object.values(agent.freeSockets).flat();
  const report = await sidecar.reload(policyOf({ orders: { discover: { static: second } } }));
  expect(report.changes.join("\n")).toContain("service orders");
  expect(await served()).toBe("endpoint-2");
  expect(Object.values(agent.freeSockets).flat()).toEqual(sockets);
});

test("what was measured stays with a service that stays where it was", async () => {
  const made = await endpoints(2);
  const discover = { static: addresses(made, 0, 1) };
  const sidecar = await started(policyOf({ orders: { discover } }));
  const port = portOf(sidecar, "outbound");
  for (let i = 0; i < 4; i++) await call(port, "/");
  await sidecar.reload(policyOf({ orders: { discover, retry: { maxRetries: 2 } } }));
  const shown = await call(portOf(sidecar, "admin"), "/services/orders", { host: "localhost" });
  const attempts = JSON.parse(shown.body).endpoints.map(({ attempts: made_ }: { attempts: number }) => made_);
  expect(attempts.reduce((sum: number, n: number) => sum + n, 0)).toBe(4);
});

test("a service that is gone is unknown, and one that is new is served", async () => {
  const made = await endpoints(1);
  const discover = { static: addresses(made, 0) };
  const sidecar = await started(policyOf({ orders: { discover } }));
  await sidecar.reload(policyOf({ stock: { discover } }));
  const port = portOf(sidecar, "outbound");
  expect((await call(port, "/", { host: "orders" })).status).toBe(502);
  expect((await call(port, "/", { host: "stock" })).status).toBe(200);
});

test("a call that runs while the policy changes comes to its end", async () => {
  const made = await endpoints(1);
  const discover = { static: addresses(made, 0) };
  const sidecar = await started(policyOf({ orders: { discover } }));
  made.at(0).next({ kind: "stall", at: "before-head" });
  const running = call(portOf(sidecar, "outbound"), "/");
  await made.at(0).stalled();
  await sidecar.reload(policyOf({ stock: { discover } }));
  made.at(0).release();
  expect((await running).status).toBe(200);
});

test("a listener that cannot be opened changes nothing, and is named", async () => {
  const made = await endpoints(1);
  const discover = { static: addresses(made, 0) };
  const sidecar = await started(policyOf({ orders: { discover } }));
  const taken = made.at(0).port;
  const next = policyOf({ stock: { discover } }, { tcp: [{ listen: `127.0.0.1:${taken}`, service: "stock" }] });
  await expect(sidecar.reload(next)).rejects.toThrow(/sidecar\.tcp\[0\]\.listen: cannot listen on .*EADDRINUSE/);
  const port = portOf(sidecar, "outbound");
  expect((await call(port, "/", { host: "orders" })).status).toBe(200);
  expect((await call(port, "/", { host: "stock" })).status).toBe(502);
});
