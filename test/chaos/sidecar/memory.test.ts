import { once } from "node:events";
import { Agent, createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { fakeEndpoint, type FakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../../http/raw-caller.ts";
import { call } from "../../sidecar/rig.ts";
import { comesTrue, expectAtRest } from "./at-rest.ts";
import { descriptors } from "./descriptors.ts";
import { sidecarProcess } from "./sidecar-process.ts";

// What callers can make a sidecar hold. In a process of its own, so that its memory can be told from the test's.

const KIB = 1024;
const MIB = 1024 * KIB;
/** What a process grows by in its first calls, and by garbage that is not collected yet. */
const SLACK_BYTES = 64 * MIB;

const CONNECTS = 10_000;
/** Leaves room for what the two processes have open besides. */
const ALLOWED = Math.min(CONNECTS, descriptors() - 500);
const SCALED =
  ALLOWED === CONNECTS ? "" : ` (scaled from ${CONNECTS}: this machine allows ${descriptors()} descriptors)`;

const LONG = process.env["CHAOS"] === "long";
const READERS = LONG ? 1_000 : 100;
const BODY_BYTES = 10 * MIB;
const PIECE = Buffer.alloc(64 * KIB, "r");

test("a head that does not end is answered 431, and of 384 MiB that follow most is never in memory", async () => {
  const { port, sidecar } = await lab();
  const before = await sidecar.metric("process_resident_memory_bytes");
  const { socket, ...caller } = rawCaller(`127.0.0.1:${port}`);
  caller.send("GET / HTTP/1.1\r\nHost: orders\r\nX-Long: ");
  const piece = Buffer.alloc(MIB, "x");
  let left = 384;
  const closed = Promise.withResolvers<void>();
  const pour = (): void => {
    // What comes behind the refusal is read away for a time, so that the caller can read the refusal.
    while (left-- > 0 && socket.writable) if (!socket.write(piece)) return;
    socket.destroy();
  };
  socket.on("drain", pour).once("close", closed.resolve);
  pour();
  await caller.shows("HTTP/1.1 431 Request Header Fields Too Large\r\n");
  await closed.promise;
  // What is read away is garbage that the process collects when there is some 64 MiB of it, or half as much again.
  expect((await sidecar.metric("process_resident_memory_bytes")) - before).toBeLessThan(160 * MIB);
  await expectAtRest(sidecar);
});

test(`${ALLOWED} connects that say nothing${SCALED}: those over the limit are closed at once, and calls are answered`, async () => {
  const limit = ALLOWED - 1_000;
  const { port, sidecar, endpoint } = await lab({ connections: limit });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  expect((await call(port, "/", { agent })).status).toBe(200);
  const before = await sidecar.metric("process_resident_memory_bytes");
  const silent = await connects(port, ALLOWED);
  // The one that calls is among those that fill the limit.
  await comesTrue(
    () => sidecar.metric("envoy_listener_downstream_cx_overflow"),
    (count) => count >= ALLOWED - limit + 1,
  );
  expect(await sidecar.metric("envoy_listener_downstream_cx_active")).toBe(limit);
  expect((await call(port, "/", { agent })).status).toBe(200);
  await expect(call(port, "/")).rejects.toThrow(/ECONNRESET|hang up/);
  const grownBytes = (await sidecar.metric("process_resident_memory_bytes")) - before;
  expect(grownBytes / limit).toBeLessThan(16 * KIB);
  for (const socket of silent) socket.destroy();
  await comesTrue(
    () => sidecar.metric("envoy_listener_downstream_cx_active"),
    (count) => count === 1,
  );
  await expectAtRest(sidecar, () => endpoint.closeIdle());
});

test(`${READERS} readers that stall in 10 MiB: each holds about 64 KiB and stops its endpoint`, async () => {
  const sockets = new Set<Socket>();
  const app = createServer({ keepAliveTimeout: 0 }, (asked, answer) => {
    if (asked.url !== "/big") return void answer.end("ok");
    sockets.add(answer.socket!); // it has one while it is being answered
    answer.setHeader("content-length", BODY_BYTES);
    const pour = (left: number): void => {
      if (left === 0) answer.end();
      else answer.write(PIECE, () => pour(left - PIECE.length));
    };
    pour(BODY_BYTES);
  });
  const { port, sidecar } = await lab({ endpoint: await listening(app) });
  expect((await call(port, "/")).status).toBe(200);
  const before = await sidecar.metric("process_resident_memory_bytes");
  const readers = await connects(port, READERS);
  for (const reader of readers) {
    reader.pause(); // once its own buffer is full it takes nothing more
    reader.write("GET /big HTTP/1.1\r\nHost: orders\r\n\r\n");
  }
  // Of each answer some has left its endpoint, and then, for as long as it takes to ask 20 times, nothing moves.
  await comesTrue(
    () => sidecar.held(),
    ({ calls }) => calls === READERS,
  );
  let [moved, still] = [0, 0];
  await comesTrue(
    () => sidecar.metric("process_resident_memory_bytes"),
    () => {
      const sent = [...sockets].reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0);
      still = sent === moved && sent >= READERS * PIECE.length ? still + 1 : 0;
      moved = sent;
      return still === 20;
    },
  );
  const grownBytes = (await sidecar.metric("process_resident_memory_bytes")) - before;
  expect(grownBytes).toBeLessThan(READERS * 96 * KIB + SLACK_BYTES);
  if (LONG) expect(before + grownBytes).toBeLessThan(256 * MIB);
  expect((await call(port, "/")).status).toBe(200);
  for (const reader of readers) reader.destroy();
  await expectAtRest(sidecar, () => app.closeIdleConnections());
});

async function lab(options: { readonly connections?: number; readonly endpoint?: number } = {}) {
  const endpoint: FakeEndpoint = await fakeEndpoint({ behaviour: { body: "ok" } });
  onTestFinished(() => endpoint.close());
  const { connections = 16_384 } = options;
  const sidecar = await sidecarProcess({
    policy: {
      version: 1,
      services: {
        orders: {
          discover: { static: [`127.0.0.1:${options.endpoint ?? endpoint.port}`] },
          limits: { connections: 2_000, calls: 2_000, callsPerEndpoint: 2_000 },
        },
      },
      // However slow this machine is, no connection is closed for its silence while it is counted.
      sidecar: { outbound: { listen: "127.0.0.1:0", limits: { connections }, timeouts: { head: "1h", idle: "1h" } } },
    },
  });
  return { sidecar, port: sidecar.port, endpoint };
}

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Opens connections, not more at once than a listener's queue has room for. */
async function connects(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(250, count - sockets.length) }, () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => {}); // over the limit it is reset, which may overtake its connect
      return socket;
    });
    sockets.push(...batch);
    await Promise.all(batch.map(connectedOrClosed));
  }
  return sockets;
}

function connectedOrClosed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("connect", resolve).once("close", () => resolve()));
}
