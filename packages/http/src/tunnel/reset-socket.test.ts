import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { resetSocket } from "./reset-socket.ts";

async function pair() {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const client = connect({
    port: typeof address === "object" && address !== null ? address.port : 0,
    host: "127.0.0.1",
  });
  client.on("error", () => {});
  const [accepted] = await once(server, "connection");
  onTestFinished(() => void client.destroy());
  return { accepted, client };
}

test("the peer sees a reset", async () => {
  const { accepted, client } = await pair();
  const failed = once(client, "error");
  resetSocket(accepted);
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
});

test("a socket whose end is still on its way is closed as well", async () => {
  const { accepted } = await pair();
  accepted.end("bye");
  const closed = once(accepted, "close");
  resetSocket(accepted);
  await closed;
  expect(accepted.destroyed).toBe(true);
});

test("a socket whose end has gone out is reset: the peer's next write fails", async () => {
  const { accepted, client } = await pair();
  client.allowHalfOpen = true;
  client.resume();
  accepted.end("bye");
  await Promise.all([once(accepted, "finish"), once(client, "end")]);
  const closed = once(accepted, "close");
  resetSocket(accepted);
  await closed;
  const failed = once(client, "error");
  client.write("still there?");
  expect((await failed)[0]).toMatchObject({ syscall: "write" });
});
