// Run by lifecycle.test.ts in a process of its own, which must end by itself once mesh and endpoints are closed.
import { get } from "node:http";
import { createMesh } from "@weft/client";
import { fakeEndpoints, memoryRegistry } from "@weft/testkit";
import { request } from "undici";

const endpoints = await fakeEndpoints(3);
const registry = memoryRegistry();
registry.set("orders", endpoints.asEndpoints());
const mesh = createMesh({ registry, services: { orders: { timeout: { total: "5m", idle: "5m" } } } });
await mesh.ready();

const calls = Array.from({ length: 20 }, async () => {
  await (await mesh.fetch("http://orders/")).text();
  await (await request("http://orders/", { dispatcher: mesh.dispatcher })).body.text();
  await new Promise((resolve, reject) => {
    get("http://orders/", { agent: mesh.agent() }, (response) => response.resume().once("end", resolve)).once(
      "error",
      reject,
    );
  });
});
await Promise.all(calls);

// Cut in the middle: before the head, and inside the body.
endpoints.at(0).always({ kind: "stall", at: "before-head" });
endpoints.at(1).always({ kind: "stall", at: "inside-body" });
const cut = Array.from({ length: 20 }, async () => (await mesh.fetch("http://orders/")).text().catch(() => {}));
await Promise.all([endpoints.at(0).stalled(), endpoints.at(1).stalled()]);
await mesh.close({ drainMs: 0 });
await Promise.allSettled(cut);
await endpoints.close();
console.log("closed");
