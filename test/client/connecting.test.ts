import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { fakeEndpoint } from "@weft/testkit";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { fullEndpoint } from "./full-endpoint.ts";
import { call, responseOf } from "./node-http.ts";
import { NOTHING, rig } from "./rig.ts";

const PATIENT = { timeout: { connect: "20s", attempt: "20s", total: "30s" } } as const;
/** Too little for a connect that lasts, and much for one that does not. */
const HASTY = { timeout: { connect: "1s" } } as const;
const POST = { method: "POST", body: "two apples" } as const;

/** The two ways in that have connections of their own. */
const CLIENTS = [
  [
    "dispatcher",
    (lab: Lab) =>
      request("http://orders/", { dispatcher: lab.mesh.dispatcher, ...POST }).then(({ body }) => body.json()),
  ],
  [
    "agent",
    (lab: Lab) =>
      call("http://orders/", { agent: lab.mesh.agent(), ...POST }).then(({ body }) => JSON.parse(body) as unknown),
  ],
] as const;
type Lab = Awaited<ReturnType<typeof rig>>;

describe.each(CLIENTS)("a connect that lasts, by the %s", (_, send) => {
  test("ends by timeout.connect, and the call goes elsewhere whatever its method", async () => {
    await using full = await fullEndpoint();
    await using well = await fakeEndpoint({ name: "well" });
    await using lab = await rig({ count: 0, registered: [full.endpoint, well.asEndpoint()], policy: HASTY });
    expect(await send(lab)).toMatchObject({ endpoint: "well", body: "two apples" });
    expect(lab.stats().endpoints.map(({ failed, pending }) => ({ failed, pending }))).toEqual([
      { failed: 1, pending: 0 },
      { failed: 0, pending: 0 },
    ]);
    expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
    expect(await lab.closed()).toEqual(NOTHING);
  });

  test("ends by timeout.attempt, and the call goes elsewhere, for nothing was sent", async () => {
    await using full = await fullEndpoint();
    await using well = await fakeEndpoint({ name: "well" });
    const policy = { timeout: { connect: "1s", attempt: "1s" } } as const;
    await using lab = await rig({ count: 0, registered: [full.endpoint, well.asEndpoint()], policy });
    expect(await send(lab)).toMatchObject({ endpoint: "well", body: "two apples" });
    expect(lab.held()).toEqual({ calls: 0, pending: 0, connections: 1 });
    expect(await lab.closed()).toEqual(NOTHING);
  });

  test("names timeout.connect when there is nobody else", async () => {
    await using full = await fullEndpoint();
    await using lab = await rig({ count: 0, registered: [full.endpoint], policy: { ...HASTY, retry: "off" } });
    await expect(send(lab)).rejects.toMatchObject({
      code: "CONNECT_FAILED",
      neverSent: true,
      message: expect.stringContaining("timeout.connect") as string,
    });
    expect(lab.held()).toEqual(NOTHING);
  });

  test("ends by the deadline at the latest", async () => {
    await using full = await fullEndpoint();
    const policy = { timeout: { connect: "90ms", attempt: "90ms", total: "100ms" }, retry: { maxRetries: 3 } } as const;
    await using lab = await rig({
      count: 0,
      registered: [full.endpoint],
      policy,
    });
    await expect(send(lab)).rejects.toMatchObject({
      code: expect.stringMatching(/DEADLINE_EXCEEDED|CONNECT_FAILED|ATTEMPT_TIMEOUT/) as string,
    });
    expect(lab.held()).toEqual(NOTHING);
  });

  test("ends when the mesh is closed", async () => {
    await using full = await fullEndpoint();
    await using lab = await rig({ count: 0, registered: [full.endpoint], policy: PATIENT });
    const failed = expect(send(lab)).rejects.toMatchObject({ code: "CLOSED" });
    await turns();
    expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
    expect(await lab.closed()).toEqual(NOTHING);
    await failed;
  });

  test("counts in limits.connections", async () => {
    await using full = await fullEndpoint();
    await using lab = await rig({
      count: 0,
      registered: [full.endpoint],
      policy: { ...PATIENT, limits: { connections: 1 } },
    });
    const first = send(lab).catch((error: unknown) => error);
    await turns();
    await expect(send(lab)).rejects.toMatchObject({ code: "OVERLOADED" });
    expect(await lab.closed()).toEqual(NOTHING);
    expect(await first).toMatchObject({ code: "CLOSED" });
  });
});

