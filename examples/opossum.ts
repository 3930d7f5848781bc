// An opossum circuit that you have already decides when calls to orders are refused; weft does the rest.
//
//   node examples/opossum.ts
//
// The mesh has a breaker of its own, off unless a policy asks for it (`breaker: {}`): take that one if you have no
// circuit yet. Yours takes its place, so it judges calls by their final answers, after retries.
import { createMesh, MeshError } from "@weft/client";
import { opossumBreaker } from "@weft/opossum";
import CircuitBreaker from "opossum";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");

// Your circuit, with whatever listens to it: weft never runs its action, and leaves it running at the end.
const circuit = new CircuitBreaker(async () => {}, { volumeThreshold: 5, resetTimeout: 30_000 });
circuit.on("open", () => console.log("opossum says: open"));

await using mesh = createMesh({
  registry: { orders: [first, second] },
  breakers: { orders: (ports) => opossumBreaker("orders", { breaker: circuit }, ports) },
});
mesh.on("breaker.changed", ({ from, to, why }) => console.log(`weft says: ${from} > ${to}: ${why}`));

first.outOfOrder = second.outOfOrder = true;
for (let number = 1; number <= 6; number++) {
  try {
    const response = await mesh.fetch(`http://orders/v1/${number}`);
    await response.text();
    console.log(`call ${number}: ${response.status}`);
  } catch (error) {
    // As with fetch, the reason is the cause.
    const reason = error instanceof Error ? error.cause : error;
    console.log(`call ${number}: ${reason instanceof MeshError ? reason.code : reason}`);
  }
}

// The endpoints are well again. A trial would find out after resetTimeout; by hand it is quicker.
first.outOfOrder = second.outOfOrder = false;
circuit.close();
const after = await mesh.fetch("http://orders/v1/7");
console.log(`call 7: ${after.status} ${await after.text()}`);

circuit.shutdown();
