import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { type Discovery, meshEvents, type Watch } from "@weft/core";
import { fakeTime, memoryRegistry, seededRandom } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { PolicyBook } from "./policy-book.ts";
import { Registry, type RegistryOptions } from "./registry.ts";

function lab(services: PolicyInput["services"] = {}, options: RegistryOptions = {}) {
  const time = fakeTime();
  const book = new PolicyBook(checkPolicy({ version: 1, services }, { home: "sidecar" }).policy, "sidecar");
  const registry = new Registry(options, book, { time, random: seededRandom(7), events: meshEvents() });
  return { book, registry, time };
}

function addresses({ membership }: Watch): string[] {
  return membership.endpoints.map(({ host, port }) => `${host}:${port}`);
}

const orders = { discover: { static: ["10.0.0.1:80"] } } as const;

describe("whom a registry knows", () => {
  test("those that are listed, in the policy or as endpoints", () => {
    const { registry } = lab({ orders }, { registry: { web: ["10.0.0.9:80"], orders: [] } });
    expect(registry.names()).toEqual(["web", "orders"]);
    expect(["orders", "web", "other", "", "constructor"].filter((name) => registry.knows(name))).toEqual([
      "orders",
      "web",
    ]);
  });

  test("any name, while none is listed", () => {
    const { registry } = lab({}, { registry: memoryRegistry() });
    expect([registry.knows("other"), registry.lists("other"), registry.knows("")]).toEqual([true, false, false]);
  });

  test("any name, whenever the home says so", () => {
    let open = false;
    const { registry } = lab({ orders }, { takesUnlisted: () => open });
    expect([registry.knows("orders"), registry.knows("other")]).toEqual([true, false]);
    open = true;
    expect([registry.knows("other"), registry.lists("other")]).toEqual([true, false]);
    expect(lab({}, { takesUnlisted: () => false }).registry.knows("other")).toBe(false);
  });

  test("those that a replaced policy lists", () => {
    const { registry, book } = lab({ orders });
    book.replace(checkPolicy({ version: 1, services: { web: orders } }, { home: "sidecar" }).policy);
    expect(["orders", "web"].filter((name) => registry.knows(name))).toEqual(["web"]);
  });
});

describe("a watch", () => {
  test("is on what the service's own policy says, whatever registry is given", () => {
    const { registry } = lab({ orders, web: {} }, { registry: { orders: ["10.0.0.9:80"], web: ["10.0.0.8:80"] } });
    expect(addresses(registry.watch("orders"))).toEqual(["10.0.0.1:80"]);
    expect(addresses(registry.watch("web"))).toEqual(["10.0.0.8:80"]);
  });

  test("is on the given registry for services whose policy says nothing", async () => {
    const given = memoryRegistry();
    given.set("web", [{ host: "10.0.0.8", port: 80 }]);
    const { registry } = lab({ orders, web: {} }, { registry: given });
    const watch = registry.watch("web");
    expect(addresses(watch)).toEqual(["10.0.0.8:80"]);
    watch.close();
    expect(given.watches("web")).toBe(0);
    await registry.close();
    expect(() => given.watch("web")).toThrow("closed");
  });

  test("finds another place after a replacement, and leaves nothing behind when it is closed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "weft-registry-"));
    try {
      const file = join(folder, "orders.json");
      await writeFile(file, '["10.0.0.3:80"]');
      const { registry, book, time } = lab({ orders: { discover: { file } } });
      const first = registry.watch("orders");
      expect(addresses({ ...first, membership: await first.ready() })).toEqual(["10.0.0.3:80"]);
      expect(time.pending()).toBeGreaterThan(0);
      book.replace(checkPolicy({ version: 1, services: { orders } }, { home: "sidecar" }).policy);
      const second = registry.watch("orders");
      expect(addresses(second)).toEqual(["10.0.0.1:80"]);
      first.close();
      first.close();
      expect(time.pending()).toBe(0); // the file is looked at no more
      expect(addresses(second)).toEqual(["10.0.0.1:80"]);
      await registry.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("ends with the registry, which waits for what it lets go of", async () => {
    const ended: string[] = [];
    const given: Discovery = {
      ...memoryRegistry(),
      close: async () => {
        await Promise.resolve();
        ended.push("given");
      },
    };
    const { registry } = lab({ orders, web: {} }, { registry: given });
    const own = registry.watch("orders");
    registry.watch("web");
    await registry.close();
    expect(ended).toEqual(["given"]);
    await expect(own.ready()).rejects.toThrow("closed");
    expect(() => registry.watch("orders")).toThrow("the registry was closed");
  });
});
