/*
 * Accepts any WebSocket handshake and then sends every byte back. Frames are not looked at: a proxy does not either.
 *
 *   node websocket-endpoint.ts PORT...
 */
import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3

for (const port of process.argv.slice(2)) {
  createServer({ noDelay: true }, accept).listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 });
}

function accept(socket: Socket): void {
  let head = "";
  let upgraded = false;
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    if (upgraded) return void socket.write(bytes);
    head += bytes.toString("latin1");
    if (!head.includes("\r\n\r\n")) return;
    upgraded = true;
    const key = /\r\nsec-websocket-key: *([^\r]+)/i.exec(head)?.[1] ?? "";
    const answer = createHash("sha1")
      .update(key.trim() + GUID)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${answer}\r\n\r\n`,
    );
  });
}
