import { expect, test } from "vitest";
import { checkedRig, nextEvent, passing } from "./checked-rig.ts";
import { at, tcpEndpoint } from "./own-endpoints.ts";

const TCP = { tcp: true, interval: "1s", timeout: "500ms", failAfter: 1, passAfter: 1 } as const;

test("a check by TCP passes for whoever takes a connection, which it closes at once", async () => {
  const closed = Promise.withResolvers<void>();
  const received: Buffer[] = [];
  const port = await tcpEndpoint((socket) => {
    socket.on("data", (bytes: Buffer) => received.push(bytes)).once("close", () => closed.resolve());
  });
  const rig = await checkedRig({ protocol: "tcp", health: TCP }, at(port));
  await passing(rig, closed.promise);
  expect(received).toEqual([]);
  expect((await rig.held()).connections).toBe(0);
  expect((await rig.admin("/services")).body).toContain('"activeCheck": "healthy"');
});

test("a check by TCP fails for one who refuses", async () => {
  const rig = await checkedRig({ health: TCP });
  await rig.endpoints.at(0).refuse();
  const { endpoint, why } = await nextEvent(rig, "endpoint.unhealthy");
  expect([endpoint, why]).toEqual(["endpoint-1", expect.stringContaining("ECONNREFUSED")]);
});

test("a check by TCP fails for one that is to have TLS and has none, and for one whose handshake takes too long", async () => {
  const plain = await tcpEndpoint((socket) => socket.end("no TLS here"));
  const mute = await tcpEndpoint(() => {});
  const rig = await checkedRig({ tls: {}, timeout: { connect: "0s" }, health: TCP }, at(plain, mute));
  const found = new Map<string, string>();
  while (found.size < 2) {
    const { endpoint, why } = await nextEvent(rig, "endpoint.unhealthy");
    found.set(endpoint, why);
  }
  expect(found.get("e1")).toContain("no TLS session");
  expect(found.get("e2")).toContain("no answer within 500 ms");
});
