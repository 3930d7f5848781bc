import { checkPolicy } from "@weft/config";
import { startAgent } from "@weft/consul-dev";
import { meshEvents } from "@weft/core";
import { createSidecar } from "@weft/sidecar";
import { eventJournal, fakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, portOf } from "./rig.ts";

interface Shown {
  readonly subset: string | null;
  readonly zonesOff: string | null;
  readonly groups: readonly { readonly zone: string | null; readonly share: number; readonly endpoints: number }[];
  readonly matching: number;
}

test("a sidecar that registers its app knows its peers: its zone, where the callers are, and its arc", async () => {
  await using agent = await startAgent();
  await using app = await fakeEndpoint();
  for (let i = 0; i < 120; i++) {
    const Meta = { zone: i % 3 === 0 ? "a" : "b" };
    agent.register({ Name: "orders", ID: `orders-${i}`, Address: "127.0.0.1", Port: 20_000 + i, Meta });
  }
  for (let i = 1; i <= 3; i++) {
    const Meta = { zone: i === 3 ? "b" : "a" };
    agent.register({ Name: "web", ID: `web-${i}`, Address: "10.0.0.1", Port: 30_000 + i, Meta });
  }
  const events = meshEvents();
  const journal = eventJournal(events);
  const input = {
    version: 1,
    discovery: { consul: { url: agent.url } },
    services: { orders: {} },
    sidecar: {
      service: "web",
      inbound: { listen: "127.0.0.1:0", app: `127.0.0.1:${app.port}` },
      outbound: { listen: "127.0.0.1:0" },
      admin: { listen: "127.0.0.1:0" },
      register: { id: "web-0", meta: { zone: "a" } },
      drain: { propagation: "0s" },
    },
  } as const;
  const { policy } = checkPolicy(input, { home: "sidecar" });
  const sidecar = await createSidecar({ policy, onEvent: (name, event) => events.emit(name, event) });
  onTestFinished(() => sidecar.close());
  const shown = async (): Promise<Shown> => {
    const { body } = await call(portOf(sidecar, "admin"), "/services/orders", { host: "localhost" });
    return JSON.parse(body.toString()) as Shown; // as docs/admin.md has it
  };
  // All are known first; then Consul knows the app, and tells it of its peers.
  await journal.next("membership.changed", ({ service, removed }) => service === "orders" && removed.length > 0);
  const { subset, zonesOff, groups, matching } = await shown();
  // Three of the four callers are in a, and a third of the endpoints. For 20 of 40 in a it takes two places of three,
  // for 20 of 80 in b one: 26.7 endpoints in each.
  expect(subset).toMatch(/^5[4-6] of 120 endpoints, by aperture, this being 1 of 3 peers in zone a$/);
  expect(zonesOff).toBeNull();
  expect(groups.map(({ zone }) => zone)).toEqual(["a", "b"]);
  expect(groups[0]!.share).toBeCloseTo(0.333 / 0.75, 2);
  expect(matching).toBeLessThan(57);
  const overview = await call(portOf(sidecar, "admin"), "/overview", { host: "localhost" });
  const { services } = JSON.parse(overview.body.toString()) as { readonly services: readonly object[] }; // docs/admin.md
  expect(services).toContainEqual(expect.objectContaining({ name: "orders", subset, zonesOff, groups }));

  await sidecar.reload(
    checkPolicy({ ...input, defaults: { subset: "off", zones: "off" } }, { home: "sidecar" }).policy,
  );
  expect(await shown()).toMatchObject({ subset: null, zonesOff: null, groups: [], matching: 120 });
});
