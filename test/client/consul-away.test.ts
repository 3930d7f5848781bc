import { createMesh } from "@weft/client";
import { startAgent } from "@weft/consul-dev";
import { consulDiscovery } from "@weft/discovery";
import { eventJournal, fakeEndpoints, fakeTime } from "@weft/testkit";
import { meshEvents } from "@weft/core";
import { expect, test } from "vitest";

test("ten minutes without Consul fail no call, and its return is noticed", async () => {
  const time = fakeTime();
  const events = meshEvents();
  const journal = eventJournal(events);
  await using endpoints = await fakeEndpoints(3);
  await using agent = await startAgent();
  for (const { id, port } of endpoints.all.map((endpoint) => endpoint.asEndpoint())) {
    agent.register({ Name: "orders", ID: id, Address: "127.0.0.1", Port: port });
  }
  const registry = consulDiscovery({ url: agent.url, time, events });
  await using mesh = createMesh({ registry, services: { orders: {} }, time });
  await mesh.ready();

  await agent.faults.goAway();
  await journal.next("discovery.freshness", ({ to }) => to === "stale");
  for (let calls = 0; calls < 120; calls++) {
    const response = await mesh.fetch(`http://orders/${calls}`);
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    await time.advance(5_000);
  }
  const { freshness, endpoints: known } = mesh.service("orders").snapshot();
  expect(freshness.kind).toBe("stale");
  expect(known.map(({ endpoint, available }) => [endpoint.port, available])).toEqual(
    expect.arrayContaining(endpoints.all.map(({ port }) => [port, true])),
  );

  await agent.faults.comeBack();
  const live = journal.next("discovery.freshness", ({ to }) => to === "live");
  let back = false;
  void live.then(() => (back = true));
  // Its next try comes within the longest backoff; the answer needs real time, which the loop gives it.
  for (let tries = 0; !back && tries < 200; tries++) {
    await time.advance(1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await live;
});
