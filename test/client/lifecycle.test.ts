import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { endpoint } from "@weft/core";
import { createMesh } from "@weft/client";
import { startAgent } from "@weft/consul-dev";
import { fakeTime, memoryRegistry } from "@weft/testkit";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { NO_SUCH_NAME } from "../real/no-such-name.ts";
import { call } from "./node-http.ts";
import { NOTHING, rig } from "./rig.ts";

const run = promisify(execFile);
const STALL = { kind: "stall", at: "before-head" } as const;

describe("no endpoint to be had", () => {
  test("an empty answer of the registry is NO_ENDPOINTS", async () => {
    await using lab = await rig({ count: 0 });
    await expect(request("http://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
      code: "NO_ENDPOINTS",
      service: "orders",
      neverSent: true,
    });
    expect(lab.held()).toEqual(NOTHING);
  });

  test("one that cannot be dialled is named in NO_ENDPOINTS, with why and what to do", async () => {
    await using agent = await startAgent();
    for (const id of ["o1", "o2"]) agent.register({ Name: "orders", ID: id, Address: "10.0.0.1", Port: 0 });
    await using mesh = createMesh({ discovery: { consul: { url: agent.url } }, services: { orders: {} } });
    await expect(request("http://orders/", { dispatcher: mesh.dispatcher })).rejects.toMatchObject({
      code: "NO_ENDPOINTS",
      message: expect.stringMatching(
        /^service orders: the registry knows no endpoint that can be dialled: \S+\/o1 left out: port 0 cannot be dialled, and 1 more; correct what it registers$/,
      ) as string,
    });
  });

  test("all ejected by hand is ALL_EJECTED, until one is restored", async () => {
    await using lab = await rig();
    const orders = lab.mesh.service("orders");
    orders.eject("endpoint-1", 60_000);
    orders.eject("endpoint-2", Number.POSITIVE_INFINITY);
    const { dispatcher } = lab.mesh;
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({
      code: "ALL_EJECTED",
      message: expect.stringContaining("all 2 endpoints are ejected") as string,
    });
    orders.restore("endpoint-2");
    const { headers, body } = await request("http://orders/", { dispatcher });
    await body.dump();
    expect(headers["x-fake-endpoint"]).toBe("endpoint-2");
    expect(() => orders.eject("endpoint-3", 1)).toThrow("known: endpoint-1, endpoint-2");
  });

  test("a registry that never answers is NOT_READY after the time given, with what it said", async () => {
    const time = fakeTime();
    const registry = memoryRegistry({ clock: time });
    registry.fail("connection refused");
    await using mesh = createMesh({ registry, services: { orders: {} }, time, readyTimeout: "2s" });
    const sent = request("http://orders/", { dispatcher: mesh.dispatcher });
    const failed = expect(sent).rejects.toMatchObject({
      code: "NOT_READY",
      message: expect.stringContaining("within 2000 ms: connection refused") as string,
    });
    await time.advance(2_000);
    await failed;
    expect(mesh.stats().services["orders"]).toMatchObject({ calls: { running: 0 } });
    await mesh.close({ drainMs: 0 });
    expect(time.pending()).toBe(0);
  });

  test("nobody waits on once the registry has answered", async () => {
    const time = fakeTime();
    const registry = memoryRegistry({ clock: time });
    const mesh = createMesh({ registry, services: { orders: {} }, time, readyTimeout: "2s" });
    const ready = mesh.ready();
    registry.set("orders", []);
    await ready;
    await mesh.close();
    expect(time.pending()).toBe(0);
  });

  test("ready waits for a registry that cannot be reached as long as a call, or as its signal says, and is told why", async () => {
    const time = fakeTime();
    const registry = memoryRegistry({ clock: time });
    registry.fail("connection refused");
    const mesh = createMesh({ registry, services: { orders: {} }, time, readyTimeout: "2s" });
    const late = expect(mesh.ready()).rejects.toMatchObject({
      code: "NOT_READY",
      service: "orders",
      message:
        "service orders: memory orders has given no answer within 2000 ms: connection refused; put that right, or correct where the registry is",
    });
    await time.advance(2_000);
    await late;
    expect(time.pending()).toBe(0);
    await expect(mesh.ready(["orders"], AbortSignal.timeout(1))).rejects.toMatchObject({
      code: "NOT_READY",
      message: expect.stringContaining("in the time given: connection refused") as string,
      cause: expect.objectContaining({ name: "TimeoutError" }) as Error,
    });
    const reason = new Error("not wanted any more");
    await expect(mesh.ready(["orders"], AbortSignal.abort(reason))).rejects.toBe(reason);
    // @ts-expect-error: no service of this mesh
    await expect(mesh.ready(["orders", "order"])).rejects.toMatchObject({ code: "UNKNOWN_SERVICE" });
    const closed = expect(mesh.ready()).rejects.toMatchObject({ code: "CLOSED" });
    await mesh.close({ drainMs: 0 });
    await closed;
    expect(time.pending()).toBe(0);
  });

  test("a call that comes before the registry's first answer waits for it", async () => {
    await using lab = await rig({ count: 1 });
    const registry = memoryRegistry();
    registry.set("orders", []);
    registry.stall();
    await using mesh = createMesh({ registry, services: { other: {}, orders: {} } });
    const sent = request("http://other/", { dispatcher: mesh.dispatcher });
    registry.set("other", lab.endpoints.asEndpoints());
    registry.recover();
    const { statusCode, body } = await sent;
    await body.dump();
    expect(statusCode).toBe(200);
  });

  test("a name that nobody registered is told with those that are known", async () => {
    await using lab = await rig();
    await expect(request("http://odrers.mesh/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
      code: "UNKNOWN_SERVICE",
      message: expect.stringContaining("known: orders") as string,
    });
  });
});

