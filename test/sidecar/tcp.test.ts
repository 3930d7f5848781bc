import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { fakeTime } from "@weft/testkit";
import { expect, test } from "vitest";
import { parseProxyHeader } from "../../packages/http/src/proxy-protocol/parse-proxy-header.ts";
import { closedPort, connectTo, knockAt, type Peer, peer, queue, serve, until } from "./tcp-peers.ts";
import { endpointAt, NOTHING, tcpRig } from "./tcp-rig.ts";

test("spreads connections over the endpoints, and goes around one that is gone", async () => {
  const endpoints = await Promise.all(["a", "b", "c"].map(greeter));
  const lab = await tcpRig({
    ports: endpoints.map(({ port }) => port),
    policy: { outliers: { consecutiveFailures: 2, baseEjection: "5m" } },
  });
  const greetings: string[] = [];
  for (let i = 0; i < 9; i++) greetings.push(await greeting(lab.port));
  expect(greetings.toSorted()).toEqual(["a", "a", "a", "b", "b", "b", "c", "c", "c"]);

  await endpoints[1]!.stop();
  const after: string[] = [];
  for (let i = 0; i < 12; i++) after.push(await greeting(lab.port));
  expect(new Set(after)).toEqual(new Set(["a", "c"]));
  const gone = endpointAt(endpoints[1]!.port).id;
  // Two connects failed and were repeated elsewhere; since then nobody asks there.
  expect(lab.journal.of("endpoint.ejected")).toMatchObject([
    { endpoint: gone, why: expect.stringContaining("connect failures") as string },
  ]);
  expect(lab.ofService.endpoint(gone).connectFailures).toBe(2);
  for (let i = 0; i < 21; i++) expect(await lab.entry()).toMatchObject({ end: "complete" });
  expect(lab.held()).toEqual(NOTHING);
});

test("writes down who was asked and how it went", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port] });
  const caller = peer(await connectTo(lab.port));
  const { localPort } = caller.socket;
  caller.socket.end("hello");
  expect(await caller.text()).toBe("hello");
  expect(await lab.entry()).toMatchObject({
    listener: "tcp:15432",
    protocol: "TCP",
    status: 0,
    flags: "",
    why: [],
    service: "postgres",
    endpoint: endpointAt(echo.port).id,
    attempts: 1,
    startedEpochMs: 1_700_000_000_000,
    bytesIn: 5,
    bytesOut: 5,
    peer: `127.0.0.1:${localPort}`,
    end: "complete",
  });
  expect(lab.counters).toMatchObject({ connections: 1, connectionsActive: 0, bytesReceived: 5, bytesSent: 5 });
  expect(lab.ofService.endpoint(endpointAt(echo.port).id)).toMatchObject({
    attempts: 1,
    attemptsActive: 0,
    connections: 1,
    connectionsActive: 0,
    bytesSent: 5,
    bytesReceived: 5,
  });
});

test("holds the lease, the connection and the call until the tunnel ends", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port] });
  const caller = peer(await connectTo(lab.port));
  caller.socket.write("hello");
  await caller.text(5);
  expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
  caller.socket.end();
  await lab.entry();
  expect(lab.held()).toEqual(NOTHING);
});

test("passes the caller's half-close on, and the answer that follows", async () => {
  const { port } = await serve((socket) => {
    const hash = createHash("sha256");
    socket.on("data", (bytes: Buffer) => hash.update(bytes));
    socket.on("end", () => socket.end(hash.digest("hex")));
  });
  const lab = await tcpRig({ ports: [port] });
  const caller = peer(await connectTo(lab.port));
  const sent = randomBytes(1024 * 1024);
  caller.socket.end(sent);
  expect(await caller.text()).toBe(createHash("sha256").update(sent).digest("hex"));
});

test("carries 64 MiB both ways, unchanged", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port] });
  const socket = await connectTo(lab.port);
  const sent = randomBytes(64 * 1024 * 1024);
  const hash = createHash("sha256");
  socket.on("data", (bytes: Buffer) => hash.update(bytes));
  socket.end(sent);
  await once(socket, "end");
  expect(hash.digest("hex")).toBe(createHash("sha256").update(sent).digest("hex"));
  expect(await lab.entry()).toMatchObject({ bytesIn: sent.length, bytesOut: sent.length, end: "complete" });
});

