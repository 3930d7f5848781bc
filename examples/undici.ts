// undici's own functions over the mesh: request and stream take `mesh.dispatcher`, and interceptors compose with it.
//
//   node examples/undici.ts
import { Writable } from "node:stream";
import { createMesh } from "@weft/client";
import { Agent, type Dispatcher, request, stream } from "undici";
import { ordersEndpoint } from "./support/orders-endpoint.ts";

await using first = await ordersEndpoint("orders-1");
await using second = await ordersEndpoint("orders-2");
await using mesh = createMesh({ registry: { orders: [first, second] } });

// The cheapest way to make a call.
const { statusCode, body } = await request("http://orders/v1/7", { dispatcher: mesh.dispatcher });
console.log(`request: ${statusCode} ${await body.text()}`);

// The body goes straight into a stream of yours. The endpoint counts as busy until it has ended.
let bytes = 0;
await stream("http://orders/v1/8", { method: "GET", dispatcher: mesh.dispatcher }, () => {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
});
console.log(`stream: ${bytes} bytes`);

// An interceptor of yours on top of the mesh sees each call once, whatever is retried below it.
const seen: string[] = [];
const logging: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  seen.push(`${options.method} ${options.path}`);
  return dispatch(options, handler);
};
const logged = await request("http://orders/v1/9", { dispatcher: mesh.dispatcher.compose(logging) });
await logged.body.dump();
console.log(`interceptor on the mesh: ${seen.join(", ")}`);

// The other way round: the mesh as an interceptor on an agent that you have already, with its proxy, TLS or metrics.
const agent = new Agent();
const composed = await request("http://orders/v1/10", { dispatcher: agent.compose(mesh.interceptor()) });
console.log(`mesh on an agent: ${composed.statusCode} ${await composed.body.text()}`);
await agent.close();