test("an endpoint may have a name for an address", async () => {
  await using lab = await rig({ count: 1 });
  const { port } = lab.endpoints.at(0);
  lab.registry.set("orders", [endpoint({ host: "localhost", port })]);
  expect(await (await lab.mesh.fetch("http://orders/")).json()).toMatchObject({ endpoint: "endpoint-1" });
  expect((await call("http://orders/", { agent: lab.mesh.agent() })).endpoint).toBe("endpoint-1");
});

test("an endpoint whose name resolves to nothing fails the connect", async () => {
  await using lab = await rig({
    registered: [endpoint({ host: NO_SUCH_NAME, port: 80 })],
    policy: { retry: "off" },
  });
  await expect(lab.mesh.fetch("http://orders/")).rejects.toMatchObject({
    cause: {
      code: "CONNECT_FAILED",
      neverSent: true,
      cause: { code: "ENOTFOUND" },
    },
  });
  expect(lab.held()).toEqual(NOTHING);
});

test("configure changes the rules, and keeps measurements, ejections and connections", async () => {
  await using lab = await rig();
  const { dispatcher } = lab.mesh;
  await (await request("http://orders/", { dispatcher })).body.dump();
  lab.mesh.service("orders").eject("endpoint-2", Number.POSITIVE_INFINITY);
  const before = lab.stats();
  lab.mesh.configure({ services: { orders: { balancer: { kind: "round-robin" }, limits: { calls: 7 } } } });
  const after = lab.stats();
  expect(after).toMatchObject({ balancer: "round-robin", calls: { most: 7 }, connections: { running: 1 } });
  expect(after.endpoints.map(({ attempts, available }) => ({ attempts, available }))).toEqual(
    before.endpoints.map(({ attempts, available }) => ({ attempts, available })),
  );
  expect(after.endpoints[0]?.latencyMs).toBeGreaterThan(0);
  for (let i = 0; i < 3; i++) await (await request("http://orders/", { dispatcher })).body.dump();
  expect(lab.endpoints.all.map(({ connections }) => connections)).toEqual([1, 0]);
});

