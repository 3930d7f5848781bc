import { request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

const STALL = { kind: "stall", at: "before-head" } as const;

test.each([
  ["limits.calls", { calls: 1 }],
  ["limits.connections", { connections: 1 }],
  ["limits.callsPerEndpoint", { callsPerEndpoint: 1 }],
] as const)(
  "a call beyond %s is refused by that name, and takes nothing from the one that runs",
  async (name, limits) => {
    await using lab = await rig({ count: 1, behaviour: STALL, policy: { limits, retry: "off" } });
    const { dispatcher } = lab.mesh;
    const running = request("http://orders/", { dispatcher });
    await lab.endpoints.at(0).stalled();
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
      code: "OVERLOADED",
      neverSent: true,
      message: expect.stringContaining(name) as string,
    });
    expect(lab.journal.of("limit.reached")).toMatchObject([{ service: "orders", limit: name, value: 1 }]);
    expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
    lab.endpoints.at(0).release();
    await (await running).body.dump();
    expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
    expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0 });
    expect(await lab.closed()).toEqual(NOTHING);
  },
);

test("limits.connections ends an idle connection to one endpoint for one to another", async () => {
  await using lab = await rig({ policy: { balancer: { kind: "round-robin" }, limits: { connections: 1 } } });
  for (let i = 0; i < 4; i++) await (await request("http://orders/", { dispatcher: lab.mesh.dispatcher })).body.dump();
  expect(lab.endpoints.all.map(({ connections }) => connections)).toEqual([2, 2]);
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
});

test("a call counts against its limit until its body has ended", async () => {
  const behaviour = { kind: "stall", at: "inside-body", answer: { body: "0123456789" } } as const;
  await using lab = await rig({ count: 1, behaviour, policy: { limits: { calls: 1 } } });
  const { dispatcher } = lab.mesh;
  const { body } = await request("http://orders/", { dispatcher });
  await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ code: "OVERLOADED" });
  lab.endpoints.at(0).release();
  expect(await body.text()).toBe("0123456789");
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("breaker: once open it refuses with CIRCUIT_OPEN and touches no socket", async () => {
  await using lab = await rig({
    behaviour: { status: 500, body: "" },
    policy: { breaker: { failureRatio: 0.5, minimumCalls: 3, coolDown: "1m" }, outliers: "off" },
  });
  const { dispatcher } = lab.mesh;
  for (let i = 0; i < 3; i++) await (await request("http://orders/", { dispatcher })).body.dump();
  const before = lab.endpoints.requestCount();
  await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
    code: "CIRCUIT_OPEN",
    neverSent: true,
    service: "orders",
  });
  expect(lab.endpoints.requestCount()).toBe(before);
  expect(lab.journal.of("breaker.changed")).toMatchObject([{ from: "closed", to: "open" }]);
  expect(lab.stats()).toMatchObject({ breaker: { kind: "open" }, calls: { running: 0 } });
});
