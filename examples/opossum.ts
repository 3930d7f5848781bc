// An opossum circuit that you have already decides when calls to orders are refused; weft does the rest.
//
//   node examples/opossum.ts
//
// The mesh has a breaker of its own, off unless a policy asks for it (`breaker: {}`): take that one if you have no
// circuit yet. Here `opossumBreaker` stands around the mesh, so it judges calls by their final answers, after retries.
import { createMesh } from "@weft/client";
import { failure, MeshError, meshEvents, OngoingCall, outcomeOfStatus } from "@weft/core";
import { systemTime } from "@weft/discovery";
import { opossumBreaker } from "@weft/opossum";
import CircuitBreaker from "opossum";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");
await using mesh = createMesh({ registry: { orders: [first, second] } });

// Your circuit, with whatever listens to it: weft never runs its action, and leaves it running at the end.
const circuit = new CircuitBreaker(async () => {}, { volumeThreshold: 5, resetTimeout: 30_000 });
circuit.on("open", () => console.log("opossum says: open"));

const events = meshEvents();
events.on("breaker.changed", ({ from, to, why }) => console.log(`weft says: ${from} > ${to}: ${why}`));
const layer = opossumBreaker<string, Response>("orders", { breaker: circuit }, { clock: systemTime, events });
const guarded = layer.wrap((path) => mesh.service("orders").fetch(path));

let calls = 0;

/** Calls orders if the circuit allows it, and tells the circuit what came of it. */
async function callOrders(path: string): Promise<Response> {
  const call = new OngoingCall(++calls, "orders", systemTime.nowMs(), true);
  try {
    const response = await guarded(path, call);
    call.answered(outcomeOfStatus(response.status), systemTime.nowMs());
    return response;
  } catch (error) {
    call.answered(failure("reset"), systemTime.nowMs()); // no effect on a call that the circuit refused
    throw error;
  } finally {
    call.finish({ kind: "complete", atMs: systemTime.nowMs() });
  }
}

first.outOfOrder = second.outOfOrder = true;
for (let number = 1; number <= 6; number++) {
  try {
    const response = await callOrders(`/v1/${number}`);
    await response.text();
    console.log(`call ${number}: ${response.status}`);
  } catch (error) {
    console.log(`call ${number}: ${error instanceof MeshError ? error.code : error}`);
  }
}

// The endpoints are well again. A trial would find out after resetTimeout; by hand it is quicker.
first.outOfOrder = second.outOfOrder = false;
circuit.close();
const after = await callOrders("/v1/7");
console.log(`call 7: ${after.status} ${await after.text()}`);

layer.close();
circuit.shutdown();
