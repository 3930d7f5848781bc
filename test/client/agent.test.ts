import { once } from "node:events";
import { request } from "node:http";
import { endpoint } from "@weft/core";
import { fakeEndpoint, fakeTime, seededRandom } from "@weft/testkit";
import { create as createAxios } from "axios";
import got from "got";
import { expect, test } from "vitest";
import { echoEndpoint } from "./echo-endpoint.ts";
import { answerOf, call, responseOf } from "./node-http.ts";
import { NOTHING, rig } from "./rig.ts";

const ROUND_ROBIN = { balancer: { kind: "round-robin" } } as const;

test("balances each request, on kept connections, and leaves Host to the service", async () => {
  await using lab = await rig({ policy: ROUND_ROBIN });
  const agent = lab.mesh.agent();
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) seen.push((await call("http://orders/v1", { agent })).endpoint);
  expect(seen.filter((name) => name === "endpoint-1")).toHaveLength(3);
  expect(lab.endpoints.all.map(({ connections }) => connections)).toEqual([1, 1]);
  expect(lab.endpoints.at(0).requests[0]?.headers["host"]).toBe("orders");
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 2 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("serves axios with its default adapter", async () => {
  await using lab = await rig({ policy: ROUND_ROBIN });
  const client = createAxios({ httpAgent: lab.mesh.agent(), proxy: false });
  const { data, status } = await client.post("http://orders/v1/7", { apples: 2 });
  expect({ status, body: data.body }).toEqual({ status: 200, body: '{"apples":2}' });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("serves got", async () => {
  await using lab = await rig();
  const client = got.extend({ agent: { http: lab.mesh.agent() }, retry: { limit: 0 } });
  const { body } = await client.put("http://orders/v1/7", { json: { apples: 2 } });
  expect(JSON.parse(body)).toMatchObject({ method: "PUT", path: "/v1/7", body: '{"apples":2}' });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("lets requests to other hosts pass as a plain agent does", async () => {
  await using lab = await rig({ count: 1 });
  await using outside = await fakeEndpoint({ name: "outside" });
  const agent = lab.mesh.agent();
  for (let i = 0; i < 3; i++) expect((await call(outside.origin, { agent })).endpoint).toBe("outside");
  expect(outside.connections).toBe(1);
  expect(lab.stats().calls.running).toBe(0);
});

test.each([
  { headers: {}, most: 5_000, why: "what is left of the call" },
  { headers: { "X-Request-Deadline-Ms": "400" }, most: 400, why: "the caller's own, which is shorter" },
  { headers: { "x-envoy-expected-rq-timeout-ms": "300" }, most: 300, why: "Envoy's, which is shorter" },
  { headers: ["host", "orders", "x-a", "1"], most: 5_000, why: "what is left, in headers given as an array" },
  { headers: ["Host", "orders", "X-Request-Deadline-Ms", "400"], most: 400, why: "the caller's own, in an array" },
])("tells the endpoint how long the answer is waited for: $why", async ({ headers, most }) => {
  await using lab = await rig({ count: 1, policy: { timeout: { total: "5s" } }, mesh: { time: fakeTime() } });
  await call("http://orders/", { agent: lab.mesh.agent(), headers });
  expect(lab.endpoints.at(0).requests[0]?.headers["x-request-deadline-ms"]).toBe(String(most));
});

test("tells it anew with each attempt, for as long as the app has written nothing", async () => {
  const time = fakeTime();
  const retry = { maxRetries: 2, backoff: { base: "200ms", max: "1s" } } as const;
  const policy = { timeout: { total: "5s" }, retry } as const;
  await using lab = await rig({ count: 3, policy, mesh: { time, random: seededRandom(7) } });
  for (const at of [0, 1]) await lab.endpoints.at(at).refuse();
  const started = request("http://orders/", { agent: lab.mesh.agent(), method: "PUT" });
  const connected = once(started, "socket");
  let pausedMs = 0;
  for (let retries = 1; retries <= 2; retries++) {
    const { pauseMs } = await lab.journal.next("retry.started");
    expect(pauseMs).toBeGreaterThan(1);
    pausedMs += pauseMs;
    await time.advance(pauseMs);
  }
  await connected;
  await answerOf(await responseOf(started.end()));
  const left = Number(lab.endpoints.at(2).requests[0]?.headers["x-request-deadline-ms"]);
  expect(left).toBeLessThanOrEqual(5_000 - pausedMs);
  expect(left).toBeGreaterThan(5_000 - pausedMs - 3); // each attempt says whole milliseconds
});

test("leaves headers alone that node:http has sent already", async () => {
  await using lab = await rig({ count: 1, policy: { timeout: { total: "5s" } } });
  const headers = ["host", "orders", "expect", "100-continue"]; // which it sends at once
  const sent = request("http://orders/", { agent: lab.mesh.agent(), headers });
  await answerOf(await responseOf(sent.end()));
  const received = lab.endpoints.at(0).requests[0]?.headers;
  expect(received).toMatchObject({ host: "orders", expect: "100-continue" });
  expect(received?.["x-request-deadline-ms"]).toBeUndefined();
});

test.each([
  ["GET", ""],
  ["POST", "two apples"],
])("tries another endpoint when a connection is refused: %s", async (method, body) => {
  await using lab = await rig();
  await lab.endpoints.at(0).refuse();
  const answer = await call("http://orders/", { agent: lab.mesh.agent(), method, body });
  expect(answer.endpoint).toBe("endpoint-2");
  expect(JSON.parse(answer.body).body).toBe(body);
  expect(lab.journal.of("retry.started")).toMatchObject([{ service: "orders", why: "connect-failure" }]);
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([1, 0]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("tells why no endpoint could be reached, with the first cause", async () => {
  await using lab = await rig({ count: 1 });
  const agent = lab.mesh.agent();
  await lab.endpoints.at(0).refuse();
  await expect(call("http://orders/", { agent })).rejects.toMatchObject({
    code: "CONNECT_FAILED",
    service: "orders",
    neverSent: true,
    cause: { code: "ECONNREFUSED" },
  });
  expect(Object.keys(agent.sockets)).toEqual([]);
  expect(lab.held()).toEqual(NOTHING);
});

test("does not repeat once the request may have been sent, and blames the endpoint", async () => {
  await using lab = await rig({ behaviour: { kind: "reset", at: "request" } });
  await expect(call("http://orders/", { agent: lab.mesh.agent() })).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(lab.endpoints.requestCount()).toBe(1);
  expect(lab.stats().endpoints.map(({ failed }) => failed)).toEqual([1, 0]);
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("does not blame an endpoint for a kept connection that went stale", async () => {
  await using lab = await rig({ count: 1 });
  const agent = lab.mesh.agent();
  await call("http://orders/", { agent });
  lab.endpoints.at(0).next({ kind: "reset", at: "request" });
  const sent = request("http://orders/", { agent });
  sent.end();
  await expect(responseOf(sent)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(sent.reusedSocket).toBe(true);
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("ends a request destroyed while connecting in that very tick", async () => {
  // Nothing has gone out yet in this tick, so that it does not matter who is there.
  await using lab = await rig({
    registered: [endpoint({ host: "192.0.2.1", port: 80 })],
    policy: { timeout: { connect: "10s" } },
  });
  const agent = lab.mesh.agent();
  const sent = request("http://orders/", { agent });
  expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
  sent.destroy();
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  await expect(responseOf(sent)).rejects.toMatchObject({ code: "ECONNRESET", message: "socket hang up" });
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test.each([
  ["before the head", { kind: "stall", at: "before-head" }],
  ["inside the body", { kind: "stall", at: "inside-body", answer: { body: "0123456789" } }],
] as const)("holds nothing after a request was destroyed %s", async (_, behaviour) => {
  await using lab = await rig({ count: 1, behaviour });
  const sent = request("http://orders/", { agent: lab.mesh.agent() });
  sent.on("error", () => {});
  sent.end();
  await lab.endpoints.at(0).stalled();
  if (behaviour.at === "inside-body") await once(sent, "response");
  const closed = new Promise((resolve) => sent.once("close", resolve));
  sent.destroy();
  await closed;
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("obeys the signal of a request", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const abort = new AbortController();
  const sent = call("http://orders/", { agent: lab.mesh.agent(), signal: abort.signal });
  await lab.endpoints.at(0).stalled();
  abort.abort();
  await expect(sent).rejects.toMatchObject({ name: "AbortError" });
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("reads an answer away that nobody listens for", async () => {
  await using lab = await rig({ count: 1 });
  const sent = request("http://orders/", { agent: lab.mesh.agent() });
  sent.end();
  await once(sent, "close");
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0, connections: 1 });
});

test("blames the endpoint for an answer cut inside its body", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "truncate" } });
  const sent = request("http://orders/", { agent: lab.mesh.agent() });
  sent.end();
  const response = await responseOf(sent);
  await expect(answerOf(response)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("ends an attempt that gets no head in time", async () => {
  const time = fakeTime();
  await using lab = await rig({
    count: 1,
    behaviour: { kind: "stall", at: "before-head" },
    policy: { timeout: { attempt: "50ms", connect: "50ms" } },
    mesh: { time },
  });
  const late = expect(call("http://orders/", { agent: lab.mesh.agent() })).rejects.toMatchObject({
    code: "ATTEMPT_TIMEOUT",
  });
  await lab.endpoints.at(0).stalled();
  await time.advance(50);
  await late;
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
  expect(await lab.closed()).toEqual(NOTHING);
});

test("ends a body that outlasts the deadline", async () => {
  const time = fakeTime();
  await using lab = await rig({
    count: 1,
    behaviour: { kind: "stall", at: "inside-body" },
    policy: { timeout: { total: "600ms", attempt: "500ms", connect: "500ms" } },
    mesh: { time },
  });
  const sent = request("http://orders/", { agent: lab.mesh.agent() });
  sent.on("error", () => {});
  sent.end();
  const cut = expect(answerOf(await responseOf(sent))).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await time.advance(600);
  await cut;
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("names the limit that is reached", async () => {
  await using lab = await rig({
    count: 1,
    behaviour: { kind: "stall", at: "before-head" },
    policy: { limits: { connections: 1 } },
  });
  const agent = lab.mesh.agent();
  const first = call("http://orders/", { agent });
  await lab.endpoints.at(0).stalled();
  await expect(call("http://orders/", { agent })).rejects.toMatchObject({
    code: "OVERLOADED",
    message: expect.stringContaining("limits.connections") as string,
  });
  lab.endpoints.at(0).release();
  await first;
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
});

test("ends an idle connection to one endpoint for one to another", async () => {
  await using lab = await rig({ policy: { ...ROUND_ROBIN, limits: { connections: 1 } } });
  const agent = lab.mesh.agent();
  for (let i = 0; i < 4; i++) await call("http://orders/", { agent });
  expect(lab.endpoints.all.map(({ connections }) => connections)).toEqual([2, 2]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("holds the lease of an upgraded connection until it closes", async () => {
  await using echo = await echoEndpoint();
  await using lab = await rig({ count: 0, registered: [echo.endpoint] });
  const sent = request("http://orders/", {
    agent: lab.mesh.agent(),
    headers: { connection: "upgrade", upgrade: "echo" },
  });
  sent.end();
  const [, socket] = await once(sent, "upgrade");
  expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
  socket.write("hello");
  expect(String((await once(socket, "data"))[0])).toBe("hello");
  const closed = once(socket, "close");
  socket.destroy();
  await closed;
  expect(lab.held()).toEqual(NOTHING);
});

test("refuses while the circuit is open, and touches no socket", async () => {
  await using lab = await rig({
    behaviour: { status: 500, body: "" },
    policy: { breaker: { failureRatio: 0.5, minimumCalls: 3, coolDown: "1m" }, outliers: "off" },
  });
  const agent = lab.mesh.agent();
  for (let i = 0; i < 3; i++) expect((await call("http://orders/", { agent })).status).toBe(500);
  const before = lab.endpoints.requestCount();
  await expect(call("http://orders/", { agent })).rejects.toMatchObject({ code: "CIRCUIT_OPEN" });
  expect(lab.endpoints.requestCount()).toBe(before);
});

test("tells of a name that the mesh should know and does not", async () => {
  await using lab = await rig({ count: 1 });
  await expect(call("http://odrers.mesh/", { agent: lab.mesh.agent() })).rejects.toMatchObject({
    code: "UNKNOWN_SERVICE",
  });
});

test("lets running requests end when the mesh closes, and takes no new one", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const agent = lab.mesh.agent();
  const running = call("http://orders/", { agent });
  await lab.endpoints.at(0).stalled();
  const closing = lab.mesh.close({ drainMs: 60_000 });
  await expect(call("http://orders/", { agent })).rejects.toMatchObject({ code: "CLOSED" });
  lab.endpoints.at(0).release();
  expect((await running).status).toBe(200);
  await closing;
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual(NOTHING);
});

test("cuts requests that outlast the drain time", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "stall", at: "before-head" } });
  const running = call("http://orders/", { agent: lab.mesh.agent() });
  await lab.endpoints.at(0).stalled();
  const [, error] = await Promise.all([lab.mesh.close({ drainMs: 0 }), running.catch((reason: unknown) => reason)]);
  expect(error).toMatchObject({ code: "CLOSED" });
  expect(lab.held()).toEqual(NOTHING);
});
