import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AdminServer, startAdmin } from "./admin-server.ts";
import { ask } from "./ask.suite.ts";
import { type FakeView, fakeView } from "./fake-view.suite.ts";

const LOOPBACK = { host: "127.0.0.1", port: 0 };
let view: FakeView;
let folder: string;
const open: AdminServer[] = [];
beforeEach(() => {
  view = fakeView();
  folder = mkdtempSync(join(tmpdir(), "weft-admin-"));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

async function start(...options: Parameters<typeof startAdmin>[0][]): Promise<AdminServer> {
  const server = await startAdmin(options[0] ?? { listen: LOOPBACK }, view);
  open.push(server);
  return server;
}

/** A connection on which the test writes bytes itself. */
function raw(address: string): { readonly socket: Socket; readonly ended: Promise<string> } {
  const socket = connect(Number(address.slice(address.lastIndexOf(":") + 1)), "127.0.0.1");
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  socket.on("data", (bytes) => (text += bytes.toString("latin1")));
  socket.on("error", () => {});
  socket.on("close", () => resolve(text));
  return { socket, ended: promise };
}

describe("where it listens", () => {
  test.each(["0.0.0.0", "::", "192.0.2.1", "example.org"])("%s is refused, and nothing is opened", async (host) => {
    await expect(startAdmin({ listen: { host, port: 0 } }, view)).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringContaining("allowRemote"),
    });
  });

  test("an address that other machines reach is taken when that is meant", async () => {
    const { address } = await start({ listen: { host: "0.0.0.0", port: 0 }, allowRemote: true });
    const here = address.replace("0.0.0.0", "127.0.0.1");
    expect((await ask(here, "/live", { headers: { host: "web-1.internal:15000" } })).status).toBe(200);
  });

  test("a port that is taken is named", async () => {
    const { address } = await start();
    const port = Number(address.split(":")[1]);
    await expect(startAdmin({ listen: { host: "127.0.0.1", port } }, view)).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringContaining(`admin 127.0.0.1:${port}: listen EADDRINUSE`),
    });
  });
});