test("a request of node:http destroyed while it connects ends at once, as node:http says it", async () => {
  await using full = await fullEndpoint();
  await using lab = await rig({ count: 0, registered: [full.endpoint], policy: PATIENT });
  const sent = httpRequest("http://orders/", { agent: lab.mesh.agent() });
  sent.end();
  const failed = expect(responseOf(sent)).rejects.toMatchObject({ code: "ECONNRESET", message: "socket hang up" });
  await turns();
  expect(lab.held()).toEqual({ calls: 1, pending: 1, connections: 1 });
  sent.destroy();
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
  await failed;
  expect(Object.keys(lab.mesh.agent().sockets)).toEqual([]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a request of node:http destroyed with an error ends with that error", async () => {
  await using full = await fullEndpoint();
  await using lab = await rig({ count: 0, registered: [full.endpoint], policy: PATIENT });
  const sent = httpRequest("http://orders/", { agent: lab.mesh.agent() });
  const failed = expect(responseOf(sent)).rejects.toThrow("changed my mind");
  await turns();
  const closed = new Promise((resolve) => sent.once("close", resolve));
  sent.destroy(new Error("changed my mind"));
  sent.destroy(new Error("and again"));
  await Promise.all([failed, closed]);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a request of node:http destroyed in the pause before a retry makes no further attempt", async () => {
  // The longest pause that full jitter may draw.
  const random = { unit: () => 0.999, below: (bound: number) => bound - 1 };
  await using lab = await rig({
    count: 1,
    policy: { retry: { backoff: { base: "10s", max: "10s" } }, timeout: { total: "60s" } },
    mesh: { random },
  });
  await lab.endpoints.at(0).refuse();
  const sent = httpRequest("http://orders/", { agent: lab.mesh.agent() });
  sent.on("error", () => {});
  sent.end();
  await lab.journal.next("retry.started");
  const closed = new Promise((resolve) => sent.once("close", resolve));
  sent.destroy();
  await closed;
  expect(lab.stats().endpoints[0]).toMatchObject({ attempts: 1, pending: 0 });
  expect(lab.held()).toEqual(NOTHING);
  expect(await lab.closed()).toEqual(NOTHING);
});

test("a request of node:http may be aborted while the mesh waits for the registry's first answer", async () => {
  await using lab = await rig({ count: 1 });
  lab.registry.stall();
  const { createMesh } = await import("@weft/client");
  await using mesh = createMesh({ registry: lab.registry, services: { payments: {} } });
  const abort = new AbortController();
  const sent = httpRequest("http://payments/", { agent: mesh.agent(), signal: abort.signal });
  const failed = expect(responseOf(sent)).rejects.toMatchObject({ name: "AbortError" });
  await turns();
  abort.abort();
  await failed;
  expect(mesh.stats().services["payments"]).toMatchObject({ calls: { running: 0 } });
});

test("an upload that its endpoint cuts off is told as node:http tells it", async () => {
  await using lab = await rig({ count: 1, behaviour: { kind: "hang" } });
  const sent = httpRequest("http://orders/", { agent: lab.mesh.agent(), method: "POST" });
  const failed = expect(responseOf(sent)).rejects.toMatchObject({
    code: expect.stringMatching(/ECONNRESET|EPIPE/) as string,
  });
  sent.write(Buffer.alloc(1_000_000));
  await once(sent, "socket");
  await lab.endpoints.at(0).connected();
  lab.endpoints.at(0).resetAll();
  await failed;
  expect(lab.stats().endpoints[0]).toMatchObject({ failed: 1, pending: 0 });
  expect(lab.held()).toMatchObject({ calls: 0, pending: 0 });
});

/** Lets what can go on go on: a connect on loopback that would succeed has done so by then. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}
