/*
 * What a byte tunnel costs the process that holds it, in CPU: two sockets joined by `joinSockets`, against `pipe` both
 * ways, in one run.
 *
 *   node --conditions=@weft/source test/bench/proxy/tunnel.ts [--rounds=11] [--mib=128] [--messages=3000]
 *
 * Sender, receiver and endpoint are another process. In each round every way has its turn; the ratio is taken round by
 * round, so that a busy machine disturbs both sides alike. `down`: from the endpoint; `up`: to it; `echo`: messages of
 * 100 bytes and 8,000 there and back, one at a time.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { TimeoutQueues } from "@weft/core";
import { systemTime } from "@weft/discovery";
import { dial, joinSockets, PooledReads } from "@weft/http";
import { median, table } from "../report.ts";

const MIB = 2 ** 20;
const HOST = "127.0.0.1";
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "11" },
    mib: { type: "string", default: "128" },
    messages: { type: "string", default: "3000" },
    peer: { type: "boolean", default: false },
  },
});

interface Load {
  readonly name: string;
  readonly kind: "down" | "up" | "echo";
  /** Bytes in all, or of each message. */
  readonly bytes: number;
  readonly messages: number;
}

if (values.peer) await playPeer();
else await compare(Number(values.rounds), Number(values.mib) * MIB, Number(values.messages));

async function compare(rounds: number, bytes: number, messages: number): Promise<void> {
  const loads: readonly Load[] = [
    { name: "down", kind: "down", bytes, messages: 0 },
    { name: "up", kind: "up", bytes, messages: 0 },
    { name: "echo 100 B", kind: "echo", bytes: 100, messages },
    { name: "echo 8,000 B", kind: "echo", bytes: 8_000, messages },
  ];
  const peer = fork(import.meta.filename, ["--peer"]);
  const endpoint = await answer(peer);
  const ways = { pipe: await listen(piped(endpoint)), joined: await listen(joined(endpoint)) };
  const rows: string[][] = [];
  for (const load of loads) {
    const cpu: Record<keyof typeof ways, number[]> = { pipe: [], joined: [] };
    const took: Record<keyof typeof ways, number[]> = { pipe: [], joined: [] };
    for (let round = 0; round < rounds; round++) {
      for (const way of ["pipe", "joined"] as const) {
        const before = process.cpuUsage();
        peer.send({ ...load, port: ways[way] });
        took[way].push(await answer(peer));
        const { user, system } = process.cpuUsage(before);
        cpu[way].push(user + system);
      }
    }
    const shown = (way: keyof typeof ways): string =>
      load.kind === "echo"
        ? `${(median(cpu[way]) / load.messages).toFixed(1)} us each`
        : `${(((median(cpu[way]) / 1_000) * (1_024 * MIB)) / load.bytes).toFixed(0)} ms a GiB, ${((load.bytes / MIB / median(took[way])) * 1_000).toFixed(0)} MiB/s`;
    const ratio = median(cpu.joined.map((joinedUs, i) => joinedUs / cpu.pipe[i]!));
    rows.push([load.name, shown("pipe"), shown("joined"), ratio.toFixed(2)]);
  }
  console.log(table(["", "pipe", "joined", "CPU, joined / pipe"], rows));
  peer.kill();
  process.exit();
}

function piped(port: number): (a: Socket) => void {
  return (a) => {
    const b = connect({ host: HOST, port, noDelay: true, allowHalfOpen: true });
    a.pipe(b).pipe(a);
    a.on("error", () => b.destroy());
    b.on("error", () => a.destroy());
  };
}

function joined(port: number): (a: Socket) => void {
  const clock = systemTime;
  const timeouts = new TimeoutQueues(systemTime);
  return (a) => {
    const readsOfB = new PooledReads();
    dial(
      { host: HOST, port },
      {
        connected: (b) => void joinSockets(a, b, { clock, timeouts, idleMs: 300_000, readsOfB, ended: () => {} }),
        failed: () => a.destroy(),
      },
      { clock, timeouts, connectMs: 1_000, onread: readsOfB, allowHalfOpen: true },
    );
  };
}

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, onConnection).listen(0, HOST);
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // it listens on TCP
}

async function answer(peer: ChildProcess): Promise<number> {
  const [said] = (await once(peer, "message", { signal: AbortSignal.timeout(60_000) })) as [number]; // all it says
  return said;
}

/** The other process: an endpoint that does what the first line says, and the caller. */
async function playPeer(): Promise<void> {
  process.on("disconnect", () => process.exit());
  const port = await listen((socket) => {
    socket.on("error", () => {});
    socket.once("data", (first: Buffer) => {
      const [kind, bytes] = first.toString("latin1").split(" ");
      socket.write("!"); // the tunnel stands
      if (kind === "down") send(socket, Number(bytes));
      else if (kind === "up") socket.resume().on("end", () => socket.end());
      else socket.on("data", (message) => socket.write(message)).on("end", () => socket.end());
    });
  });
  process.on("message", async (load: Load & { readonly port: number }) => {
    const socket = connect({ host: HOST, port: load.port, noDelay: true, allowHalfOpen: true });
    await once(socket, "connect");
    const startMs = performance.now();
    await turn(socket, load);
    process.send?.(performance.now() - startMs);
  });
  process.send?.(port);
}

async function turn(socket: Socket, { kind, bytes, messages }: Load): Promise<void> {
  socket.write(`${kind} ${bytes} `);
  await once(socket, "data");
  if (kind === "echo") {
    const message = Buffer.alloc(bytes, "m");
    for (let i = 0; i < messages; i++) {
      socket.write(message);
      for (let got = 0; got < bytes;) got += ((await once(socket, "data")) as [Buffer])[0].length;
    }
    socket.end();
    return;
  }
  if (kind === "up") send(socket, bytes);
  socket.on("data", () => {});
  await once(socket, "end");
  if (kind === "down") socket.end();
}

const PIECE = Buffer.alloc(256 * 1024, "p");

function send(socket: Socket, bytes: number): void {
  let left = bytes;
  const goOn = (): void => {
    while (left > 0) {
      const piece = left < PIECE.length ? PIECE.subarray(0, left) : PIECE;
      left -= piece.length;
      if (!socket.write(piece)) return;
    }
    socket.off("drain", goOn).end();
  };
  socket.on("drain", goOn);
  goOn();
}
