import { afterAll, beforeAll, describe, test } from "vitest";
import { expectNoDifference } from "./compare.ts";
import { type RawServer, rawServer } from "./raw-server.ts";

let server: RawServer;
beforeAll(async () => {
  server = await rawServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const secrets = { authorization: "secret", cookie: "a=1", "X-Kept": "kept", "Content-Type": "text/x" };
const locations: readonly { what: string; location: (server: RawServer) => string | undefined }[] = [
  { what: "a path", location: () => "/b?c" },
  { what: "the same origin", location: ({ origin }) => `${origin}/b` },
  { what: "another origin", location: ({ otherOrigin }) => `${otherOrigin}/b` },
  { what: "a fragment", location: () => "b#new" },
  { what: "credentials", location: ({ otherOrigin }) => `${otherOrigin.replace("//", "//me:it@")}/b` },
  { what: "another scheme", location: () => "ftp://a/b" },
  { what: "no URL", location: () => "http://a b/" },
  { what: "a port that refuses", location: () => "http://127.0.0.1:39999/" },
];
const calls: readonly { what: string; init: () => RequestInit }[] = [
  { what: "GET", init: () => ({ headers: secrets }) },
  { what: "HEAD", init: () => ({ method: "HEAD" }) },
  { what: "POST of text", init: () => ({ method: "POST", body: "text", headers: secrets }) },
  { what: "POST of a form", init: () => ({ method: "POST", body: new URLSearchParams({ a: "b" }) }) },
  {
    what: "PUT of bytes",
    init: () => ({ method: "PUT", body: new Uint8Array([1, 2]), headers: new Headers({ a: "b" }) }),
  },
  { what: "DELETE", init: () => ({ method: "DELETE", signal: new AbortController().signal }) },
];

describe.each([301, 302, 303, 307, 308])("after %i nobody can tell, to", (status) => {
  describe.each(locations)("$what", ({ location }) => {
    test.each(calls)("$what", async ({ init }) => {
      await expectNoDifference(
        server,
        (socket, turn) => {
          const head = `HTTP/1.1 ${status} Moved\r\nlocation: ${location(server)}\r\ncontent-length: 0\r\n\r\n`;
          socket.write(turn === 0 ? head : "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-second: 1\r\n\r\n");
        },
        (f, origin) => f(`${origin}/a#old`, init()),
        "handed over",
      );
    });
  });
});

describe("nobody can tell", () => {
  const get = (f: typeof fetch, origin: string) => f(`${origin}/a`);

  test("a redirect without a location", async () => {
    const wire = "HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n";
    await expectNoDifference(server, (socket) => socket.write(wire), get, "handed over", "not");
  });

  test("twenty redirects from twenty-one", async () => {
    const wire = "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n";
    await expectNoDifference(server, (socket) => socket.write(wire), get, "handed over");
  });

  test("a redirect to an encoded body", async () => {
    await expectNoDifference(
      server,
      (socket, turn) => {
        if (turn === 0) socket.write("HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 3\r\n\r\nold");
        else socket.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nnew");
      },
      get,
      "handed over",
    );
  });

  test("a second chance after 421", async () => {
    await expectNoDifference(
      server,
      (socket, turn) => {
        socket.write(`HTTP/1.1 ${turn === 0 ? "421 No" : "200 OK"}\r\ncontent-length: 2\r\n\r\nok`);
      },
      (f, origin) => f(`${origin}/a`, { method: "POST", body: "x" }),
      "handed over",
    );
  });
});
