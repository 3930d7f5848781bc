// axios over the mesh, in both ways it can send: through node:http with `mesh.agent()`, and through fetch.
//
//   node examples/axios.ts
import { createMesh } from "@weft/client";
import axios, { AxiosError } from "axios";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

interface Answer {
  readonly from: string;
  readonly path: string;
}

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");
await using mesh = createMesh({ registry: { orders: [first, second] } });

// axios's default way is node:http. `proxy: false`: calls to services must not take HTTP_PROXY.
const byAgent = { baseURL: "http://orders", httpAgent: mesh.agent(), proxy: false } as const; // or axios.create(byAgent)
const seven = await axios.get<Answer>("/v1/7", byAgent);
console.log(`by agent: ${seven.status} from ${seven.data.from}`);

// The fetch adapter with the mesh's fetch: attempts are repeated here also after the request was sent.
const byFetch = { baseURL: "http://orders", adapter: "fetch", env: { fetch: mesh.fetch } } as const;
const eight = await axios.get<Answer>("/v1/8", byFetch);
console.log(`by fetch: ${eight.status} from ${eight.data.from}`);

// One endpoint is out of order: by fetch nobody notices.
first.outOfOrder = true;
const nine = await axios.get<Answer>("/v1/9", byFetch);
console.log(`with orders-1 out of order: ${nine.status} from ${nine.data.from}`);

// Both are: the endpoint's own answer arrives, and what it means is axios's own affair, as ever.
second.outOfOrder = true;
try {
  await axios.get<Answer>("/v1/10", byFetch);
} catch (error) {
  if (!(error instanceof AxiosError)) throw error;
  console.log(`with both out of order: ${error.code} ${error.response?.status}`);
}
