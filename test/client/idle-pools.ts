// Run by idle-pools.test.ts in a process of its own: what 1,000 endpoints keep that nobody calls.
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { queryObjects } from "node:v8";
import { createMesh, type Mesh } from "@weft/client";
import { EndpointWays } from "../../packages/client/src/service/endpoint-ways.ts";

const IDLE = 1_000;

// A small mesh comes first: it loads and compiles what all need.
await using small = await meshOf([], 10);
const smallBytes = heapBytes();
const server = createServer((socket) => {
  socket.on("error", () => {}).on("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
});
await using mesh = await meshOf([await listen(server)], IDLE);
const bytesEach = (heapBytes() - smallBytes) / IDLE;
const uncalled = pools();

await (await mesh.fetch("http://orders/")).text();
const called = pools();

await Promise.all([mesh.close(), small.close()]);
server.close();
console.log(JSON.stringify({ bytesEach, pools: { uncalled, called } }));

async function meshOf(endpoints: readonly string[], idle: number): Promise<Mesh<"orders">> {
  const others = Array.from({ length: idle }, (_, i) => `10.0.${i >> 8}.${i & 255}:80`);
  const made = createMesh({
    registry: { orders: [...endpoints, ...others] },
    services: { orders: { balancer: { kind: "first" } } },
  });
  await made.ready();
  return made;
}

function heapBytes(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function pools(): number {
  // A count is what is answered where that is asked for; its types know lists alone.
  return queryObjects(EndpointWays as never, { format: "count" }) as unknown as number;
}

async function listen(listener: Server): Promise<string> {
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}