test("configure with a mistake changes nothing", async () => {
  await using lab = await rig({ policy: { limits: { calls: 7 } } });
  expect(() => lab.mesh.configure({ services: { orders: { limits: { calls: -1 } } } })).toThrow("limits.calls");
  expect(lab.stats().calls.most).toBe(7);
});

test("an endpoint that left the registry finishes what it has, and gets nothing new", async () => {
  await using lab = await rig({ behaviour: STALL });
  const { dispatcher } = lab.mesh;
  const running = request("http://orders/", { dispatcher });
  await lab.endpoints.at(0).stalled();
  lab.registry.set("orders", [lab.endpoints.at(1).asEndpoint()]);
  lab.endpoints.at(1).always({});
  await (await request("http://orders/", { dispatcher })).body.dump();
  lab.endpoints.at(0).release();
  const { headers, body } = await running;
  await body.dump();
  expect(headers["x-fake-endpoint"]).toBe("endpoint-1");
  await lab.endpoints.at(0).allClosed();
  expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
});

describe("close", () => {
  test("lets running calls end within the drain time, and takes no new one", async () => {
    await using lab = await rig({ count: 1, behaviour: STALL });
    const { dispatcher, fetch } = lab.mesh;
    const running = request("http://orders/", { dispatcher });
    await lab.endpoints.at(0).stalled();
    const closing = lab.mesh.close({ drainMs: 60_000 });
    await expect(request("http://orders/", { dispatcher })).rejects.toMatchObject({ code: "CLOSED", neverSent: true });
    await expect(fetch("http://orders/")).rejects.toMatchObject({ cause: { code: "CLOSED" } });
    lab.endpoints.at(0).release();
    const { statusCode, body } = await running;
    await body.dump();
    expect(statusCode).toBe(200);
    await closing;
    await lab.endpoints.at(0).allClosed();
    expect(lab.held()).toEqual(NOTHING);
  });

  test("cuts with CLOSED what runs longer", async () => {
    await using lab = await rig({ count: 1, behaviour: STALL });
    const running = request("http://orders/", { dispatcher: lab.mesh.dispatcher });
    const failed = expect(running).rejects.toMatchObject({ code: "CLOSED" });
    await lab.endpoints.at(0).stalled();
    await lab.mesh.close({ drainMs: 20 });
    await failed;
    await lab.endpoints.at(0).allClosed();
    expect(lab.held()).toEqual(NOTHING);
  });

  test("with less patience cuts what one with more waits for", async () => {
    await using lab = await rig({ count: 1, behaviour: STALL });
    const running = request("http://orders/", { dispatcher: lab.mesh.dispatcher });
    await lab.endpoints.at(0).stalled();
    const patient = lab.mesh.close({ drainMs: 600_000 });
    await lab.mesh.close({ drainMs: 0 });
    await expect(running).rejects.toMatchObject({ code: "CLOSED" });
    await patient;
    expect(lab.held()).toEqual(NOTHING);
  });

  test("is one and the same however often it is asked for, and a call after it is CLOSED", async () => {
    await using lab = await rig();
    await (await request("http://orders/", { dispatcher: lab.mesh.dispatcher })).body.dump();
    await Promise.all([lab.mesh.close(), lab.mesh.close({ drainMs: 0 }), lab.mesh.dispatcher.close()]);
    await expect(request("http://orders/", { dispatcher: lab.mesh.dispatcher })).rejects.toMatchObject({
      code: "CLOSED",
    });
    expect(() => lab.mesh.service("orders")).toThrow("closed");
    expect(lab.registry.watches("orders")).toBe(0);
  });

  test("leaves a process with nothing to wait for", async () => {
    const child = fileURLToPath(new URL("exits.ts", import.meta.url));
    // Were a handle left open, the process would not end and the test would time out.
    const { stdout } = await run(process.execPath, ["--conditions=@weft/source", child], { timeout: 50_000 });
    expect(stdout.trim()).toBe("closed");
  });
});
