import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { queryObjects } from "node:v8";
import { checkPolicy } from "@weft/config";
import { fakeEndpoints, memoryRegistry } from "@weft/testkit";
import { expect, test } from "vitest";
import { createSidecar } from "../create-sidecar.ts";
import { Hop } from "../hop/hop.ts";

test("the calls that ended last stay where a collection finds them", async () => {
  await using endpoints = await fakeEndpoints(1);
  const registry = memoryRegistry();
  registry.set("orders", endpoints.asEndpoints());
  const { policy } = checkPolicy(
    { version: 1, services: { orders: {} }, sidecar: { outbound: { listen: "127.0.0.1:0" } } },
    { home: "sidecar" },
  );
  const sidecar = await createSidecar({ policy, registry });
  await sidecar.ready;
  const { address } = sidecar.listeners[0]!;
  for (let calls = 0; calls < 20; calls++) {
    const [answer] = (await once(get(`http://${address}/`, { headers: { host: "orders" } }), "response")) as [
      IncomingMessage,
    ];
    expect(answer.statusCode).toBe(200);
    await once(answer.resume(), "end");
  }
  expect(queryObjects(Hop, { format: "count" })).toBe(16);
  await sidecar.close();
});
