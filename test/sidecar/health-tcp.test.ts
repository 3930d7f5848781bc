import type { Socket } from "node:net";
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

test.each<{ what: string; onSocket: (socket: Socket) => void; why: string }>([
  { what: "is to have TLS and has none", onSocket: (socket) => socket.end("no TLS here"), why: "no TLS session" },
  { what: "says nothing in its handshake", onSocket: () => {}, why: "no answer within 500 ms" },
])("a check by TCP fails for one that $what", async ({ onSocket, why }) => {
  const policy = { tls: {}, timeout: { connect: "0s" }, health: TCP } as const;
  const rig = await checkedRig(policy, at(await tcpEndpoint(onSocket)));
  expect((await nextEvent(rig, "endpoint.unhealthy")).why).toContain(why);
});

test("a sidecar that is closed amid a check lets go of its connection", async () => {
  const closed = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  const port = await tcpEndpoint((socket) => {
    open.resolve();
    socket.once("close", () => closed.resolve());
    socket.resume();
  });
  const rig = await checkedRig({ tls: {}, timeout: { connect: "0s" }, health: TCP }, at(port));
  await passing(rig, open.promise);
  await rig.sidecar.close();
  await closed.promise;
});
