import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { SHARED } from "../wire/read-buffers.ts";
import { acceptInPlace, readInPlace } from "./accepted-socket.ts";

const FULL = SHARED.length;

test("reads where all others do, and keeps what is not taken there", async () => {
  const { caller, socket } = await accepted();
  const taken: string[] = [];
  readInPlace(socket, {
    takeInPlace: (bytes, to) => {
      if (bytes !== SHARED || bytes[0] !== 0x74) return false;
      taken.push(bytes.toString("latin1", 0, to));
      return true;
    },
  });
  const kept = data(socket);
  caller.write("take this");
  await until(() => taken.length === 1);
  caller.write("keep this");
  await until(() => kept.length === 1);
  caller.write("take that");
  await until(() => taken.length === 2);
  expect(taken).toEqual(["take this", "take that"]);
  expect(kept.map(String)).toEqual(["keep this"]); // though the same memory was read into since
  expect(kept[0]!.buffer).not.toBe(SHARED.buffer);
});

test("takes nothing in place that came behind what is held", async () => {
  const { caller, socket } = await accepted();
  socket.pause();
  caller.write("first, ");
  await until(() => socket.readableLength === 7);
  const taken: number[] = [];
  readInPlace(socket, { takeInPlace: (_bytes, to) => taken.push(to) > 0 });
  caller.write("second");
  await until(() => socket.bytesRead === 13);
  const kept = data(socket);
  socket.resume();
  await until(() => kept.length === 2);
  expect([Buffer.concat(kept).toString(), taken]).toEqual(["first, second", []]);
});

test("what nobody takes in place is read into memory that may be kept and freed, whatever a read brings", async () => {
  const { caller, socket } = await accepted();
  const memories = new Set<ArrayBuffer>();
  readInPlace(socket, {
    takeInPlace({ buffer }) {
      memories.add(buffer as ArrayBuffer); // of a Buffer of Node's
      return false;
    },
  });
  const kept = data(socket);
  const sent = Buffer.alloc(40 * FULL + 17, "0123456789abcdef!");
  caller.end(sent);
  await once(socket, "end");
  expect(Buffer.concat(kept).equals(sent)).toBe(true);
  for (const bytes of kept) expect([bytes.buffer.byteLength, bytes === SHARED]).toEqual([bytes.length, false]);
  expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(kept.length);
  // What was copied out of memory for one read is freed, and not left to the collector.
  for (const { buffer } of [SHARED, ...kept]) memories.delete(buffer as ArrayBuffer);
  expect([...memories].filter(({ detached }) => !detached)).toEqual([]);
});

test("holds what comes while it is paused up to its mark, and no more", async () => {
  const { caller, socket } = await accepted();
  socket.pause();
  caller.write(Buffer.alloc(64 * FULL));
  await until(() => socket.readableLength >= socket.readableHighWaterMark);
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate); // in each it could read once more
  expect(socket.readableLength).toBeLessThan(socket.readableHighWaterMark + 2 * FULL);
  const kept = data(socket);
  socket.resume();
  await until(() => kept.reduce((sum, { length }) => sum + length, 0) === 64 * FULL);
});

test("sees the end of its caller while it is paused", async () => {
  const { caller, socket } = await accepted();
  socket.pause();
  caller.end();
  await once(socket, "end");
  expect(socket.writable).toBe(true); // the other half is ours to end
  socket.end("bye");
  expect(String((await once(caller, "data"))[0])).toBe("bye");
});

test.each([
  ["has no such handle", { _handle: {} }],
  ["does not listen", { _handle: null }],
  ["is another Node's", {}],
])("leaves a server alone that %s", (_why, server) => {
  const listeners: (() => void)[] = [];
  acceptInPlace({ ...server, on: (_event: string, listener: () => void) => listeners.push(listener) } as never);
  for (const listener of listeners) listener();
  const { _handle: handle } = server as { _handle?: object | null };
  expect(handle ?? {}).toEqual({});
});

test("hands an accept that failed to Node", async () => {
  const { server } = await accepted();
  const failed = once(server, "error");
  const { _handle: handle } = server as unknown as {
    _handle: { onconnection(error: number, socket: undefined): void };
  };
  handle.onconnection(-24, undefined); // EMFILE
  expect((await failed)[0]).toMatchObject({ code: "EMFILE", syscall: "accept" });
});

async function accepted(): Promise<{ caller: Socket; socket: Socket; server: Server }> {
  const server = acceptInPlace(createServer({ allowHalfOpen: true })).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const caller = connect({ port, host: "127.0.0.1", allowHalfOpen: true }).on("error", () => {});
  const [socket] = (await once(server, "connection")) as [Socket];
  onTestFinished(() => {
    caller.destroy();
    socket.destroy();
    server.close();
  });
  return { caller, socket: socket.on("error", () => {}), server };
}

function data(socket: Socket): Buffer[] {
  const kept: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => void kept.push(bytes));
  return kept;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}
