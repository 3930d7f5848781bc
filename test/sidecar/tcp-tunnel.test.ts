import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { createServer as createSecureServer, createSecureContext } from "node:tls";
import { TimeoutQueues } from "@weft/core";
import { fakeTime, type FakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { dial } from "../../packages/http/src/dial/dial.ts";
import { joinSockets, type Tunnel, type TunnelEnd } from "../../packages/http/src/tunnel/join-sockets.ts";
import { PooledReads } from "../../packages/http/src/tunnel/pooled-reads.ts";
import { connectTo, peer, serve } from "./tcp-peers.ts";

const IDLE_MS = 8_000;

test("passes bytes both ways, and each half-close by itself", async () => {
  const lab = await tunnel();
  const caller = peer(lab.caller);
  const endpoint = peer(lab.endpoint);
  lab.caller.end("question");
  expect(await endpoint.text()).toBe("question");
  lab.endpoint.write("first half, ");
  expect(await caller.text(12)).toBe("first half, ");
  lab.endpoint.end("second half");
  expect(await caller.text()).toBe("first half, second half");
  expect(await lab.ended).toEqual({ by: "a", why: "ended", error: undefined, bytesAToB: 8, bytesBToA: 23 });
  expect(lab.waiting()).toBe(0);
});

test("passes the endpoint's half-close on while the caller goes on sending", async () => {
  const lab = await tunnel();
  const caller = peer(lab.caller);
  const endpoint = peer(lab.endpoint);
  lab.endpoint.end("go away");
  expect(await caller.text()).toBe("go away");
  lab.caller.write("not ");
  expect(await endpoint.text(4)).toBe("not ");
  lab.caller.end("yet");
  expect(await endpoint.text()).toBe("not yet");
  expect(await lab.ended).toMatchObject({ by: "b", why: "ended" });
});

test("passes a reset of the caller on as a reset", async () => {
  const lab = await tunnel();
  const endpoint = peer(lab.endpoint);
  lab.caller.write("hello");
  await endpoint.text(5);
  lab.caller.resetAndDestroy();
  expect(await endpoint.over).toBe("reset");
  expect(await lab.ended).toMatchObject({ by: "a", why: "reset", error: { code: "ECONNRESET" }, bytesAToB: 5 });
  expect(lab.waiting()).toBe(0);
});

test("passes a reset of the endpoint on as a reset", async () => {
  const lab = await tunnel();
  const caller = peer(lab.caller);
  lab.endpoint.write("hello");
  await caller.text(5);
  lab.endpoint.resetAndDestroy();
  expect(await caller.over).toBe("reset");
  expect(await lab.ended).toMatchObject({ by: "b", why: "reset", bytesBToA: 5 });
});

test("cuts both sides when closed, once", async () => {
  const lab = await tunnel();
  const caller = peer(lab.caller);
  const endpoint = peer(lab.endpoint);
  lab.tunnel.close();
  lab.tunnel.close();
  expect(await Promise.all([caller.over, endpoint.over])).toEqual(["reset", "reset"]);
  expect(await lab.ended).toMatchObject({ by: "mesh", why: "closed" });
  lab.tunnel.close();
});

test("cuts a tunnel that is idle, and not before", async () => {
  const lab = await tunnel();
  const caller = peer(lab.caller);
  const endpoint = peer(lab.endpoint);
  await lab.time.advance(IDLE_MS - 1_000);
  lab.endpoint.write("still here");
  await caller.text(10);
  await lab.time.advance(IDLE_MS - 1);
  expect(lab.b.destroyed).toBe(false);
  await lab.time.advance(IDLE_MS / 8 + 1);
  expect(await Promise.all([caller.over, endpoint.over])).toEqual(["reset", "reset"]);
  expect(await lab.ended).toMatchObject({ by: "mesh", why: "idle", bytesBToA: 10 });
  await lab.time.advance(IDLE_MS);
  expect(lab.time.pending()).toBe(0);
});

test("sends early bytes of both sides before any others", async () => {
  const lab = await tunnel({ earlyFromA: "early question, ", earlyFromB: "early answer, " });
  const caller = peer(lab.caller);
  const endpoint = peer(lab.endpoint);
  lab.caller.end("question");
  lab.endpoint.end("answer");
  expect(await endpoint.text()).toBe("early question, question");
  expect(await caller.text()).toBe("early answer, answer");
  expect(await lab.ended).toMatchObject({ bytesAToB: 24, bytesBToA: 20 });
});

test("loses nothing of what came before the sockets were joined", async () => {
  const lab = await tunnel({ joinLater: true });
  lab.caller.end("sent before");
  lab.endpoint.end("answered before");
  await Promise.all([once(lab.caller, "finish"), once(lab.endpoint, "finish")]);
  const endpoint = peer(lab.endpoint);
  const caller = peer(lab.caller);
  lab.join();
  expect(await endpoint.text()).toBe("sent before");
  expect(await caller.text()).toBe("answered before");
  expect(await lab.ended).toMatchObject({ why: "ended" });
});

test("ends the other side when one had broken before the sockets were joined", async () => {
  const lab = await tunnel({ joinLater: true });
  const endpoint = peer(lab.endpoint);
  lab.a.destroy();
  lab.join();
  expect(await endpoint.over).toBe("reset");
  expect(await lab.ended).toMatchObject({ by: "a", why: "reset" });
});

test.each(["caller", "endpoint"] as const)("holds 64 KiB and a read ahead when the %s stalls", async (slow) => {
  const lab = await tunnel();
  const reader = slow === "caller" ? lab.caller : lab.endpoint;
  const writer = slow === "caller" ? lab.endpoint : lab.caller;
  const [from, to] = slow === "caller" ? [lab.b, lab.a] : [lab.a, lab.b];
  reader.pause();
  const sent = randomBytes(32 * 1024 * 1024);
  writer.end(sent);
  // Full are the kernel's buffers, the tunnel, and the kernel's buffers before it, when writing it all takes more.
  await stalls(() => from.bytesRead);
  expect(from.bytesRead).toBeLessThan(sent.length);
  // Read by `onread`: one buffer. By `data` events: also what Node reads ahead before it stops.
  const most = slow === "caller" ? 64 * 1024 : 3 * 64 * 1024;
  expect(to.writableLength + from.readableLength).toBeGreaterThan(0);
  expect(to.writableLength + from.readableLength).toBeLessThanOrEqual(most);
  const hash = createHash("sha256");
  reader.on("data", (bytes: Buffer) => hash.update(bytes));
  reader.resume();
  await once(reader, "end");
  expect(hash.digest("hex")).toBe(hashOf(sent));
  reader.end();
  expect(await lab.ended).toMatchObject({ why: "ended" });
});

test("carries 64 MiB both ways at once, unchanged", async () => {
  const lab = await tunnel();
  const up = randomBytes(64 * 1024 * 1024);
  const down = randomBytes(64 * 1024 * 1024);
  lab.caller.end(up);
  lab.endpoint.end(down);
  expect(await Promise.all([received(lab.endpoint), received(lab.caller)])).toEqual([hashOf(up), hashOf(down)]);
  expect(await lab.ended).toMatchObject({ why: "ended", bytesAToB: up.length, bytesBToA: down.length });
});

test("carries pieces of every size, with stalls, unchanged", async () => {
  const lab = await tunnel();
  const pieces = Array.from({ length: 400 }, (_, i) => randomBytes(1 + ((i * 7_919) % 70_000)));
  const all = Buffer.concat(pieces);
  const sending = [lab.caller, lab.endpoint].map(async (socket) => {
    for (const piece of pieces) if (!socket.write(piece)) await once(socket, "drain");
    socket.end();
  });
  const hashes = [lab.caller, lab.endpoint].map((socket) => received(socket, 50_000));
  await Promise.all(sending);
  expect(await Promise.all(hashes)).toEqual([hashOf(all), hashOf(all)]);
});

test("keeps the bytes of many tunnels apart, messages and streams, fast readers and slow", async () => {
  const labs = await Promise.all(Array.from({ length: 24 }, () => tunnel()));
  const runs = labs.flatMap(({ caller, endpoint }, i) =>
    [
      { from: caller, to: endpoint },
      { from: endpoint, to: caller },
    ].map(async ({ from, to }) => {
      // A stream, messages until it is none any more, a stream again.
      const sizes = [600_000, ...Array.from({ length: 40 }, () => 700 + i), 600_000];
      const pieces = sizes.map((size) => randomBytes(size));
      const hash = received(to, i % 3 === 0 ? 20_000 : undefined);
      for (const piece of pieces) {
        await new Promise((resolve) => void from.write(piece, resolve));
      }
      from.end();
      expect(await hash).toBe(hashOf(Buffer.concat(pieces)));
    }),
  );
  await Promise.all(runs);
  for (const lab of labs) expect(await lab.ended).toMatchObject({ why: "ended" });
});

test("cuts both sides when the reader of a stalled tunnel leaves", async () => {
  const lab = await tunnel();
  const endpoint = peer(lab.endpoint);
  lab.caller.pause();
  lab.endpoint.write(Buffer.alloc(16 * 1024 * 1024));
  await stalls(() => lab.b.bytesRead);
  lab.caller.resetAndDestroy();
  expect(await endpoint.over).toBe("reset");
  expect(await lab.ended).toMatchObject({ by: "a", why: "reset" });
});

test("carries bytes and ends between TCP and TLS", async () => {
  const lab = await tunnel({ secure: true });
  const up = randomBytes(3 * 1024 * 1024);
  const down = randomBytes(3 * 1024 * 1024);
  lab.caller.end(up);
  lab.endpoint.end(down);
  expect(await Promise.all([received(lab.endpoint), received(lab.caller)])).toEqual([hashOf(up), hashOf(down)]);
  expect(await lab.ended).toMatchObject({ why: "ended", bytesAToB: up.length, bytesBToA: down.length });
});

test("cuts the caller when the connection of an endpoint on TLS breaks", async () => {
  const lab = await tunnel({ secure: true });
  const caller = peer(lab.caller);
  lab.endpoint.on("error", () => {});
  lab.endpoint.write("hello");
  await caller.text(5);
  lab.wire().resetAndDestroy();
  expect(await caller.over).toBe("reset");
  expect(await lab.ended).toMatchObject({ by: "b", why: "reset", bytesBToA: 5 });
});

test("closes the connection of an endpoint on TLS when the caller breaks", async () => {
  const lab = await tunnel({ secure: true });
  const endpoint = peer(lab.endpoint);
  lab.caller.resetAndDestroy();
  await endpoint.over;
  expect(await lab.ended).toMatchObject({ by: "a", why: "reset" });
});

interface Lab {
  readonly caller: Socket;
  readonly endpoint: Socket;
  /** The endpoint's TCP connection, under its TLS. */
  readonly wire: () => Socket;
  /** The mesh's ends of the two connections. */
  readonly a: Socket;
  readonly b: Socket;
  readonly tunnel: Tunnel;
  readonly ended: Promise<TunnelEnd>;
  readonly time: FakeTime;
  readonly join: () => void;
  /** Tunnels that still wait to be looked at. */
  readonly waiting: () => number;
}

interface LabOptions {
  readonly earlyFromA?: string;
  readonly earlyFromB?: string;
  readonly joinLater?: boolean;
  readonly secure?: boolean;
}

/** A caller, a tunnel, an endpoint. */
async function tunnel({ earlyFromA, earlyFromB, joinLater = false, secure = false }: LabOptions = {}): Promise<Lab> {
  const time = fakeTime();
  const timeouts = new TimeoutQueues(time);
  const accepted = Promise.withResolvers<Socket>();
  const callers = await serve(accepted.resolve);
  const endpoints = Promise.withResolvers<Socket>();
  const server = await (secure ? serveSecurely : serve)(endpoints.resolve);
  const caller = await connectTo(callers.port);
  const a = await accepted.promise;
  const reads = new PooledReads();
  const b = await new Promise<Socket>((resolve, reject) => {
    dial(
      { host: "127.0.0.1", port: server.port, ...(secure ? { tls: { context, servername: "orders" } } : {}) },
      {
        connected: (socket) => resolve(socket.on("error", () => {})),
        failed: ({ problem }) => reject(new Error(problem)),
      },
      { clock: time, timeouts, connectMs: 1_000, onread: reads, allowHalfOpen: true },
    );
  });
  const ended = Promise.withResolvers<TunnelEnd>();
  let joined: Tunnel | undefined;
  const join = (): void => {
    joined = joinSockets(a, b, {
      clock: time,
      timeouts,
      idleMs: IDLE_MS,
      readsOfB: reads,
      ...(earlyFromA === undefined ? {} : { earlyFromA: Buffer.from(earlyFromA) }),
      ...(earlyFromB === undefined ? {} : { earlyFromB: Buffer.from(earlyFromB) }),
      ended: ended.resolve,
    });
  };
  if (!joinLater) join();
  return {
    caller,
    endpoint: await endpoints.promise,
    wire: server.wire,
    a,
    b,
    get tunnel() {
      return joined!; // asked for by tests that joined
    },
    ended: ended.promise,
    time,
    join,
    waiting: () => timeouts.of(IDLE_MS / 8).size,
  };
}

const pem = (name: string): string =>
  readFileSync(new URL(`../client/certificates/${name}.pem`, import.meta.url), "utf8");
const context = createSecureContext({ ca: pem("authority") });

async function serveSecurely(onConnection: (socket: Socket) => void): ReturnType<typeof serve> {
  const server: Server = createSecureServer({ key: pem("orders-key"), cert: pem("orders"), allowHalfOpen: true });
  server.on("secureConnection", onConnection).on("tlsClientError", () => {}); // one that breaks is the test
  return serve((socket) => void server.emit("connection", socket));
}

/**
 * Resolves when a number has stood still for 200 turns of the loop. Both peers run in this process and loopback hands
 * bytes on at once: whatever can still move does so in a few turns.
 */
async function stalls(of: () => number): Promise<void> {
  let last = -1;
  let same = 0;
  while (same < 200) {
    const now = of();
    same = now === last && now > 0 ? same + 1 : 0;
    last = now;
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

async function received(socket: Socket, slowEvery = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash("sha256");
  let since = 0;
  socket.on("data", (bytes: Buffer) => {
    hash.update(bytes);
    since += bytes.length;
    if (since < slowEvery) return;
    since = 0;
    socket.pause();
    setImmediate(() => socket.resume());
  });
  await once(socket, "end");
  return hash.digest("hex");
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
