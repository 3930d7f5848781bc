import type { Socket } from "node:net";
import { fakeTime } from "@weft/testkit";
import { request } from "undici";
import { expect, test } from "vitest";
import { rawEndpoint } from "../chaos/sidecar/raw-endpoint.ts";
import { NOTHING, rig } from "./rig.ts";

// Reference clients 1.5: which failure shows how, and what may follow.

test("stale keep-alive: a reset of a reused connection sends a GET elsewhere and ejects nobody", async () => {
  await using lab = await rig();
  const { dispatcher } = lab.mesh;
  await (await request("http://orders/", { dispatcher })).body.dump();
  lab.endpoints.at(0).next({ kind: "reset", at: "request" });
  const { statusCode, headers, body } = await request("http://orders/", { dispatcher });
  await body.dump();
  expect({ statusCode, by: headers["x-fake-endpoint"] }).toEqual({ statusCode: 200, by: "endpoint-2" });
  expect(lab.journal.of("retry.started")).toMatchObject([{ why: "stale-connection" }]);
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([0, 0]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("stale keep-alive: what met one of two goes by a connection of its own, at once and at no cost", async () => {
  const sockets = new Map<Socket, number>();
  const closing = await rawEndpoint("closing", (socket) => {
    socket.on("data", () => {
      const served = sockets.get(socket) ?? 0;
      sockets.set(socket, served + 1);
      if (served === 0) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      else socket.resetAndDestroy();
    });
  });
  const nothing = { budget: { ratio: 0, minPerSecond: 0, concurrentRatio: 0, minConcurrent: 0 } };
  await using lab = await rig({ count: 0, registered: [closing.endpoint], policy: { retry: nothing } });
  const ask = async (): Promise<number> => {
    const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
    await body.dump();
    return statusCode;
  };
  expect(await Promise.all([ask(), ask()])).toEqual([200, 200]);
  expect(await ask()).toBe(200);
  expect([...sockets.values()].toSorted()).toEqual([1, 1, 2]); // the other idle one was left alone
  expect(lab.journal.of("retry.started")).toMatchObject([{ why: "stale-connection", pauseMs: 0 }]);
});

test("stale keep-alive: a POST is not sent again, for it may have run", async () => {
  await using lab = await rig();
  const { dispatcher } = lab.mesh;
  await (await request("http://orders/", { dispatcher })).body.dump();
  lab.endpoints.at(0).next({ kind: "close" });
  await expect(request("http://orders/", { dispatcher, method: "POST", body: "x" })).rejects.toMatchObject({
    code: "CONNECTION_LOST",
    neverSent: false,
  });
  expect(lab.endpoints.requestCount()).toBe(2);
  expect(lab.journal.of("retry.denied")).toEqual([{ service: "orders", reason: "not-idempotent" }]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("stale keep-alive: a connection that the endpoint closed while idle is not taken", async () => {
  await using lab = await rig({ count: 1 });
  const { dispatcher } = lab.mesh;
  const [endpoint] = lab.endpoints.all;
  await (await request("http://orders/", { dispatcher })).body.dump();
  endpoint!.closeIdle();
  await endpoint!.allClosed();
  const { statusCode, body } = await request("http://orders/", { dispatcher, method: "POST", body: "x" });
  await body.dump();
  expect(statusCode).toBe(200);
  expect(endpoint!.connections).toBe(2);
});

test("stale keep-alive: a POST meets the reset of a connection that has rested with nothing sent, and is sent anew", async () => {
  const time = fakeTime();
  await using lab = await rig({ count: 1, mesh: { time } });
  const { dispatcher } = lab.mesh;
  const [endpoint] = lab.endpoints.all;
  for (let i = 0; i < 10; i++) await (await request("http://orders/", { dispatcher })).body.dump(); // turns with one message
  await time.advance(500);
  endpoint!.resetAll(); // which this process has not read yet
  const { statusCode, body } = await request("http://orders/", { dispatcher, method: "POST", body: "x" });
  await body.dump();
  expect(statusCode).toBe(200);
  expect(endpoint!.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("redraw on retry: no endpoint is tried twice while another has not been tried", async () => {
  await using lab = await rig({
    count: 4,
    behaviour: { status: 503, body: "busy" },
    policy: { balancer: { kind: "random" }, retry: { maxRetries: 3 }, outliers: "off", breaker: "off" },
  });
  for (let i = 1; i <= 10; i++) {
    const { body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
    await body.dump();
    expect(lab.endpoints.all.map(({ requests }) => requests.length)).toEqual([i, i, i, i]);
  }
});

test("last response kept: after the last retry the caller gets it as it came, body and all", async () => {
  await using lab = await rig({ policy: { outliers: "off" } });
  lab.endpoints.at(0).always({ status: 503, headers: { "x-who": "first" }, body: "busy one" });
  lab.endpoints.at(1).always({ status: 502, headers: { "x-who": "second" }, body: "busy two" });
  const { statusCode, headers, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  expect({ statusCode, who: headers["x-who"], text: await body.text() }).toEqual({
    statusCode: 502,
    who: "second",
    text: "busy two",
  });
  // The first answer was read away, so that its connection serves again.
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 2 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("last response kept: an answer too long to be read away costs its connection", async () => {
  await using lab = await rig({ policy: { outliers: "off" } });
  lab.endpoints.at(0).always({ status: 503, body: "x".repeat(300_000), chunked: true });
  const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await body.dump();
  expect(statusCode).toBe(200);
  await lab.endpoints.at(0).allClosed();
  expect(lab.stats().endpoints.map(({ pending }) => pending)).toEqual([0, 0]);
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
});

test("an endpoint that forbids retries is obeyed", async () => {
  await using lab = await rig({ behaviour: { status: 503, headers: { "x-no-retry": "1" }, body: "no" } });
  const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  expect({ statusCode, text: await body.text() }).toEqual({ statusCode: 503, text: "no" });
  expect(lab.endpoints.requestCount()).toBe(1);
});

test.each(["GET", "POST", "PATCH"] as const)("connect failure: %s is sent to another endpoint", async (method) => {
  await using lab = await rig();
  await lab.endpoints.at(0).refuse();
  const { headers, body } = await request("http://orders/", {
    dispatcher: lab.mesh.dispatcher,
    method,
    body: method === "GET" ? null : "x",
  });
  await body.dump();
  expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(await lab.closed()).toEqual(NOTHING);
});

test("connect failure: the error names endpoint and attempt, and keeps the cause", async () => {
  await using lab = await rig({ count: 1 });
  await lab.endpoints.at(0).refuse();
  const { port } = lab.endpoints.at(0);
  await expect(request("http://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    neverSent: true,
    attempt: 2,
    endpoint: `127.0.0.1:${port}`,
    cause: { code: "ECONNREFUSED" },
  });
  expect(lab.held()).toEqual(NOTHING);
});

test("connect failure: a reset right after the accept is one only when nothing was written", async () => {
  await using lab = await rig({ behaviour: { kind: "reset", at: "accept" } });
  lab.endpoints.at(1).always({});
  const { headers, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await body.dump();
  expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1 });
});

test("maybe sent: a POST that got no answer fails after one attempt", async () => {
  await using lab = await rig({ behaviour: { kind: "reset", at: "request" } });
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "POST", body: "x" });
  await expect(sent).rejects.toMatchObject({ code: "CONNECTION_LOST", neverSent: false });
  expect(lab.endpoints.requestCount()).toBe(1);
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1 });
});

test.each([
  ["an idempotency-key", { headers: { "Idempotency-Key": "7" } }],
  ["the caller's word", { mesh: { idempotent: true } }],
])("maybe sent: a POST with %s is sent again", async (_, more) => {
  await using lab = await rig();
  lab.endpoints.at(0).always({ kind: "close" });
  const { dispatcher } = lab.mesh;
  const { headers, body } = await request("http://orders/", { dispatcher, method: "POST", body: "x", ...more });
  expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(await body.json()).toMatchObject({ body: "x" });
});

test("garbage: bytes that are no HTTP are the endpoint's failure, and a GET goes elsewhere", async () => {
  await using lab = await rig();
  lab.endpoints.at(0).always({ kind: "garbage" });
  const { headers, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await body.dump();
  expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1 });
});

test("garbage: the caller is told so when there is nobody else", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "garbage" }, policy: { retry: "off" } });
  await expect(request("http://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
    message: expect.stringContaining("the answer is no HTTP response"),
  });
  expect(lab.held()).toEqual(NOTHING);
});

test.each([
  ["by length", { kind: "truncate", answer: { body: "0123456789" } }],
  ["in chunks", { kind: "truncate", answer: { body: "0123456789", chunked: true } }],
  ["by a reset", { kind: "reset", at: "body", answer: { body: "0123456789" } }],
] as const)("truncated %s: an error for the caller, a failure of the endpoint, and no retry", async (_, behaviour) => {
  await using lab = await rig({ behaviour });
  const { statusCode, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  expect(statusCode).toBe(200);
  await expect(body.text()).rejects.toMatchObject({ code: "CONNECTION_LOST", neverSent: false });
  expect(lab.endpoints.requestCount()).toBe(1);
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
  expect(lab.held()).toEqual(NOTHING);
});

test("silent endpoint: the attempt's timeout sends the call elsewhere", async () => {
  await using lab = await rig({ policy: { timeout: { attempt: "500ms", connect: "500ms" } } });
  lab.endpoints.at(0).always({ kind: "hang" });
  const { headers, body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await body.dump();
  expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
  expect(lab.journal.of("retry.started")).toMatchObject([{ why: "timeout" }]);
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
  await lab.endpoints.at(0).allClosed();
  expect(await lab.closed()).toEqual(NOTHING);
});

test("silent endpoint: a POST is not sent again, and the error says which attempt was late", async () => {
  await using lab = await rig({
    behaviour: { kind: "stall", at: "before-head" },
    policy: { timeout: { attempt: "500ms", connect: "500ms" } },
  });
  const sent = request("http://orders/", { dispatcher: lab.mesh.dispatcher, method: "POST", body: "x" });
  await expect(sent).rejects.toMatchObject({ code: "ATTEMPT_TIMEOUT", attempt: 1, service: "orders" });
  expect(lab.endpoints.requestCount()).toBe(1);
});

test("deadline: cuts a body that never ends, and the lease with it", async () => {
  await using lab = await rig({
    behaviour: { kind: "stall", at: "inside-body", answer: { body: "0123456789" } },
    policy: { timeout: { total: "600ms", attempt: "500ms", connect: "500ms" } },
  });
  const { body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await expect(body.text()).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0, pending: 0 });
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual(NOTHING);
});

test("deadline: a call may shorten it, and no attempt of that call outlives it", async () => {
  await using lab = await rig({ behaviour: { kind: "stall", at: "before-head" } });
  const dispatcher = lab.mesh.dispatcher.with({ timeoutMs: 50 });
  await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(lab.held()).toEqual(NOTHING);
});

test("idle: a body that stalls for longer than timeout.idle is cut", async () => {
  await using lab = await rig({
    behaviour: { kind: "stall", at: "inside-body", answer: { body: "0123456789" } },
    policy: { timeout: { idle: "200ms" } },
  });
  const { body } = await request("http://orders/", { dispatcher: lab.mesh.dispatcher });
  await expect(body.text()).rejects.toMatchObject({
    code: "CONNECTION_LOST",
    message: expect.stringContaining("timeout.idle") as string,
  });
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
});
