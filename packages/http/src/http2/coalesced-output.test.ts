import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { writeTogether } from "../wire/write-together.ts";
import { coalescedWaits, coalescing, coalesceTurns } from "./coalescing.ts";
import { FLAG, FRAME } from "./frame.ts";
import { Output } from "./output.ts";

/** Connected, as long as the test lasts. */
async function threeSockets(): Promise<readonly Socket[]> {
  const server = createServer((socket) => socket.on("error", () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const sockets = [0, 1, 2].map(() => connect(typeof address === "object" ? address!.port : 0, "127.0.0.1"));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("a thread waits behind turns of few messages, when all that they send has left", async () => {
  const [one, two, plain] = await threeSockets();
  let ms = 0;
  const left: number[][] = [];
  const outputs = [new Output(one!), new Output(two!)];
  const turn = async (): Promise<void> => {
    coalescing?.began(ms);
    outputs[0]!.frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from("a"), 0, 1);
    outputs[1]!.frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from("b"), 0, 1);
    outputs[1]!.frame(FRAME.data, FLAG.endStream, 1, Buffer.from("body"), 0, 4);
    writeTogether(plain!, "HTTP/1.1 200 OK\r\n\r\n", true);
    ms += 0.05;
    await nextTurn();
  };
  await turn();
  expect(coalescedWaits()).toBe(0); // nobody has asked for it

  coalesceTurns({ nowMs: () => ms }, () => {
    ms += 0.07;
    left.push([...outputs.map(({ unsent }) => unsent), plain!.writableLength]);
  });
  for (let turns = 0; turns < 2_000 && left.length < 3; turns++) await turn(); // until the first trial
  expect(left).toHaveLength(3);
  expect(left).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect(coalescedWaits()).toBe(3);
});

test("heads are counted until they leave", async () => {
  const [socket] = await threeSockets();
  const output = new Output(socket!);
  output.frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from("a"), 0, 1);
  output.frame(FRAME.data, FLAG.endStream, 1, Buffer.from("body"), 0, 4);
  output.frame(FRAME.headers, FLAG.endHeaders, 3, Buffer.from("a"), 0, 1);
  expect(output.heads).toBe(2);
  output.flush();
  expect(output.heads).toBe(0);
});
