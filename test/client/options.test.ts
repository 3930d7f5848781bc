import { createMesh, type Mesh } from "@weft/client";
import { MeshError } from "@weft/core";
import { staticDiscovery } from "@weft/discovery";
import { opossumBreaker } from "@weft/opossum";
import { fakeEndpoint } from "@weft/testkit";
import { request } from "undici";
import { describe, expect, expectTypeOf, test } from "vitest";

describe("names", () => {
  test("are inferred from registry and services, and an unknown one is a compile error", async () => {
    await using mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] }, services: { payments: {} } });
    expectTypeOf(mesh).toEqualTypeOf<Mesh<"orders" | "payments">>();
    // @ts-expect-error: the compile error that this test is about
    expect(() => mesh.service("ordres")).toThrow(/no such service; known: orders, payments/);
  });

  test("are any, when only the registry knows them", async () => {
    await using mesh = createMesh({ registry: staticDiscovery({ orders: ["127.0.0.1:1"] }) });
    expectTypeOf(mesh).toEqualTypeOf<Mesh<string>>();
    expect(mesh.service("orders").name).toBe("orders");
  });
});

describe("options that are none", () => {
  test.each([
    { options: { servces: {} }, says: "servces: no such option; is services meant?" },
    { options: { registry: "http://127.0.0.1:8500" }, says: "registry: http://127.0.0.1:8500 is neither" },
    { options: { readyTimeout: "soon" }, says: "readyTimeout: soon is not a duration" },
    { options: { suffix: "mesh" }, says: "suffix: mesh is not a dot and a domain" },
    { options: { defaults: { retry: { maxRetries: -1 } } }, says: "defaults.retry.maxRetries: -1" },
    { options: { defaults: { balancer: { kind: "source" } } }, says: "defaults.balancer.kind" },
    {
      options: { telemetry: { otlp: { url: "http://127.0.0.1:4318" } } },
      says: "telemetry: it is what startTelemetry",
    },
  ])("$says", ({ options, says }) => {
    // What the types refuse, callers in JavaScript can still give.
    const make = (): unknown => createMesh(options as object);
    expect(make).toThrow(MeshError);
    expect(make).toThrow(says);
  });

  test.each([
    { mesh: { timeout: 5 }, says: "timeout: no such option" },
    { mesh: { timeoutMs: Number.NaN }, says: "timeoutMs: NaN is not a number of ms above 0" },
    { mesh: null, says: "mesh: null is no object" },
  ])("of one call: $says", async ({ mesh: own, says }) => {
    await using mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
    const init = { mesh: own } as object;
    await expect(mesh.fetch("http://orders/", init)).rejects.toThrow(says);
    const options = { dispatcher: mesh.dispatcher, mesh: own } as object;
    await expect(request("http://orders/", options)).rejects.toThrow(says);
  });
});

test("a mesh installed twice stays until both are disposed", async () => {
  await using mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
  const before = globalThis.fetch;
  const first = mesh.install();
  const second = mesh.install();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  expect(globalThis.fetch).toBe(mesh.fetch);
  second[Symbol.dispose]();
  expect(globalThis.fetch).toBe(before);
});

test("a mesh that is closed is not left where it was installed", async () => {
  const before = globalThis.fetch;
  const mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
  const installed = mesh.install();
  expect(globalThis.fetch).toBe(mesh.fetch);
  await mesh.close();
  expect(globalThis.fetch).toBe(before);
  installed[Symbol.dispose](); // has nothing left to do
  expect(globalThis.fetch).toBe(before);
});

test("a breaker of opossum takes the place of the service's own", async () => {
  await using endpoint = await fakeEndpoint();
  endpoint.always({ status: 500 });
  await using mesh = createMesh({
    registry: { orders: [endpoint.asEndpoint()] },
    breakers: {
      orders: (ports) =>
        opossumBreaker("orders", { errorThresholdPercentage: 50, volumeThreshold: 3, resetTimeout: 60_000 }, ports),
    },
  });
  for (let i = 0; i < 3; i++) await (await mesh.fetch("http://orders/")).text();
  await expect(mesh.fetch("http://orders/")).rejects.toMatchObject({ cause: { code: "CIRCUIT_OPEN" } });
  expect(mesh.stats().services["orders"]?.breaker?.kind).toBe("open");
});
