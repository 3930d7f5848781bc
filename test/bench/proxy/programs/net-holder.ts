/*
 * What node:net itself takes for a connection: answers whatever comes with 1 KiB and holds the connection.
 *
 *   node net-holder.ts LISTEN
 */
import { createServer } from "node:net";

const answer = `HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n${"x".repeat(1024)}`;

createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", () => socket.write(answer));
}).listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
