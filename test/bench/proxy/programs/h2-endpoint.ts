/*
 * An HTTP/2 endpoint that costs little: it cuts frames and decodes no header block.
 *
 *   node h2-endpoint.ts KIND PORT...
 *
 * KIND is one of `h2/endpoint-connection.ts`. For each line of its input it prints how many `requests` have come,
 * `answered` of them, how many streams were `cut` by the other side and how many `refused`: a body that is not one gRPC
 * message. Ends with its input.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { EndpointConnection, kindOf } from "./h2/endpoint-connection.ts";

const [name, ...ports] = process.argv.slice(2);
const kind = kindOf(name);
const counted = { requests: 0, answered: 0, cut: 0, refused: 0 };

for (const port of ports) {
  const server = createServer({ noDelay: true }, accept);
  server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
  await once(server, "listening");
}
for await (const _ of createInterface(process.stdin)) console.log(JSON.stringify(counted));
process.exit();

function accept(socket: Socket): void {
  const connection = new EndpointConnection(socket, kind, counted);
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => connection.read(bytes));
}
