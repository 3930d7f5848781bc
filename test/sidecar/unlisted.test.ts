import { Agent } from "node:http";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig } from "./rig.ts";

const MINUTE_MS = 60_000;

test("a service that the policy does not list is watched while it is used, and five minutes longer", async () => {
  const time = fakeTime();
  const { registry, endpoints, port, admin, ...rig } = await sidecarRig({
    outbound: { consul: true },
    options: { time },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(async () => {
    agent.destroy();
    const disposed = rig[Symbol.asyncDispose]();
    await time.advance(0); // what is open is cut after no time at all
    await disposed;
  });
  registry.set("stock", endpoints.asEndpoints());
  const ask = async (): Promise<number> => (await call(port, "/", { host: "stock", agent })).status;
  expect(registry.watches("stock")).toBe(0);
  expect(await ask()).toBe(200);
  await time.advance(4 * MINUTE_MS);
  expect(await ask()).toBe(200);
  await time.advance(4 * MINUTE_MS);
  expect(registry.watches("stock")).toBe(1);
  await time.advance(2 * MINUTE_MS);
  expect([registry.watches("stock"), registry.watches("orders")]).toEqual([0, 1]);
  expect((await admin("/services/stock")).status).toBe(404);
  expect((await admin("/metrics")).body).not.toContain('"stock"');
  expect(await ask()).toBe(200);
  expect(registry.watches("stock")).toBe(1);
});

test("a thousand made-up names are watched at most, and those that were used last stay", async () => {
  const { registry, port, ...rig } = await sidecarRig({ outbound: { consul: true } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const names = Array.from({ length: 1_100 }, (_, i) => `made-up-${i}`);
  for (const host of names) expect((await call(port, "/", { host, agent })).status).toBe(503);
  const watched = names.filter((name) => registry.watches(name) > 0);
  expect(watched.length).toBeLessThanOrEqual(1_000);
  expect(watched.at(-1)).toBe("made-up-1099");
  expect(registry.watches("orders")).toBe(1);
});
