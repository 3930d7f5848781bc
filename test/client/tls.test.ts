import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createSecureServer as createHttp2Server } from "node:http2";
import { createServer } from "node:https";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createMesh } from "@weft/client";
import { type Endpoint, endpoint } from "@weft/core";
import { request } from "undici";
import { expect, test } from "vitest";
import { NOTHING, rig } from "./rig.ts";

// Made by certificates/make.sh: an authority of the tests' own, and certificates for `orders` and for `invoices`.
const pem = (name: string): string => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), "utf8");
const ca = pem("authority");

test("speaks TLS to endpoints: SNI, Host and the name in the certificate are the service's", async () => {
  await using secure = await tlsEndpoint("orders");
  await using lab = await rig({ count: 0, registered: [secure.endpoint], mesh: { tls: { ca } } });
  for (let i = 0; i < 3; i++) {
    const { body } = await request("https://orders/", { dispatcher: lab.mesh.dispatcher });
    expect(await body.json()).toEqual({ servername: "orders", host: "orders" });
  }
  expect(secure.connections()).toBe(1);
  expect(await (await lab.mesh.fetch("https://orders/")).json()).toEqual({ servername: "orders", host: "orders" });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("refuses a certificate of another name before anything is sent", async () => {
  await using secure = await tlsEndpoint("invoices");
  await using lab = await rig({ count: 0, registered: [secure.endpoint], mesh: { tls: { ca } } });
  await expect(request("https://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    neverSent: true,
    cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
  });
  expect(secure.requests()).toBe(0);
  expect(lab.held()).toEqual(NOTHING);
});

test("looks for another name where it is told to", async () => {
  await using secure = await tlsEndpoint("invoices");
  await using lab = await rig({
    count: 0,
    registered: [secure.endpoint],
    mesh: { tls: { ca, servername: "invoices" } },
  });
  const { body } = await request("https://orders/", { dispatcher: lab.mesh.dispatcher });
  expect(await body.json()).toEqual({ servername: "invoices", host: "orders" });
});

test("trusts no authority that it was not given", async () => {
  await using secure = await tlsEndpoint("orders");
  await using lab = await rig({ count: 0, registered: [secure.endpoint] });
  await expect(request("https://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    cause: { code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) as string },
  });
});

test("sends a call to another endpoint when the handshake of the first fails", async () => {
  await using wrong = await tlsEndpoint("invoices");
  await using right = await tlsEndpoint("orders");
  await using lab = await rig({
    count: 0,
    registered: [wrong.endpoint, right.endpoint],
    mesh: { tls: { ca } },
  });
  const { statusCode, body } = await request("https://orders/", {
    dispatcher: lab.mesh.dispatcher,
    method: "POST",
    body: "x",
  });
  await body.dump();
  expect(statusCode).toBe(200);
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([1, 0]);
});

test("a body that ends with its connection comes whole to a slow reader", async () => {
  await using secure = await tlsEndpoint("orders");
  await using lab = await rig({ count: 0, registered: [secure.endpoint], mesh: { tls: { ca } } });
  const { body } = await request("https://orders/until-the-end", { dispatcher: lab.mesh.dispatcher, highWaterMark: 1 });
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length; // a stream without an encoding gives bytes
    await nextTurn();
  }
  expect(bytes).toBe(300_000);
});

// Reference clients 1.2: h2 that is ignored, GOAWAY and a refused stream that begin a request twice, a reset told as an end.
test("HTTP/2 traps: an endpoint that offers it is spoken to by HTTP/1.1, by our connections and by undici's", async () => {
  const versions: string[] = [];
  const server = createHttp2Server(
    { key: pem("orders-key"), cert: pem("orders"), allowHTTP1: true },
    ({ httpVersion }, answer) => {
      versions.push(httpVersion);
      answer.end();
    },
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  await using lab = await rig({
    count: 0,
    registered: [endpoint({ host: "127.0.0.1", port })],
    mesh: { tls: { ca } },
  });
  for (const method of ["GET", "HEAD"] as const) {
    const { body } = await request("https://orders/", { dispatcher: lab.mesh.dispatcher, method });
    await body.dump();
  }
  expect(versions).toEqual(["1.1", "1.1"]);
  expect(await lab.closed()).toEqual(NOTHING);
  server.close();
});

test("options that make no TLS are refused before any call", () => {
  expect(() => createMesh({ tls: { cert: pem("orders"), key: pem("invoices-key") } })).toThrow("ca, cert and key");
  expect(() => createMesh({ tls: { ca: "no certificate" } })).not.toThrow(); // OpenSSL reads past what is none
  expect(() => createMesh({ tls: { servername: "10.0.0.1" } })).toThrow("SNI takes names only");
});

test("a service that is named by an address is looked for by its endpoints' own, and no connection is lost over it", async () => {
  await using secure = await tlsEndpoint("orders");
  await using mesh = createMesh({
    registry: { "10.0.0.1": [secure.endpoint] },
    services: { "10.0.0.1": { limits: { connections: 1 }, retry: "off" } },
    tls: { ca },
  });
  // Our own connections, and undici's.
  for (const method of ["GET", "GET", "HEAD", "HEAD", "GET"] as const) {
    await expect(request("https://10.0.0.1/", { dispatcher: mesh.dispatcher, method })).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
  }
});

test("an endpoint that speaks no TLS fails the connect, and does not hang", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "garbage" }, policy: { retry: "off" } });
  lab.endpoints.at(0).always({ kind: "reset", at: "accept" });
  await expect(request("https://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    neverSent: true,
  });
  expect(lab.held()).toEqual(NOTHING);
});

interface TlsEndpoint extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly connections: () => number;
  readonly requests: () => number;
}

/** Answers with what it was asked for by SNI and by Host. */
async function tlsEndpoint(name: string): Promise<TlsEndpoint> {
  let connections = 0;
  let requests = 0;
  const server = createServer({ key: pem(`${name}-key`), cert: pem(name) }, (asked, answer) => {
    requests++;
    if (asked.url === "/until-the-end") {
      answer.removeHeader("content-length");
      answer.removeHeader("transfer-encoding"); // nothing else says where the body ends
      return void answer.end("x".repeat(300_000));
    }
    const { servername } = asked.socket as typeof asked.socket & { servername?: string }; // this server speaks TLS only
    answer.end(JSON.stringify({ servername, host: asked.headers.host }));
  });
  server.on("secureConnection", () => connections++);
  server.on("tlsClientError", () => {}); // a client that refuses the certificate
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    endpoint: endpoint({ id: name, host: "127.0.0.1", port: address.port }),
    connections: () => connections,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
