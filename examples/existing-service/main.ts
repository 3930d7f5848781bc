// A service joins the mesh without a change to its code: one line at its start, `mesh.install()`.
//
//   node examples/existing-service/main.ts
//
// From then on the built-in fetch, undici's functions and node:http (so axios and got as well) go to services of the
// mesh by name. Everything else that they call goes where it always went.
import { createMesh } from "@weft/client";
import { ordersEndpoint } from "../support/orders-endpoint.ts";
import { showOrders } from "./service.ts";

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");
await using mesh = createMesh({ registry: { orders: [first, second] } });

mesh.install(); // this line, before the first call; what it returns takes it back when disposed

await showOrders();

// A host that is no service of the mesh.
const direct = await fetch(`http://${second.host}:${second.port}/health`);
console.log(`outside the mesh: ${direct.status} ${await direct.text()}`);
