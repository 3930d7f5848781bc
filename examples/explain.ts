// Why did my call go there? Events tell what happened to endpoints, stats what is so now, explain why each call went
// where it did.
//
//   node examples/explain.ts
import { createMesh } from "@weft/client";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");
await using mesh = createMesh({
  registry: { orders: [first, second] },
  services: { orders: { balancer: { kind: "round-robin" } } }, // turn by turn, so that both are tried
});

// Events: what changed, when it changes.
mesh.on("endpoint.ejected", ({ endpoint, why, forMs }) => {
  console.log(`event: ${endpoint} is ejected for ${Math.round(forMs)} ms: ${why}`);
});

// orders-1 breaks. Each call that meets its 503 is repeated at orders-2; the fifth in a row ejects it.
first.outOfOrder = true;
for (let call = 1; call <= 12; call++) {
  const response = await mesh.fetch(`http://orders/v1/${call}`);
  await response.text();
  if (!response.ok) console.log(`call ${call}: ${response.status}`);
}

// Stats: what is so now.
const { endpoints, retriesLeft } = mesh.service("orders").snapshot();
for (const node of endpoints) {
  console.log(`stats: ${node.endpoint.id}: ${node.fitness.kind}, ${node.pending} pending`);
}
console.log(`stats: ${retriesLeft} retries left in the budget`);

// Explain: the decisions about the last call that needed a second attempt, in words.
const { decisions } = mesh.explain({ service: "orders", last: 256 });
const retried = decisions.findLast(({ kind }) => kind === "retry");
if (retried === undefined) throw new Error("no call was repeated");
console.log(mesh.explain({ service: "orders", call: retried.call }).text);

// And the newest ones: nothing goes to orders-1 any more.
console.log(mesh.explain({ service: "orders", last: 2 }).text);
