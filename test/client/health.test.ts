import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

const OFTEN = { interval: "500ms", timeout: "500ms", failAfter: 1, passAfter: 1 } as const;

test("an endpoint that fails its check gets no calls until it passes again", async () => {
  await using lab = await rig({ policy: { health: { http: "/healthz", ...OFTEN }, outliers: "off" } });
  lab.endpoints.at(0).always({ status: 500 });
  expect(await lab.journal.next("endpoint.unhealthy")).toMatchObject({
    endpoint: "endpoint-1",
    why: expect.stringContaining("status 500"),
  });
  const answer = await lab.mesh.fetch("http://orders/");
  expect([answer.status, answer.headers.get("x-fake-endpoint")]).toEqual([200, "endpoint-2"]);
  await answer.text();
  const asked = lab.endpoints.at(0).requests.filter(({ path }) => path === "/healthz");
  expect(asked[0]?.headers).toMatchObject({ host: "orders", "user-agent": "weft-health-check" });
  lab.endpoints.at(0).always({ status: 204 });
  expect(await lab.journal.next("endpoint.healthy")).toMatchObject({ endpoint: "endpoint-1" });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a check that nobody answers fails when its time is over", async () => {
  const health = { http: "/healthz", interval: "20ms", timeout: "20ms", failAfter: 1, passAfter: 1 } as const;
  await using lab = await rig({ behaviour: { kind: "hang" }, policy: { health } });
  expect((await lab.journal.next("endpoint.unhealthy")).why).toContain("no answer within 20 ms");
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a check by TCP asks for nothing but a connection", async () => {
  await using lab = await rig({ count: 1, policy: { health: { tcp: true, ...OFTEN } } });
  await lab.endpoints.at(0).connected(2);
  await lab.endpoints.at(0).refuse();
  expect((await lab.journal.next("endpoint.unhealthy")).why).toMatch(/ECONNRE(FUSED|SET)/);
  expect(lab.endpoints.at(0).requests).toEqual([]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("there are no checks by gRPC, for which HTTP/2 would have to be spoken", async () => {
  await using lab = await rig({ policy: { health: { grpc: "", ...OFTEN } } });
  expect(lab.stats().endpoints.map(({ health }) => health.kind)).toEqual(["unchecked", "unchecked"]);
  lab.mesh.configure({ services: { orders: { health: { tcp: true, ...OFTEN } } } });
  await lab.endpoints.at(0).connected();
});

test("closing the mesh ends checks that are under way", async () => {
  const lab = await rig({
    count: 1,
    behaviour: { kind: "stall", at: "before-head" },
    policy: { health: { http: "/", ...OFTEN } },
  });
  await lab.endpoints.at(0).stalled();
  expect(await lab.closed()).toEqual(NOTHING);
  await lab.endpoints.at(0).allClosed();
  await lab[Symbol.asyncDispose]();
});
