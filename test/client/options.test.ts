import { once } from "node:events";
import http from "node:http";
import { createMesh, type Mesh } from "@weft/client";
import { MeshError } from "@weft/core";
import { staticDiscovery } from "@weft/discovery";
import { opossumBreaker } from "@weft/opossum";
import { fakeEndpoint } from "@weft/testkit";
import { getGlobalDispatcher, request } from "undici";
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
    {
      options: { breakers: { orders: {} } },
      says: "breakers.orders: [object Object] is no function such as (ports) =>",
    },
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

  test.each<[says: string, use: (mesh: Mesh) => unknown]>([
    ["configure: service: no such option; is services meant?", (mesh) => mesh.configure({ service: {} } as object)],
    ["configure: undefined is no object", (mesh) => Reflect.apply(mesh.configure, mesh, [])],
    ["install: fetc: no such option; is fetch meant?", (mesh) => mesh.install({ fetc: true } as object)],
    ["explain: undefined is no object", (mesh) => Reflect.apply(mesh.explain, mesh, [])],
    [
      "on: endpoint.eject: no such event; is endpoint.ejected meant?",
      (mesh) => mesh.on("endpoint.eject" as "hedge.won", () => {}),
    ],
  ])("of a method: %s", async (says, use) => {
    await using mesh: Mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
    const before = globalThis.fetch;
    expect(() => use(mesh)).toThrow(expect.objectContaining({ code: "BAD_CONFIG", message: says }));
    expect(globalThis.fetch).toBe(before);
  });

  test("a path that is none makes a service's fetch reject", async () => {
    await using mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
    const fetched: unknown = Reflect.apply(mesh.service("orders").fetch, undefined, [7]);
    await expect(fetched).rejects.toThrow(new TypeError("orders.fetch: 7 is no path"));
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

test.each([
  ["the first leaves first", 0, 1],
  ["the last leaves first", 1, 0],
] as const)("two meshes installed give back what there was: %s", async (_, first, second) => {
  const { fetch: before } = globalThis;
  const { globalAgent } = http;
  const dispatcher = getGlobalDispatcher();
  const meshes = ["orders", "invoices"].map((name) => createMesh({ registry: { [name]: ["127.0.0.1:1"] } }));
  for (const mesh of meshes) mesh.install();
  await meshes[first]!.close();
  expect(globalThis.fetch).toBe(meshes[second]!.fetch);
  await meshes[second]!.close();
  expect(globalThis.fetch).toBe(before);
  expect(http.globalAgent).toBe(globalAgent);
  expect(getGlobalDispatcher()).toBe(dispatcher);
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

test.each([
  [{ drainMs: "1s" }, "close: drainMs: 1s is not a number of ms"],
  [{ drainMs: Number.NaN }, "close: drainMs: NaN is not"],
  [{ drainMs: -1 }, "close: drainMs: -1 is not"],
  [{ drainMs: Number.POSITIVE_INFINITY }, "close: drainMs: Infinity is not"],
  [{ drain: 1 }, "close: drain: no such option; is drainMs meant?"],
  [null, "close: null is no object"],
])("a mesh asked to close with %o stays open, and says why", async (given, why) => {
  await using mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] } });
  await expect(mesh.close(given as object)).rejects.toThrow(why);
  expect(mesh.stats().services).toHaveProperty("orders");
  expect(() => mesh.service("orders")).not.toThrow();
});

test("a breaker for a service that there is not is a warning of the process", async () => {
  const warned = once(process, "warning");
  await using mesh = createMesh({
    registry: { orders: ["127.0.0.1:1"] },
    breakers: { odrers: (ports) => opossumBreaker("odrers", {}, ports) },
  });
  const [warning] = await warned;
  expect(warning).toMatchObject({
    name: "WeftPolicyWarning",
    message: "breakers: service odrers: no such service; known: orders. Add it under `services`",
  });
  expect(mesh.stats().services).not.toHaveProperty("odrers");
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
