import { createMesh } from "@weft/client";
import { fakeEndpoints, memoryRegistry } from "@weft/testkit";
import { expect, test, vi } from "vitest";

test("a mesh that is told which instance it is uses its arc, stays in its zone, and follows its peers", async () => {
  await using endpoints = await fakeEndpoints(2);
  const registry = memoryRegistry();
  const [near, far] = endpoints.asEndpoints();
  const inZone = (zone: string) => ({ locality: { zone } });
  registry.set("orders", [
    { ...near!, ...inZone("a") },
    { ...far!, ...inZone("b") },
  ]);
  registry.set(
    "search",
    Array.from({ length: 90 }, (_, i) => ({ host: "127.0.0.1", port: 20_000 + i })),
  );
  const web = (count: number) =>
    Array.from({ length: count }, (_, i) => ({
      id: `web-${i}`,
      host: "10.0.0.1",
      port: 1 + i,
      ...inZone(i < 2 ? "a" : "b"),
    }));
  registry.set("web", web(4));
  vi.stubEnv("WEFT_TEST_INSTANCE", "web-1");
  await using mesh = createMesh({
    registry,
    discovery: { self: { service: "web", id: { env: "WEFT_TEST_INSTANCE" } } },
    services: { orders: {}, search: { zones: "off" } },
  });
  vi.unstubAllEnvs();
  await mesh.ready();
  for (let i = 0; i < 20; i++) await (await mesh.fetch("http://orders/")).arrayBuffer();
  expect(endpoints.all.map(({ requests }) => requests.length)).toEqual([20, 0]);
  expect(mesh.explain({ service: "orders" }).text).toContain("in zone a, priority 0, which gets 100 % of the picks");

  expect(mesh.stats().services["search"]!.subset).toMatch(
    /^2[34] of 90 endpoints, by aperture, this being 2 of 4 peers$/,
  );
  registry.set("web", web(2));
  expect(mesh.stats().services["search"]!.subset).toMatch(/^45 of 90 endpoints, by aperture, this being 2 of 2 peers$/);
  registry.set("web", web(1)); // the registry has forgotten it
  expect(mesh.stats().services["search"]!.subset).toContain("2 of 2 peers");

  await mesh.close({ drainMs: 0 });
  expect(["web", "orders", "search"].map((name) => registry.watches(name))).toEqual([0, 0, 0]);
});

test("a mesh whose registry cannot tell of its peers calls everybody", async () => {
  await using endpoints = await fakeEndpoints(2);
  const registry = memoryRegistry();
  registry.set("orders", endpoints.asEndpoints());
  await using mesh = createMesh({
    registry,
    discovery: { self: { service: "web" } },
    services: { orders: {} },
  });
  for (let i = 0; i < 20; i++) await (await mesh.fetch("http://orders/")).arrayBuffer();
  for (const { requests } of endpoints.all) expect(requests.length).toBeGreaterThan(0);
  expect(mesh.stats().services["orders"]).toMatchObject({ subset: undefined, division: { zonesOff: undefined } });
});
