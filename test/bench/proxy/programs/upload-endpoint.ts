/*
 * Takes requests with a Content-Length, counts the body without keeping it, and answers 200 behind its last byte.
 *
 *   node upload-endpoint.ts PORT...
 */
import { createServer, type Socket } from "node:net";

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\naccepted\n";

for (const port of process.argv.slice(2)) {
  createServer({ noDelay: true }, accept).listen({ port: Number(port), host: "127.0.0.1" });
}

function accept(socket: Socket): void {
  let head = "";
  let left = -1; // of the body; -1: in the head
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    if (left < 0) {
      head += bytes.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [, length = "0"] = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, end + 2)) ?? [];
      left = Number(length) - (head.length - end - 4);
      head = "";
    } else left -= bytes.length;
    if (left > 0) return;
    left = -1;
    socket.write(ANSWER);
  });
}