test("tries another endpoint when the first refuses", async () => {
  const refusing = await closedPort();
  const echo = await greeter("here");
  const lab = await tcpRig({ ports: [refusing, echo.port], policy: { balancer: { kind: "first" } } });
  expect(await greeting(lab.port)).toBe("here");
  const entry = await lab.entry();
  expect(entry).toMatchObject({ attempts: 2, endpoint: endpointAt(echo.port).id, flags: "", end: "complete" });
  expect(entry.why.join("\n")).toContain(`${refusing}`);
});

test("resets the caller when no endpoint takes the connection, and says why", async () => {
  const refusing = [await closedPort(), await closedPort(), await closedPort()];
  const lab = await tcpRig({ ports: refusing });
  expect(await knockAt(lab.port).over).toBe("reset");
  const entry = await lab.entry();
  expect(entry).toMatchObject({ attempts: 2, flags: "UF,URX", end: "mesh", bytesIn: 0, firstByteMs: -1 });
  expect(entry.why.at(-1)).toMatch(/attempt 2: endpoint 127\.0\.0\.1:\d+: no connection with .*ECONNREFUSED/);
  expect(lab.held()).toEqual(NOTHING);
});

test("resets the caller when there is no endpoint", async () => {
  const lab = await tcpRig({ ports: [] });
  expect(await knockAt(lab.port).over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ attempts: 0, flags: "UH", end: "mesh", endpoint: "" });
});

test("resets the caller when every endpoint was taken out", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port] });
  lab.runtime.cluster.eject(endpointAt(echo.port).id, 60_000);
  expect(await knockAt(lab.port).over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ attempts: 0, flags: "UH", end: "mesh" });
});

test("lets the first connections wait for the registry's first answer", async () => {
  const echo = await greeter("here");
  const lab = await tcpRig({ ports: undefined });
  const greeted = greeting(lab.port);
  await lab.asked();
  lab.registry.set("postgres", [endpointAt(echo.port)]);
  lab.registry.recover();
  expect(await greeted).toBe("here");
});

test("gives up waiting for the registry", async () => {
  const time = fakeTime();
  const lab = await tcpRig({ ports: undefined, time });
  const caller = peer(await connectTo(lab.port));
  await lab.asked();
  await time.advance(1_000);
  expect(await caller.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ attempts: 0, flags: "UH", end: "mesh" });
});

test("bounds the wait for a connection by the deadline, but not the tunnel", async () => {
  const time = fakeTime();
  const echo = await echoServer();
  const lab = await tcpRig({
    ports: undefined,
    time,
    policy: { timeout: { total: "500ms", attempt: "400ms", connect: "200ms" } },
  });
  const late = peer(await connectTo(lab.port));
  await lab.asked();
  await time.advance(500);
  expect(await late.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ flags: "DT", end: "mesh" });

  lab.registry.set("postgres", [endpointAt(echo.port)]);
  lab.registry.recover();
  const caller = peer(await connectTo(lab.port));
  caller.socket.write("hello");
  await caller.text(5);
  await time.advance(60_000);
  caller.socket.end(" again");
  expect(await caller.text()).toBe("hello again");
  expect(await lab.entry()).toMatchObject({ flags: "", end: "complete", durationMs: 60_000 });
});

test("refuses connections beyond limits.connections of the service, naming it", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port], policy: { limits: { connections: 1 } } });
  const first = peer(await connectTo(lab.port));
  first.socket.write("hello");
  await first.text(5);
  expect(await knockAt(lab.port).over).toBe("reset");
  const entry = await lab.entry();
  expect(entry).toMatchObject({ flags: "UO", end: "mesh", attempts: 1 });
  expect(entry.why.at(-1)).toContain("limits.connections");
  first.socket.end();
  await lab.entry();
  expect(lab.held()).toEqual(NOTHING);
});

test("resets connections beyond the listener's limit, and counts them", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port], listener: { connections: 1 } });
  const first = peer(await connectTo(lab.port));
  first.socket.write("hello");
  await first.text(5);
  expect(await knockAt(lab.port).over).toBe("reset");
  expect(lab.counters).toMatchObject({ connections: 1, connectionsRefused: 1 });
});

