// The plain case: fetch by a service's name instead of an address. weft picks the endpoint, and repeats what failed
// where that is safe.
//
//   node examples/fetch.ts
//
// `await using` needs Node 24; on Node 22 call `await mesh.close()` when the program ends.
import { createMesh } from "@weft/client";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");

// One mesh for the whole process. Closed at the end of the scope: running calls may end, then nothing is open.
await using mesh = createMesh({
  registry: {
    orders: [
      { id: first.id, host: first.host, port: first.port }, // or a text: "10.0.0.1:80"
      { id: second.id, host: second.host, port: second.port },
    ],
  },
  services: {
    orders: { timeout: { total: "10s", attempt: "3s" }, retry: { maxRetries: 1 } },
  },
});

// As with fetch, so are the answers: a Response, with every status.
const response = await mesh.fetch("http://orders/v1/7");
console.log(`GET /v1/7: ${response.status} ${await response.text()}`);

// What this one call asks for beyond the policy: to be over sooner, and to be repeated although it is a POST.
const posted = await mesh.fetch("http://orders/v1", {
  method: "POST",
  body: JSON.stringify({ apples: 2 }),
  headers: { "content-type": "application/json" },
  mesh: { timeoutMs: 5_000, idempotent: true },
});
console.log(`POST /v1: ${posted.status} ${await posted.text()}`);

// By the name instead of a URL; a name that the mesh does not know is a compile error here.
const orders = mesh.service("orders");
const listed = await orders.fetch("/v1");
console.log(`GET /v1: ${listed.status} ${await listed.text()}`);

// An endpoint goes away. Its connections are refused from now on, and no call fails for it.
await first.close();
let answered = 0;
for (let call = 1; call <= 10; call++) {
  const { ok } = await orders.fetch(`/v1/${call}`).then(async (answer) => (await answer.text(), answer));
  if (ok) answered++;
}
console.log(`with orders-1 gone: ${answered} of 10 answered`);
