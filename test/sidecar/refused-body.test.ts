import { connect } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig } from "./rig.ts";

test("a body that is refused as it is sent on leaves no connection to the endpoint behind", async () => {
  const rig = await sidecarRig({ count: 1 });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  await call(rig.port, "/"); // a connection lies idle
  const socket = connect({ port: rig.port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.on("data", (bytes) => (text += bytes.toString()));
  socket.write("POST / HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nno size\r\n");
  await once(socket, "end");
  expect(text).toMatch(/^HTTP\/1\.1 400 /);
  expect(await rig.held()).toMatchObject({ calls: 0, pending: 0, connections: 0 });
});
