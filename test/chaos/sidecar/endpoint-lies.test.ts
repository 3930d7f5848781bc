import type { Socket } from "node:net";
import { fakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { rawCaller } from "../../http/raw-caller.ts";
import { call } from "../../sidecar/rig.ts";
import { comesTrue, expectAtRest } from "./at-rest.ts";
import { rawEndpoint } from "./raw-endpoint.ts";
import { started } from "./started.ts";

const CALLS = 20;
/** Longer than any head that is taken, and than what the kernel holds of it. */
const ENDLESS_BYTES = 64 * 1024 * 1024;

const LIES: readonly (readonly [does: string, code: string, serve: (socket: Socket) => void])[] = [
  ["resets the connection instead of an answer", "CONNECTION_LOST", onAsked((socket) => socket.resetAndDestroy())],
  ["closes it instead of an answer", "CONNECTION_LOST", onAsked((socket) => socket.end())],
  ["is an SSH server", "PROTOCOL_ERROR", (socket) => void socket.resume().write("SSH-2.0-OpenSSH_9.6\r\n")],
  ["speaks TLS", "PROTOCOL_ERROR", onAsked((socket) => socket.end(Buffer.from("15030100020246", "hex")))],
  ["sends garbage", "PROTOCOL_ERROR", onAsked((socket) => socket.end(Buffer.alloc(100_000, 0xa5)))],
  ["answers HTTP/0.9", "PROTOCOL_ERROR", onAsked((socket) => socket.end("<html>ok</html>"))],
  [
    "says two lengths",
    "PROTOCOL_ERROR",
    onAsked((socket) => socket.write(answer("Content-Length: 2\r\nContent-Length: 3"))),
  ],
  ["begins a head that does not end", "PROTOCOL_ERROR", onAsked((socket) => endless(socket, "x"))],
  ["sends fields without end", "PROTOCOL_ERROR", onAsked((socket) => endless(socket, "a: b\r\n"))],
];

test.each(LIES)("an endpoint %s: GET goes elsewhere and POST gets 502, and it is ejected", async (_, code, serve) => {
  const lying = await rawEndpoint("lying", serve);
  const honest = await fakeEndpoint({ name: "honest", behaviour: { body: "ok" } });
  onTestFinished(() => honest.close());
  const rig = await started({ count: 0, registered: [lying.endpoint, honest.asEndpoint()] });
  const refused = await call(rig.port, "/", { method: "POST", body: "one" });
  expect(refused.status).toBe(502);
  expect(JSON.parse(refused.body)).toMatchObject({ code });
  expect(honest.requests).toEqual([]);
  const answers = await Promise.all(Array.from({ length: CALLS }, () => call(rig.port, "/")));
  expect(answers.map(({ status, body }) => `${status} ${body}`)).toEqual(Array(CALLS).fill("200 ok"));
  expect(await rig.journal.next("endpoint.ejected")).toMatchObject({ endpoint: "lying" });
  await expectAtRest(rig, () => {
    lying.closeAll();
    honest.closeIdle();
  });
});

test.each([
  ["a head that does not end", "x"],
  ["fields without end", "a: b\r\n"],
])("an endpoint that sends %s is cut: most of 64 MiB is never taken", async (_, filler) => {
  const lying = await rawEndpoint(
    "lying",
    onAsked((socket) => endless(socket, filler)),
  );
  const rig = await started({ count: 0, registered: [lying.endpoint], policy: { retry: "off" } });
  const accepted = lying.accepted();
  expect((await call(rig.port, "/")).status).toBe(502);
  const socket = await accepted;
  if (!socket.destroyed) await new Promise((resolve) => socket.once("close", resolve));
  // What was written has left this process at most as far as the kernel's buffers.
  expect(socket.bytesWritten - socket.writableLength).toBeLessThan(ENDLESS_BYTES / 4);
  expect(await rig.held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
});

test.each([true, false])(
  "an endpoint that sends interim answers without end is given up at the deadline, to a caller that reads: %s",
  async (reads) => {
    const hint = Buffer.from("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n".repeat(1_000));
    const lying = await rawEndpoint(
      "lying",
      onAsked((socket) => {
        const pour = (): void => {
          while (socket.writable && socket.write(hint));
        };
        socket.on("drain", pour);
        pour();
      }),
    );
    const policy = { timeout: { total: "300ms", connect: "300ms" }, retry: "off" } as const;
    const rig = await started({ count: 0, registered: [lying.endpoint], policy });
    const caller = rawCaller(`127.0.0.1:${rig.port}`, { reads });
    caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
    await rig.journal.next("call.ended");
    // Hints are not kept for who does not read them: what follows them is little, and the answer is behind it.
    caller.socket.resume();
    await caller.shows("HTTP/1.1 504 Gateway Timeout\r\n");
    await comesTrue(rig.held, ({ calls, pending, connections }) => calls + pending + connections === 0);
  },
);

/** Serves once something of a request has come. */
function onAsked(serve: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    socket.once("data", () => serve(socket));
    socket.once("end", () => socket.end());
  };
}

function answer(lines: string): string {
  return `HTTP/1.1 200 OK\r\n${lines}\r\n\r\nok`;
}

/** Sends a head that goes on, as fast as it is taken. */
function endless(socket: Socket, filler: string): void {
  const piece = Buffer.from(filler.repeat(Math.ceil(65_536 / filler.length)));
  let left = ENDLESS_BYTES;
  socket.write("HTTP/1.1 200 OK\r\nX-Long: ");
  if (filler.endsWith("\n")) socket.write("1\r\n");
  send();

  function send(): void {
    while (left > 0) {
      left -= piece.length;
      if (!socket.write(piece)) return;
    }
  }
  socket.on("drain", send);
}
