import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { sidecarRig, type SidecarRig } from "./rig.ts";

/** An endpoint that answers any request with 101 and some bytes, and then sends back in capitals what it gets. */
async function shouter(): Promise<{ readonly server: Server; readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let head = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (head.includes("\r\n\r\n")) return void socket.write(bytes.toString().toUpperCase());
      head += bytes.toString();
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      seen.push(head.slice(0, end));
      socket.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: shout\r\nx-own: 1\r\n\r\nhello ",
      );
      const early = head.slice(end + 4);
      if (early !== "") socket.write(early.toUpperCase());
    });
    socket.on("end", () => socket.end(" bye"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0, seen };
}

async function started(port: number): Promise<SidecarRig> {
  const rig = await sidecarRig({ count: 0, policy: { discover: { static: [`127.0.0.1:${port}`] } } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

function caller(port: number): {
  readonly socket: Socket;
  readonly text: () => string;
  until(part: string): Promise<void>;
} {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (bytes) => (text += bytes.toString()));
  return {
    socket,
    text: () => text,
    async until(part) {
      while (!text.includes(part)) await once(socket, "data");
    },
  };
}

const UPGRADE = "GET /live HTTP/1.1\r\nHost: orders\r\nConnection: keep-alive, Upgrade\r\nUpgrade: shout\r\n\r\n";

test("an Upgrade becomes a byte tunnel, with what came early on either side", async () => {
  const { port, seen } = await shouter();
  const rig = await started(port);
  const { socket, text, until } = caller(rig.port);
  socket.write(`${UPGRADE}early `);
  await until("EARLY");
  socket.write("and late");
  await until("AND LATE");
  expect(text()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
  expect(text()).toContain("x-own: 1\r\n");
  expect(text()).toMatch(/Upgrade: shout\r\n/);
  expect(text().slice(text().indexOf("\r\n\r\n") + 4)).toBe("hello EARLY AND LATE");
  expect(seen[0]).toMatch(/^GET \/live HTTP\/1\.1\r\nHost: orders\r\n/);
  expect(seen[0]).toMatch(/\r\nConnection: Upgrade\r\nUpgrade: shout/);
});

test("the caller's end passes through the tunnel, and the endpoint's last words back", async () => {
  const { port } = await shouter();
  const rig = await started(port);
  const { socket, text, until } = caller(rig.port);
  socket.write(UPGRADE);
  await until("hello");
  socket.end("last");
  await once(socket, "close");
  expect(text().endsWith("hello LAST bye")).toBe(true);
  expect(await rig.held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
});

test("a tunnel holds its call and its lease while it lasts", async () => {
  const { port } = await shouter();
  const rig = await started(port);
  const { socket, until } = caller(rig.port);
  socket.write(UPGRADE);
  await until("hello");
  expect(await rig.held()).toMatchObject({ calls: 1, pending: 1, connections: 1 });
  socket.resetAndDestroy();
  await once(socket, "close");
});

test("an endpoint that does not switch answers as to any request", async () => {
  const rig = await sidecarRig({ behaviour: { status: 426, body: "no" } });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const { socket, text, until } = caller(rig.port);
  socket.write(UPGRADE);
  await until("no");
  expect(text()).toMatch(/^HTTP\/1\.1 426 /);
});

test("h2c by Upgrade is not passed on: the request is answered over HTTP/1.1", async () => {
  const rig = await sidecarRig();
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const { socket, text, until } = caller(rig.port);
  socket.write(UPGRADE.replace("Upgrade: shout", "Upgrade: h2c"));
  await until("}");
  expect(text()).toMatch(/^HTTP\/1\.1 200 /);
  expect(text()).not.toContain('"upgrade"');
});

test("CONNECT becomes a byte tunnel to an endpoint of the service that it names", async () => {
  const { port } = await shouter();
  const rig = await started(port);
  const { socket, text, until } = caller(rig.port);
  socket.write("CONNECT orders:443 HTTP/1.1\r\nHost: orders:443\r\n\r\n");
  await until("\r\n\r\n");
  expect(text()).toMatch(/^HTTP\/1\.1 200 /);
  socket.write("GET / HTTP/1.1\r\n\r\nafter");
  await until("AFTER");
  expect(text()).toContain("\r\n\r\nHTTP/1.1 101 Switching Protocols");
});

test("CONNECT to a service whose endpoints refuse is answered 502", async () => {
  const { port, server } = await shouter();
  const rig = await started(port);
  server.close();
  await once(server, "close");
  const { socket, text, until } = caller(rig.port);
  socket.write("CONNECT orders:443 HTTP/1.1\r\nHost: orders:443\r\n\r\n");
  await until("}");
  expect(text()).toMatch(/^HTTP\/1\.1 502 Bad Gateway/);
});
