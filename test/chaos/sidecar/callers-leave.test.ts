import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { SidecarRig } from "../../sidecar/rig.ts";
import { comesTrue, expectAtRest } from "./at-rest.ts";
import { rawEndpoint, type RawEndpoint } from "./raw-endpoint.ts";
import { started } from "./started.ts";

const MEGABYTE = Buffer.alloc(1024 * 1024, "m");
const PIECE = MEGABYTE.subarray(0, 64 * 1024);
const GET = "GET / HTTP/1.1\r\nHost: orders\r\n\r\n";

type Leave = (socket: Socket) => void;

const LEAVING: readonly (readonly [how: string, leave: Leave])[] = [
  ["resets", (socket) => socket.resetAndDestroy()],
  ["closes", (socket) => socket.destroy()],
  ["ends its side and reads no more", (socket) => void socket.pause().end()],
];

test.each(LEAVING)(
  "a caller that %s in the middle of an upload: the endpoint's connection is cut",
  async (_, leave) => {
    const { rig, behind } = await lab((socket) => void socket.resume());
    const accepted = behind.accepted();
    const caller = await connected(rig.port);
    caller.write("POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 100000000\r\n\r\n");
    caller.write(MEGABYTE);
    const endpoint = await accepted;
    while (endpoint.bytesRead < MEGABYTE.length) await once(endpoint, "data");
    leave(caller);
    await gone(endpoint);
    await expectServesOn(rig, behind);
  },
);

test.each(LEAVING)("a caller that %s in the middle of a download: the endpoint is stopped", async (_, leave) => {
  const { rig, behind } = await lab((socket) => socket.once("data", () => pour(socket)));
  const accepted = behind.accepted();
  const caller = await connected(rig.port);
  caller.write(GET);
  const endpoint = await accepted;
  while (caller.bytesRead < MEGABYTE.length) await once(caller, "data");
  leave(caller);
  await gone(endpoint);
  await expectServesOn(rig, behind);
});

test("both sides abort at once, at every moment of an exchange: nothing is held", async () => {
  const { rig, behind } = await lab((socket) => socket.once("data", () => pour(socket)));
  // So many turns of the loop after the request: while it connects, sends, and receives.
  for (let turns = 0; turns < 40; turns++) {
    const caller = await connected(rig.port);
    caller.write(turns % 2 === 0 ? GET : `POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: 9000000\r\n\r\n`);
    if (turns % 2 === 1) caller.write(PIECE);
    for (let turn = 0; turn < turns / 2; turn++) await new Promise(setImmediate);
    const closed = once(caller, "close");
    for (const socket of behind.open) socket.resetAndDestroy();
    caller.resetAndDestroy();
    await closed;
  }
  await expectServesOn(rig, behind);
});

async function lab(serve: (socket: Socket) => void): Promise<{ rig: SidecarRig; behind: RawEndpoint }> {
  const behind = await rawEndpoint("behind", serve);
  const rig = await started({ count: 0, registered: [behind.endpoint], policy: { retry: "off", outliers: "off" } });
  return { rig, behind };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket.resume();
}

/** Sends an answer that goes on for as long as it is taken. */
function pour(socket: Socket): void {
  socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  const more = (): void => {
    while (socket.writable && socket.write(PIECE));
  };
  socket.on("drain", more);
  more();
}

async function gone(socket: Socket): Promise<void> {
  socket.once("end", () => socket.destroy());
  if (!socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
}

async function expectServesOn(rig: SidecarRig, behind: RawEndpoint): Promise<void> {
  await comesTrue(rig.held, ({ calls, pending, connections }) => calls + pending + connections === 0);
  expect(behind.open.size).toBe(0);
  const next = await fakeEndpoint({ name: "next" });
  onTestFinished(() => next.close());
  rig.registry.set("orders", [next.asEndpoint()]);
  await expectAtRest(rig, () => next.closeIdle());
}
