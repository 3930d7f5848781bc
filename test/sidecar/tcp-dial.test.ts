import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer, createSecureContext, TLSSocket } from "node:tls";
import { type Time, TimeoutQueues } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { dial, type DialOptions, type DialTarget } from "../../packages/http/src/dial/dial.ts";
import type { DialFailure } from "../../packages/http/src/dial/dial-failure.ts";
import { NO_SUCH_NAME } from "../real/no-such-name.ts";

// Made by test/client/certificates/make.sh.
const pem = (name: string): string =>
  readFileSync(new URL(`../client/certificates/${name}.pem`, import.meta.url), "utf8");
const context = createSecureContext({ ca: pem("authority") });

test("hands over a connected socket without listeners", async () => {
  const server = await listening(createServer());
  const { socket, listened } = await connected({ host: "127.0.0.1", port: portOf(server) });
  expect(listened).toEqual(["end"]); // Node's own
  expect(socket.remotePort).toBe(portOf(server));
});

test.each(["127.0.0.1", "localhost"])("reads into memory of the caller's when dialling %s", async (host) => {
  const server = await listening(createServer((socket) => socket.end("hello")));
  const { seen } = await connected({ host, port: portOf(server) }, { reading: true });
  expect(await seen).toBe("hello");
});

test("reads into memory of the caller's over TLS, with SNI, ALPN and the name in the certificate checked", async () => {
  const server = await secureServer("orders", { ALPNProtocols: ["http/1.1"] });
  const names = once(server, "secureConnection").then(([socket]) => {
    const secure = socket as TLSSocket; // what the event carries
    secure.end("hello");
    return secure.servername;
  });
  const tls = { servername: "orders", context, alpn: ["h2", "http/1.1"] };
  const { socket, seen } = await connected({ host: "127.0.0.1", port: portOf(server), tls }, { reading: true });
  expect(socket).toBeInstanceOf(TLSSocket);
  expect((socket as TLSSocket).alpnProtocol).toBe("http/1.1");
  expect(await names).toBe("orders");
  expect(await seen).toBe("hello");
});

test("sends the host as SNI when it is a name", async () => {
  const server = await secureServer("orders");
  const names = once(server, "secureConnection").then(([socket]) => (socket as TLSSocket).servername);
  await connected({ host: "localhost", port: portOf(server), tls: { context, verify: false } });
  expect(await names).toBe("localhost");
});

test.each([
  { host: "127.0.0.1", says: /^no connection with 127\.0\.0\.1:\d+: connect ECONNREFUSED/ },
  { host: "localhost", says: /^no connection with localhost:\d+: connect ECONNREFUSED/ },
])("says that $host refused", async ({ host, says }) => {
  const failure = await failed({ host, port: await closedPort() });
  expect(failure).toMatchObject({ kind: "refused", neverSent: true, sent: "no", failure: "connect-failure" });
  expect(failure.outcome).toMatchObject({ kind: "failure", reason: "connect" });
  expect(failure.problem).toMatch(says);
});

test("says that a name is unknown", async () => {
  const failure = await failed({ host: NO_SUCH_NAME, port: 80 });
  expect(failure).toMatchObject({ kind: "name-unknown", outcome: { kind: "failure", reason: "connect" } });
});