test("passes resets on, and says whose it was", async () => {
  const endpoints = queue<Peer>();
  const { port } = await serve((socket) => endpoints.put(peer(socket)));
  const lab = await tcpRig({ ports: [port] });

  const left = await connectTo(lab.port);
  left.write("hello");
  const seen = await endpoints.next();
  await seen.text(5);
  left.resetAndDestroy();
  expect(await seen.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ flags: "DC", end: "caller", bytesIn: 5 });

  const caller = peer(await connectTo(lab.port));
  const broken = await endpoints.next();
  broken.socket.write("hello");
  await caller.text(5);
  broken.socket.resetAndDestroy();
  expect(await caller.over).toBe("reset");
  const entry = await lab.entry();
  expect(entry).toMatchObject({ flags: "UC", end: "endpoint" });
  expect(entry.why.at(-1)).toContain("broke");
});

test("holds an endpoint to account that takes connections and resets them", async () => {
  const broken = await serve((socket) => socket.resetAndDestroy());
  const echo = await greeter("here");
  const lab = await tcpRig({
    ports: [broken.port, echo.port],
    policy: { outliers: { consecutiveFailures: 2, baseEjection: "5m" } },
  });
  for (let i = 0; i < 4; i++) {
    const caller = peer(await connectTo(lab.port));
    await caller.over;
    caller.socket.end();
    await lab.entry();
  }
  expect(lab.journal.of("endpoint.ejected")).toMatchObject([{ endpoint: endpointAt(broken.port).id }]);
});

test("cuts a tunnel that nobody uses", async () => {
  const time = fakeTime();
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port], time, listener: { idleMs: 8_000 } });
  const caller = peer(await connectTo(lab.port));
  caller.socket.write("hello");
  await caller.text(5);
  await time.advance(9_000);
  expect(await caller.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ flags: "SI", end: "mesh", bytesIn: 5 });
  expect(lab.counters.idleTimeouts).toBe(1);
});

test("hangs up on an endpoint that the caller did not wait for", async () => {
  const lab = await tcpRig({ ports: undefined });
  const caller = await connectTo(lab.port);
  await lab.asked();
  caller.resetAndDestroy();
  expect(await lab.entry()).toMatchObject({ flags: "DC", end: "caller", attempts: 0 });
  expect(lab.held()).toEqual(NOTHING);
});

test("reads a PROXY header and the bytes behind it, in pieces", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port], listener: { proxyProtocol: { accept: true, send: "off" } } });
  const caller = peer(await connectTo(lab.port));
  caller.socket.write("PROXY TCP4 10.1.2.3 10.0.0.1 ");
  caller.socket.end("5555 80\r\nhello");
  expect(await caller.text()).toBe("hello");
  expect(await lab.entry()).toMatchObject({ peer: "10.1.2.3:5555", bytesIn: 5, end: "complete" });
});

test.each(["v1", "v2"] as const)("sends a PROXY header %s before the caller's bytes", async (send) => {
  const got = Promise.withResolvers<Socket>();
  const { port } = await serve(got.resolve);
  const lab = await tcpRig({ ports: [port], listener: { proxyProtocol: { accept: false, send } } });
  const caller = await connectTo(lab.port);
  const { localPort } = caller;
  caller.end("hello");
  const endpoint = peer(await got.promise);
  const bytes = Buffer.from(await endpoint.text(), "latin1");
  const header = parseProxyHeader(bytes);
  expect(header).toMatchObject({
    kind: "header",
    source: { host: "127.0.0.1", port: localPort },
    destination: { host: "127.0.0.1", port: lab.port },
  });
  expect(bytes.subarray(header.kind === "header" ? header.end : 0).toString()).toBe("hello");
  endpoint.socket.end();
  expect(await lab.entry()).toMatchObject({ bytesIn: 5 });
});

