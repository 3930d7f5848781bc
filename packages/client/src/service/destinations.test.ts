import { PolicyBook, Registry } from "@weft/runtime";
import { memoryRegistry } from "@weft/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { createMesh } from "../create-mesh.ts";
import type { Destination } from "../mesh-dispatcher.ts";
import { Destinations } from "./destinations.ts";
import { sdkPolicy } from "./sdk-policy.ts";
import type { ServiceClient } from "./service-client.ts";

function destinations(services: Record<string, object>, closed = false): Destinations {
  const policies = new PolicyBook(sdkPolicy({ services }), "sdk");
  const ports = undefined as never; // no source is made here
  return new Destinations({
    suffix: ".mesh",
    registry: new Registry({ registry: memoryRegistry() }, policies, ports),
    client: (name) => ({ name }) as ServiceClient, // only its name is looked at
    isClosed: () => closed,
  });
}

function said(destination: Destination): string {
  switch (destination.kind) {
    case "service":
      return `${destination.service.name}${destination.secure ? " by TLS" : ""}`;
    case "outside":
      return "outside";
    case "unknown":
      return destination.error.message;
    default:
      return destination satisfies never;
  }
}

describe("destinations", () => {
  const listed = destinations({ orders: {}, invoices: {} });

  test.each([
    ["http://orders", "orders"],
    ["http://orders:8080", "orders"],
    ["http://ORDERS", "orders"],
    ["https://orders", "orders by TLS"],
    ["ws://orders", "orders"],
    ["wss://orders", "orders by TLS"],
    ["mesh://orders", "orders"],
    ["http://orders.mesh", "orders"],
    ["http://example.org", "outside"],
    ["http://orders.example.org", "outside"],
    ["ftp://orders", "outside"],
    ["http://127.0.0.1:80", "outside"],
    ["http://[::1]:80", "outside"],
    ["not a url", "outside"],
    ["", "outside"],
    [undefined, "outside"],
    [new URL("http://orders/v1"), "orders"],
  ])("%s means %s", (origin, meant) => {
    expect(said(listed.of(origin))).toBe(meant);
    expect(said(listed.of(origin))).toBe(meant); // remembered
  });

  test("a name with the suffix that is not listed is a mistake, told with those that are", () => {
    expect(said(listed.of("http://odrers.mesh"))).toBe(
      "service odrers: no such service; known: orders, invoices. Add it under `services`",
    );
  });

  test("a mesh that lists none takes any name, by its suffix only", () => {
    const open = destinations({});
    expect(said(open.of("http://payments.mesh"))).toBe("payments");
    expect(said(open.of("http://payments"))).toBe("outside");
    expect(said(open.of("http://.mesh"))).toContain("no such service");
  });

  test("many outside hosts do not grow it without bound, nor make it forget what names mean", () => {
    for (let i = 0; i < 3_000; i++) expect(listed.of(`http://host-${i}.example.org`).kind).toBe("outside");
    expect(said(listed.of("http://orders"))).toBe("orders");
  });
});

describe("a mesh's own suffix", () => {
  const mesh = createMesh({ registry: { orders: ["127.0.0.1:1"] }, suffix: ".internal" });
  afterAll(() => mesh.close({ drainMs: 0 }));

  test("is the only one it knows", async () => {
    await expect(mesh.fetch("http://odrers.internal/")).rejects.toMatchObject({ cause: { code: "UNKNOWN_SERVICE" } });
  });
});