test("says that TLS failed when the certificate is another's", async () => {
  const server = await secureServer("invoices");
  const tls = { servername: "orders", context };
  const failure = await failed({ host: "127.0.0.1", port: portOf(server), tls });
  expect(failure).toMatchObject({ kind: "tls-failed", cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
});

test("says that TLS failed when the endpoint leaves, or speaks something else, in the handshake", async () => {
  for (const answer of [(socket: Socket) => socket.end(), (socket: Socket) => socket.end("220 mail ready\r\n")]) {
    const server = await listening(createServer(answer));
    const failure = await failed({ host: "127.0.0.1", port: portOf(server), tls: { context, verify: false } });
    expect(failure).toMatchObject({ kind: "tls-failed", neverSent: true });
  }
});

test("gives up a handshake that gets no answer, and closes its socket", async () => {
  const server = await listening(createServer());
  const accepted = once(server, "connection");
  const time = fakeTime();
  const target = { host: "127.0.0.1", port: portOf(server), tls: { context, servername: "orders" } };
  const failing = failed(target, time);
  const [silent] = (await accepted) as [Socket];
  silent.resume();
  const closed = once(silent, "close");
  await time.advance(250);
  expect(await failing).toMatchObject({
    kind: "timeout",
    problem: `no TLS session with 127.0.0.1:${target.port} within 250 ms (timeout.connect)`,
  });
  await closed;
  expect(time.pending()).toBe(0);
});

test("gives up a connect that gets no answer", async () => {
  const server = await listening(createServer());
  const { promise, resolve } = Promise.withResolvers<DialFailure>();
  let ring = (): void => {};
  let nowMs = 0;
  // Rings in the tick of the dial, before even a loopback can have answered.
  const time: Time = {
    nowMs: () => nowMs,
    sleep: () => Promise.reject(new Error("nobody sleeps here")),
    after: (_ms, run) => {
      ring = run;
      return () => {};
    },
  };
  const options = { clock: time, timeouts: new TimeoutQueues(time), connectMs: 250 };
  dial({ host: "127.0.0.1", port: portOf(server) }, { connected: unexpected, failed: resolve }, options);
  nowMs = 250;
  ring();
  expect(await promise).toMatchObject({ kind: "timeout", outcome: { reason: "connect" } });
});

test("tells nothing after an abort", async () => {
  const server = await listening(createServer());
  const time = fakeTime();
  const dialler = { connected: unexpected, failed: unexpected };
  const dialling = dial({ host: "127.0.0.1", port: portOf(server) }, dialler, optionsOf(time));
  dialling.abort();
  dialling.abort();
  await once(dialling.socket, "close");
  await time.advance(1_000);
});

function optionsOf(time: Time): DialOptions {
  return { clock: time, timeouts: new TimeoutQueues(time), connectMs: 250 };
}

interface Connected {
  readonly socket: Socket;
  /** Events that it had listeners for when it was handed over. */
  readonly listened: readonly (string | symbol)[];
  /** What came in, once the peer has ended. */
  readonly seen: Promise<string>;
}

function connected(target: DialTarget, { reading = false } = {}): Promise<Connected> {
  const time = fakeTime();
  let text = "";
  const ended = Promise.withResolvers<string>();
  const buffer = Buffer.alloc(1_024);
  const callback = (size: number): boolean => {
    text += buffer.toString("latin1", 0, size);
    return true;
  };
  const options = { ...optionsOf(time), ...(reading ? { onread: { buffer, callback } } : {}) };
  return new Promise((resolve, reject) => {
    const dialer = {
      connected: (socket: Socket) => {
        expect(time.pending()).toBeLessThanOrEqual(1); // the queue's timer, which finds nothing due
        onTestFinished(() => void socket.destroy());
        resolve({ socket, listened: socket.eventNames(), seen: ended.promise });
        socket.on("end", () => ended.resolve(text));
        socket.on("error", ended.reject);
        if (reading) socket.resume();
      },
      failed: (failure: DialFailure) => reject(new Error(failure.problem)),
    };
    dial(target, dialer, options);
  });
}

function failed(target: DialTarget, time: Time = fakeTime()): Promise<DialFailure> {
  return new Promise((resolve) => {
    dial(target, { connected: unexpected, failed: resolve }, optionsOf(time));
  });
}

function unexpected(): never {
  throw new Error("nothing was to be told");
}

async function secureServer(name: string, more: { readonly ALPNProtocols?: string[] } = {}): Promise<Server> {
  const server = createSecureServer({ key: pem(`${name}-key`), cert: pem(name), ...more });
  server.on("tlsClientError", () => {}); // the client that leaves is the test
  return listening(server);
}

async function listening(server: Server): Promise<Server> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => void server.close(resolve));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // it listens on TCP
}
