// A registry: endpoints register themselves in Consul, and the mesh follows whoever comes and goes.
//
//   node examples/consul.ts
//
// Consul is an agent in memory here, the one that `npx weft dev` starts; with a real one only the URL differs.
import { createMesh } from "@weft/client";
import { startAgent } from "@weft/consul-dev";
import { register } from "@weft/discovery";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

await using consul = await startAgent();
const { url } = consul; // http://127.0.0.1:8500, usually

// In the service itself, as soon as it can answer. It reports to Consul until it is closed.
await using first = await ordersEndpoint("orders-1");
const registration = register({ url, name: "orders", id: "orders-1", address: first.host, port: first.port });
await registration.ready();

// In whoever calls it.
await using mesh = createMesh({ discovery: { consul: { url } }, services: { orders: {} } });
const joined = Promise.withResolvers<void>();
mesh.on("membership.changed", ({ added, total }) => {
  console.log(`orders: ${added.join(" ")} came, ${total} in all`);
  if (total === 2) joined.resolve();
});
await mesh.ready(["orders"], AbortSignal.timeout(10_000)); // before taking traffic; a call would wait by itself
const response = await mesh.fetch("http://orders/v1/7");
console.log(`GET /v1/7: ${response.status} ${await response.text()}`);

// A second one joins. The mesh hears of it at once, not at the next poll.
await using second = await ordersEndpoint("orders-2");
const another = register({ url, name: "orders", id: "orders-2", address: second.host, port: second.port });
await joined.promise;

// Consul goes away, and the calls go on: the last good answer is kept.
await consul.faults.goAway();
const meanwhile = await mesh.fetch("http://orders/v1/8");
console.log(`while Consul is away: ${meanwhile.status} ${await meanwhile.text()}`);
await consul.faults.comeBack();

// Leaving: callers are told first, and get `drainMs` to stop sending, then the endpoint may end.
await Promise.all([registration.close({ drainMs: 0 }), another.close({ drainMs: 0 })]);
