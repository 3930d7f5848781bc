import { once } from "node:events";
import { createServer } from "node:http";
import { createSecureServer, createServer as createHttp2 } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { type Endpoint, endpoint } from "@weft/core";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig } from "./rig.ts";
import { CERTIFICATES, pem } from "./tls-peers.ts";

/** An endpoint that answers with the version of HTTP that it was asked in; what it says of itself stands in `meta`. */
async function speaking(version: "1.1" | "2.0", meta: Endpoint["meta"]): Promise<Endpoint> {
  const server: Server =
    version === "2.0"
      ? createHttp2((incoming, response) => void response.end(incoming.httpVersion))
      : createServer((incoming, response) => void response.end(incoming.httpVersion));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  return endpoint({ host: "127.0.0.1", port, meta });
}

test("each endpoint of a service is spoken to as the registry says", async () => {
  const registered = [await speaking("2.0", { protocol: "http2" }), await speaking("1.1", { protocol: "http" })];
  await using rig = await sidecarRig({ count: 0, registered, policy: { balancer: { kind: "round-robin" } } });
  const versions = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const { status, body } = await call(rig.port, "/");
    expect(status).toBe(200);
    versions.add(body);
  }
  expect([...versions].toSorted()).toEqual(["1.1", "2.0"]);
});

test("what the policy says is stronger", async () => {
  const registered = [await speaking("2.0", { protocol: "http" })];
  await using rig = await sidecarRig({ count: 0, registered, policy: { protocol: "http2" } });
  expect(await call(rig.port, "/")).toMatchObject({ status: 200, body: "2.0" });
});

test("an endpoint that changes what it says of itself is spoken to so from the next call on", async () => {
  const first = await speaking("1.1", {});
  await using rig = await sidecarRig({ count: 0, registered: [first] });
  expect(await call(rig.port, "/")).toMatchObject({ status: 200, body: "1.1" });
  const { host, port } = await speaking("2.0", {});
  rig.registry.set("orders", [endpoint({ host, port, meta: { protocol: "http2" } })]);
  expect(await call(rig.port, "/")).toMatchObject({ status: 200, body: "2.0" });
});

test.each([
  ["http1", "http2"],
  ["http2", "http1"],
  ["http1", undefined],
])("under TLS as well: an endpoint that says %s, and then %s on the same address", async (before, after) => {
  const { port, connections } = await secure();
  const speaks = (protocol: string | undefined): Endpoint =>
    endpoint({ host: "127.0.0.1", port, meta: protocol === undefined ? {} : { protocol } });
  await using rig = await sidecarRig({
    count: 0,
    registered: [speaks(before)],
    policy: { tls: { ca: `${CERTIFICATES}authority.pem`, serverName: "orders" }, retry: "off" },
  });
  const versionOf = (protocol: string | undefined): string => (protocol === "http1" ? "1.1" : "2.0");
  for (const protocol of [before, after, before]) {
    rig.registry.set("orders", [speaks(protocol)]);
    for (let i = 0; i < 2; i++) {
      expect(await call(rig.port, "/")).toMatchObject({ status: 200, body: versionOf(protocol) });
    }
  }
  expect(connections()).toBeLessThanOrEqual(3);
});

/** An endpoint under TLS that speaks both versions. */
async function secure(): Promise<{ readonly port: number; readonly connections: () => number }> {
  const options = { cert: pem("orders"), key: pem("orders-key"), allowHTTP1: true };
  const server = createSecureServer(options, (incoming, response) => void response.end(incoming.httpVersion));
  let connections = 0;
  server.on("secureConnection", () => connections++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a port
  return { port, connections: () => connections };
}