test("passes on for whom the proxy before it spoke", async () => {
  const got = Promise.withResolvers<Socket>();
  const { port } = await serve(got.resolve);
  const lab = await tcpRig({ ports: [port], listener: { proxyProtocol: { accept: true, send: "v2" } } });
  const caller = await connectTo(lab.port);
  caller.end("PROXY TCP6 2001:db8::7 2001:db8::1 5555 443\r\n");
  const endpoint = peer(await got.promise);
  expect(parseProxyHeader(Buffer.from(await endpoint.text(), "latin1"))).toMatchObject({
    version: 2,
    source: { host: "2001:db8::7", port: 5_555 },
    destination: { host: "2001:db8::1", port: 443 },
  });
});

test.each([
  { sent: "GET / HTTP/1.1\r\n", says: "does not begin with a PROXY header" },
  { sent: "PROXY TCP4 nonsense\r\n", says: "version 1" },
])("resets who sends $sent where a PROXY header must be", async ({ sent, says }) => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port], listener: { proxyProtocol: { accept: true, send: "off" } } });
  const caller = peer(await connectTo(lab.port));
  caller.socket.write(sent);
  expect(await caller.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ flags: "DPE", why: [expect.stringContaining(says)], attempts: 0 });
  expect(lab.counters).toMatchObject({ protocolErrors: 1, connectionsActive: 0 });
});

test("resets who says nothing, or ends, where a PROXY header must be", async () => {
  const time = fakeTime();
  const lab = await tcpRig({ ports: [], time, listener: { proxyProtocol: { accept: true, send: "off" } } });
  const silent = peer(await connectTo(lab.port));
  await until(() => lab.counters.connections === 1);
  await time.advance(5_000);
  expect(await silent.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ flags: "SI", why: ["no PROXY header within 5000 ms"] });

  const ended = peer(await connectTo(lab.port));
  ended.socket.end("PROXY TC");
  expect(await ended.over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ flags: "DPE", end: "caller" });
});

test("drains: takes nothing new, lets tunnels end, and resets those that do not", async () => {
  const time = fakeTime();
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port], time });
  const callers = await Promise.all([connectTo(lab.port), connectTo(lab.port)]).then((sockets) => sockets.map(peer));
  for (const { socket } of callers) socket.write("hello");
  await Promise.all(callers.map((caller) => caller.text(5)));
  const [quick, slow] = callers as [(typeof callers)[0], (typeof callers)[0]]; // two were made

  const draining = lab.listener.finish(1_000);
  await expect(connectTo(lab.port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  quick.socket.end(" and goodbye");
  expect(await quick.text()).toBe("hello and goodbye");
  expect(await lab.entry()).toMatchObject({ end: "complete", flags: "" });
  expect(slow.socket.destroyed).toBe(false);
  await time.advance(1_000);
  expect(await slow.over).toBe("reset");
  expect(await draining).toEqual({ finished: 1, cut: 1 });
  const entry = await lab.entry();
  expect(entry).toMatchObject({ end: "mesh", flags: "LR" });
  expect(entry.why.at(-1)).toContain("time to drain is over");
  expect(lab.held()).toEqual(NOTHING);
});

test("cuts its tunnels when the service closes", async () => {
  const echo = await echoServer();
  const lab = await tcpRig({ ports: [echo.port] });
  const caller = peer(await connectTo(lab.port));
  caller.socket.write("hello");
  await caller.text(5);
  await lab.runtime.close(0, "the service was removed");
  expect(await caller.over).toBe("reset");
  const entry = await lab.entry();
  expect(entry).toMatchObject({ end: "mesh", flags: "LR" });
  expect(entry.why.at(-1)).toContain("the service was removed");
  expect(await knockAt(lab.port).over).toBe("reset");
  expect(await lab.entry()).toMatchObject({ end: "mesh", flags: "LR", attempts: 0 });
});

async function echoServer(): ReturnType<typeof serve> {
  return serve((socket) => void socket.pipe(socket));
}

/** Says its name and ends. */
async function greeter(name: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const { port, server } = await serve((socket) => void socket.end(name));
  return { port, stop: () => new Promise((resolve) => void server.close(() => resolve())) };
}

async function greeting(port: number): Promise<string> {
  const caller = peer(await connectTo(port));
  const text = await caller.text();
  caller.socket.end();
  await once(caller.socket, "close");
  return text;
}