describe("a unix socket", () => {
  test("is for its own user only, and gone after close", async () => {
    const path = join(folder, "admin.sock");
    const server = await start({ listen: { path } });
    expect(server.address).toBe(`unix:${path}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect((await ask(server.address, "/live", { headers: { host: "whatever" } })).status).toBe(200);
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test("that a crashed process left behind is taken over", async () => {
    const path = join(folder, "admin.sock");
    const crash = `require("node:net").createServer().listen(process.argv[1], () => process.kill(process.pid, "SIGKILL"))`;
    expect(() => execFileSync(process.execPath, ["-e", crash, path], { stdio: "ignore" })).toThrow();
    expect(existsSync(path)).toBe(true);
    const server = await start({ listen: { path } });
    expect((await ask(server.address, "/live")).status).toBe(200);
  });

  test("that somebody listens on is left to them", async () => {
    const path = join(folder, "admin.sock");
    const first = await start({ listen: { path } });
    await expect(startAdmin({ listen: { path } }, view)).rejects.toMatchObject({
      message: expect.stringContaining("another process listens there"),
    });
    expect((await ask(first.address, "/live")).status).toBe(200);
  });

  test("does not take the place of a file", async () => {
    const path = join(folder, "precious.txt");
    writeFileSync(path, "x");
    await expect(startAdmin({ listen: { path } }, view)).rejects.toMatchObject({
      message: expect.stringContaining("no socket"),
    });
    expect(statSync(path).size).toBe(1);
  });
});

describe("pages in a browser", () => {
  test.each([
    "evil.example",
    "evil.example:15000",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "[::1].evil.example",
    "127.0.0.1@evil.example",
  ])("that call it %s learn nothing", async (host) => {
    const { address } = await start();
    for (const path of ["/config", "/ready"]) {
      expect((await ask(address, path, { headers: { host } })).status).toBe(421);
    }
  });

  test.each(["localhost", "localhost:15000", "127.0.0.1", "127.0.0.1:1", "[::1]:15000", "127.8.9.1", "LOCALHOST:80"])(
    "%s is what it may be called",
    async (host) => {
      const { address } = await start();
      expect((await ask(address, "/live", { headers: { host } })).status).toBe(200);
    },
  );

  test.each(["http://evil.example", "null", "https://127.0.0.1.evil.example", "http://127.0.0.1:1", "file://", ""])(
    "of origin %j can do nothing",
    async (origin) => {
      const { address } = await start();
      const answered = await ask(address, "/drain", { method: "POST", headers: { origin } });
      expect(answered.status).toBe(403);
      expect(view.done).toEqual([]);
    },
  );

  test("of a name that was made to point here can do nothing, even where names are taken", async () => {
    const { address } = await start({ listen: { host: "127.0.0.1", port: 0 }, allowRemote: true });
    const headers = { host: "evil.example", origin: "http://evil.example" };
    expect((await ask(address, "/drain", { method: "POST", headers })).status).toBe(403);
  });

  test("that it served itself may act", async () => {
    const { address } = await start();
    const headers = { host: address, origin: `http://${address}` };
    expect((await ask(address, "/drain", { method: "POST", headers })).status).toBe(202);
  });
});

describe("callers that mean no good", () => {
  test.each([
    ["broken percent-encoding", "GET /services/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "400"],
    ["no UTF-8", "GET /services/%ff%fe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "400"],
    [
      "broken percent-encoding in a query",
      "GET /explain?service=%zz%&%=% HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
      "404",
    ],
    ["a target without a slash", "GET ready HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", "400"],
    ["two Hosts", "GET /live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", "400"],
    ["no Host", "GET /live HTTP/1.1\r\n\r\n", "400"],
    ["no HTTP", "\x16\x03\x01\x02\x00 no HTTP at all\r\n\r\n", "400"],
    [
      "a query longer than a head may be",
      `GET /explain?service=${"x".repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      "431",
    ],
    [
      "thousands of parameters",
      `GET /explain?${"a=b&".repeat(3_000)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      "400",
    ],
  ])("with %s are answered and let go", async (_, bytes, status) => {
    const { address } = await start();
    const { socket, ended } = raw(address);
    socket.write(bytes);
    expect(await ended).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test("CONNECT is cut", async () => {
    const { address } = await start();
    const { socket, ended } = raw(address);
    socket.write("CONNECT 10.0.0.1:80 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(await ended).toBe("");
  });

  test("a small body is read over, and the next request answered", async () => {
    const { address } = await start();
    const { socket, ended } = raw(address);
    socket.write("POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
    socket.write("GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect((await ended).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 202", "HTTP/1.1 200"]);
    expect(view.done).toEqual(["drain"]);
  });

  test("an endless body is refused, and nothing is done", async () => {
    const { address } = await start();
    const { socket, ended } = raw(address);
    socket.write("POST /drain HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    for (let i = 0; i < 4; i++) socket.write(chunk);
    expect(await ended).toMatch(/^HTTP\/1\.1 413 [^]*Connection: close/i);
    expect(view.done).toEqual([]);
  });

  test("a body that is broken off does nothing", async () => {
    const { address } = await start();
    const { socket, ended } = raw(address);
    socket.end("POST /drain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
    await ended;
    expect((await ask(address, "/live")).status).toBe(200);
    expect(view.done).toEqual([]);
  });

  test("one that reads nothing holds nobody up, and not the end either", async () => {
    view.metrics = () => "x".repeat(64 * 1_048_576);
    const server = await start();
    const { socket, ended } = raw(server.address);
    socket.pause();
    socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect((await ask(server.address, "/live")).status).toBe(200);
    await server.close();
    socket.resume();
    await ended;
  });

  test("one that says nothing does not hold up the end", async () => {
    const server = await start();
    const { socket, ended } = raw(server.address);
    socket.write("GET /li");
    expect((await ask(server.address, "/live")).status).toBe(200);
    await server.close();
    await ended;
  });

  test("a head that takes too long is ended with 408", async () => {
    const { address } = await start();
    const { socket, ended } = raw(address);
    socket.write("GET /live HTTP/1.1\r\n");
    expect(await ended).toMatch(/^HTTP\/1\.1 408 /);
  });
});
