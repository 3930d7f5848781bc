/*
 * Opens WebSocket connections and sends a message on each as soon as the one before has come back.
 *
 *   node websocket-client.ts PORT CONNECTIONS SECONDS
 *
 * A message is one binary frame of 128 bytes. Prints one JSON object: `messages` that came back, `seconds`.
 */
import { connect } from "node:net";

const [port, connections, seconds] = process.argv.slice(2).map(Number);
const handshake = [
  "GET /echo HTTP/1.1",
  `Host: 127.0.0.1:${port}`,
  "Upgrade: websocket",
  "Connection: Upgrade",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  "Sec-WebSocket-Version: 13",
  "\r\n",
].join("\r\n");
// FIN and opcode 2; masked, length in the next two bytes; then the mask, all zero, which leaves the payload as it is.
const frame = Buffer.concat([Buffer.from([0x82, 0x80 | 126, 0, 128, 0, 0, 0, 0]), Buffer.alloc(128, "x")]);

let messages = 0;
const sockets = await Promise.all(Array.from({ length: connections ?? 0 }, upgrade));
const beganAt = performance.now();
for (const socket of sockets) socket.write(frame);
setTimeout(
  () => {
    console.log(JSON.stringify({ messages, seconds: (performance.now() - beganAt) / 1_000 }));
    for (const socket of sockets) socket.destroy();
  },
  (seconds ?? 1) * 1_000,
);

async function upgrade() {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let head = "";
  let upgraded = false;
  let left = frame.length;
  const socket = connect({
    port: port ?? 0,
    host: "127.0.0.1",
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(64 * 1024),
      callback(length, buffer) {
        if (upgraded) count(length);
        else {
          // The buffer is the one given above.
          head += (buffer as Buffer).toString("latin1", 0, length);
          if (!head.endsWith("\r\n\r\n")) return true;
          if (!head.startsWith("HTTP/1.1 101")) reject(new Error(`not upgraded: ${head}`));
          upgraded = true;
          resolve();
        }
        return true;
      },
    },
  });
  socket.once("error", reject);
  socket.write(handshake);
  await promise;
  return socket;

  function count(length: number): void {
    left -= length;
    if (left > 0) return;
    messages++;
    left = frame.length;
    socket.write(frame);
  }
}
