/*
 * The floor of any proxy on node:net: joins each connection to one of its own to the first endpoint, byte for byte.
 *
 *   node echo-proxy.ts LISTEN ENDPOINT...
 */
import { connect, createServer, type Socket } from "node:net";

const [listen, endpoint = 0] = process.argv.slice(2).map(Number);

createServer({ noDelay: true }, (near) => {
  const far = connect({ port: endpoint, host: "127.0.0.1", noDelay: true });
  join(near, far);
  join(far, near);
}).listen({ port: listen, host: "127.0.0.1", backlog: 4096 });

function join(from: Socket, to: Socket): void {
  from.on("data", (bytes) => {
    if (!to.write(bytes)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", () => to.end());
  from.on("error", () => to.destroy());
  from.on("close", () => to.destroySoon());
}
