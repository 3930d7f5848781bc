import { once } from "node:events";
import { type Dispatcher, request, upgrade } from "undici";
import { expect, test } from "vitest";
import { echoEndpoint } from "./echo-endpoint.ts";
import { NOTHING, rig } from "./rig.ts";

test("1xx, then 200: the informational heads are handed on, and the last head is the answer", async () => {
  const informational = [{ status: 103, headers: { link: "</style.css>" } }, { status: 102 }];
  await using lab = await rig({ behaviour: { informational, body: "done" } });
  const seen: number[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {},
    onResponseStart: (_controller, status) => void seen.push(status),
    onResponseData() {},
    onResponseEnd: () => resolve(),
    onResponseError: (_controller, error) => reject(error),
  };
  lab.mesh.dispatcher.dispatch({ origin: "http://orders", path: "/", method: "GET" }, handler);
  await promise;
  expect(seen).toEqual([103, 102, 200]);
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
});

test.each([
  ["HEAD", 200, { "content-length": "1000" }],
  ["GET", 204, {}],
  ["GET", 304, { "content-length": "1000" }],
  ["GET", 304, {}],
] as const)("%s with %d and %j has no body to wait for", async (method, status, headers) => {
  await using lab = await rig({ count: 1, behaviour: { status, headers, body: "" } });
  for (let i = 0; i < 3; i++) {
    const answer = await request("http://orders/", { dispatcher: lab.mesh.dispatcher, method });
    expect({ status: answer.statusCode, body: await answer.body.text() }).toEqual({ status, body: "" });
  }
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("backpressure: a reader that stalls holds the endpoint back, and gets everything in the end", async () => {
  const bytes = 32 * 1024 * 1024;
  const body = Buffer.alloc(bytes, "x");
  await using lab = await rig({ count: 1, behaviour: { body } });
  let received = 0;
  const ended = Promise.withResolvers<void>();
  const paused = Promise.withResolvers<Dispatcher.DispatchController>();
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {},
    onResponseStart() {},
    onResponseData(controller, chunk) {
      received += chunk.length;
      if (controller.paused || received > 64 * 1024 * 4) return;
      controller.pause();
      paused.resolve(controller);
    },
    onResponseEnd: () => ended.resolve(),
    onResponseError: (_controller, error) => ended.reject(error),
  };
  lab.mesh.dispatcher.dispatch({ origin: "http://orders", path: "/", method: "GET" }, handler);
  const controller = await paused.promise;
  // A whole other exchange goes by: had the pause been ignored, the body would have come in meanwhile.
  await (await request("http://orders/", { dispatcher: lab.mesh.dispatcher })).body.dump();
  expect(received).toBeLessThan(bytes / 4);
  expect(lab.held()).toMatchObject({ calls: 1, pending: 1 });
  const pump = (): void => {
    if (controller.paused) controller.resume();
  };
  const pumping = setInterval(pump, 1);
  await ended.promise;
  clearInterval(pumping);
  expect(received).toBe(bytes);
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("a handler that throws ends its own call and nothing else", async () => {
  await using lab = await rig({ count: 1 });
  const ended = Promise.withResolvers<unknown>();
  lab.mesh.dispatcher.dispatch(
    { origin: "http://orders", path: "/", method: "GET" },
    {
      onRequestStart() {},
      onResponseStart() {
        throw new Error("handler's own");
      },
      onResponseData() {},
      onResponseEnd() {},
      onResponseError: (_controller, error) => ended.resolve(error),
    },
  );
  expect(await ended.promise).toMatchObject({ message: "handler's own" });
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  await (await request("http://orders/", { dispatcher: lab.mesh.dispatcher })).body.dump();
  expect(await lab.closed()).toEqual(NOTHING);
});

test("upgrade: the socket is the caller's, and its lease ends when it closes", async () => {
  await using echo = await echoEndpoint();
  await using lab = await rig({ count: 0, registered: [echo.endpoint] });
  const { socket } = await upgrade("http://orders/", { dispatcher: lab.mesh.dispatcher, protocol: "echo" });
  expect(lab.held()).toMatchObject({ calls: 1, pending: 1 });
  socket.write("hello");
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  const closed = once(socket, "close");
  socket.end();
  await closed;
  expect(lab.held()).toEqual(NOTHING);
});

test("upgrade: a call that is cut takes its socket along", async () => {
  await using echo = await echoEndpoint();
  await using lab = await rig({ count: 0, registered: [echo.endpoint] });
  const { socket } = await upgrade("http://orders/", { dispatcher: lab.mesh.dispatcher, protocol: "echo" });
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await lab.mesh.close({ drainMs: 0 });
  await closed;
  expect(lab.held()).toEqual(NOTHING);
});
