/*
 * Opens connections, sends one GET on each, and holds them.
 *
 *   node holding-client.ts idle PORT PATH COUNT      reads the answer, then says nothing more
 *   node holding-client.ts stalled PORT PATH COUNT   never reads a byte of it
 *
 * For each line of its input it prints how many it `holds` and how many were `lost`, once all are open. Ends with its
 * input.
 */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { AnswerReader } from "./read-answer.ts";

const AT_ONCE = 64;

const [kind, port, path, count] = process.argv.slice(2);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
let held = 0;
let lost = 0;

const opened = openAll(Number(count));
for await (const _ of createInterface(process.stdin)) {
  await opened;
  console.log(JSON.stringify({ held, lost }));
}
process.exit();

async function openAll(total: number): Promise<void> {
  let begun = 0;
  async function openNext(): Promise<void> {
    while (begun < total) {
      begun++;
      await openOne();
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, openNext));
}

/** Resolves when the connection is held, or lost. */
function openOne(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {}); // "close" follows
    let counted = false;
    socket.once("close", () => {
      lost++;
      if (counted) held--;
      resolve();
    });
    socket.write(request);
    const hold = (): void => {
      held++;
      counted = true;
      resolve();
    };
    if (kind === "stalled") {
      socket.pause(); // before it is connected: nothing is ever read
      socket.once("connect", hold);
    } else readOne(socket, hold);
  });
}

function readOne(socket: Socket, done: () => void): void {
  const reader = new AnswerReader();
  socket.on("data", (bytes: Buffer) => {
    if (reader.read(bytes)) done();
  });
}
