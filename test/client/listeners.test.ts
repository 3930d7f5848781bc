import { once } from "node:events";
import { createMesh } from "@weft/client";
import { fakeEndpoint } from "@weft/testkit";
import { expect, test } from "vitest";

test.each(["mesh.on", "onEvent"])("what a listener of %s throws is a warning, and the call goes well", async (by) => {
  await using endpoint = await fakeEndpoint();
  const raise = (): never => {
    throw new Error("no such table");
  };
  await using mesh = createMesh({
    registry: { orders: [`127.0.0.1:${endpoint.port}`] },
    ...(by === "onEvent" ? { onEvent: raise } : {}),
  });
  if (by === "mesh.on") mesh.on("call.ended", raise);
  const warned = once(process, "warning");
  const response = await mesh.fetch("http://orders/");
  await response.text();
  expect(response.status).toBe(200);
  expect(await warned).toMatchObject([
    { name: "WeftListenerWarning", detail: expect.stringContaining("no such table") },
  ]);
});
