// One endpoint of the orders service, as a process of its own: answers over HTTP, registers itself in Consul, and
// changes its manners when told to. Arguments: its name, and Consul's address.
import { createServer } from "node:http";
import { answerMs, type Manner, runEndpoint } from "./endpoint.ts";

const [name = "orders-1", consulUrl = "http://127.0.0.1:8500"] = process.argv.slice(2);
let manner: Manner = "well";

const server = createServer((request, response) => {
  if (manner === "failing") {
    response.writeHead(503, { "content-type": "text/plain" }).end(`${name} is out of order\n`);
    return;
  }
  setTimeout(() => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(`${JSON.stringify({ from: name, path: request.url })}\n`);
  }, answerMs(manner));
});

server.listen(0, "127.0.0.1", async () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP port to listen on");
  const { port } = address;
  // The first answers of a fresh process are slow. It takes them itself, before anybody else can get one.
  for (let i = 0; i < 20; i++) await (await fetch(`http://127.0.0.1:${port}/warm-up`)).text();
  await runEndpoint({
    consulUrl,
    service: "orders",
    name,
    port,
    become: (told) => (manner = told),
    close() {
      server.close();
      server.closeIdleConnections();
    },
  });
});
