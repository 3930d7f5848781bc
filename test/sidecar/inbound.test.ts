import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPolicy, type InboundInput, type SidecarInput } from "@weft/config";
import { endpoint } from "@weft/core";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { fakeEndpoint, type FakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, portOf, sidecarRig } from "./rig.ts";

async function app(): Promise<FakeEndpoint> {
  const started = await fakeEndpoint({ name: "app" });
  onTestFinished(() => started.close());
  return started;
}

async function before(
  address: InboundInput["app"],
  inbound: Partial<InboundInput> = {},
  rest: SidecarInput = {},
): Promise<{ readonly sidecar: Sidecar; readonly port: number }> {
  const policy = { listen: "127.0.0.1:0", app: address, ...inbound } as const;
  const checked = checkPolicy(
    { version: 1, sidecar: { inbound: policy, ...rest }, telemetry: { accessLog: "off" } },
    { home: "sidecar" },
  );
  const sidecar = await createSidecar({ policy: checked.policy });
  onTestFinished(() => sidecar.close());
  return { sidecar, port: portOf(sidecar, "inbound") };
}

test("sends every request to the app, whatever its Host", async () => {
  const { host, port: appPort } = await app();
  const { port } = await before(`${host}:${appPort}`);
  const answer = await call(port, "/a", { host: "web.example.org", headers: { "x-own": "1" } });
  expect(JSON.parse(answer.body)).toMatchObject({
    endpoint: "app",
    path: "/a",
    headers: { host: "web.example.org", "x-own": "1" },
  });
});

test("answers 503 in the place of an app that is not up, and serves once it is", async () => {
  const late = createServer((_request, response) => void response.end("up"));
  late.listen(0, "127.0.0.1");
  await once(late, "listening");
  const address = late.address();
  const appPort = typeof address === "object" && address !== null ? address.port : 0;
  late.close();
  await once(late, "close");
  const { port } = await before(`127.0.0.1:${appPort}`);
  const down = await call(port, "/");
  expect(down.status).toBe(503);
  expect(down.headers["retry-after"]).toBe("1");
  expect(JSON.parse(down.body)).toMatchObject({ code: "CONNECT_FAILED" });
  late.listen(appPort, "127.0.0.1");
  await once(late, "listening");
  onTestFinished(() => void late.close());
  expect((await call(port, "/")).body).toBe("up");
});

test("learns how many calls the app takes at once, and refuses what is beyond", async () => {
  const endpoint = await app();
  endpoint.always({ kind: "stall", at: "before-head" });
  const { port } = await before(`${endpoint.host}:${endpoint.port}`, { limits: { calls: 100, adaptive: "gradient2" } });
  const running = Array.from({ length: 20 }, () => call(port, "/")); // as many as it begins with
  await endpoint.stalled(20);
  const beyond = await call(port, "/");
  expect(beyond.status).toBe(503);
  expect(JSON.parse(beyond.body)).toMatchObject({
    code: "OVERLOADED",
    detail: expect.stringContaining("limits.adaptive: 20 calls are running"),
  });
  endpoint.release();
  expect((await Promise.all(running)).map(({ status }) => status)).toEqual(Array(20).fill(200));
});

test("refuses more calls at once than the policy allows, with 503 at once", async () => {
  const endpoint = await app();
  endpoint.next({ kind: "stall", at: "before-head" });
  const { port } = await before(`${endpoint.host}:${endpoint.port}`, { limits: { calls: 1 } });
  const first = call(port, "/");
  await endpoint.stalled();
  const second = await call(port, "/");
  expect(second.status).toBe(503);
  expect(second.headers).not.toHaveProperty("x-envoy-overloaded");
  endpoint.release();
  expect((await first).status).toBe(200);
});

test("a refusal for want of room is repeated by its caller where another endpoint has room", async () => {
  const [full, free] = [await app(), await app()];
  full.next({ kind: "stall", at: "before-head" });
  const inbound = [
    await before(`${full.host}:${full.port}`, { limits: { calls: 1 } }),
    await before(`${free.host}:${free.port}`, { limits: { calls: 1 } }),
  ];
  const registered = inbound.map(({ port }, i) => ({ ...endpoint({ host: "127.0.0.1", port }), id: `orders-${i}` }));
  const rig = await sidecarRig({ count: 0, registered });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const first = call(rig.port, "/");
  await full.stalled();
  expect(await call(rig.port, "/")).toMatchObject({ status: 200 });
  expect([full.requests.length, free.requests.length]).toEqual([1, 1]);
  full.release();
  expect((await first).status).toBe(200);
});

test("never repeats a request that the app may have seen", async () => {
  const endpoint = await app();
  endpoint.next({ kind: "reset", at: "request" });
  const { port } = await before(`${endpoint.host}:${endpoint.port}`);
  expect((await call(port, "/")).status).toBe(502);
  expect(endpoint.requests).toHaveLength(1);
});

test("refuses a request whose deadline has passed, and the app does not hear of it", async () => {
  const local = await app();
  const { port } = await before(`${local.host}:${local.port}`);
  const answer = await call(port, "/", { headers: { "x-request-deadline-ms": "0" } });
  expect(answer.status).toBe(504);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(local.requests).toEqual([]);
});

test("gives up an answer that does not begin in time", async () => {
  const endpoint = await app();
  endpoint.next({ kind: "stall", at: "before-head" });
  const { port } = await before(`${endpoint.host}:${endpoint.port}`, { timeouts: { total: "50ms" } });
  expect((await call(port, "/")).status).toBe(504);
});

test("a drain lets what runs finish, and takes no connection any more", async () => {
  const endpoint = await app();
  endpoint.next({ kind: "stall", at: "before-head" });
  const { port, sidecar } = await before(`${endpoint.host}:${endpoint.port}`);
  const running = call(port, "/");
  await endpoint.stalled();
  const drained = sidecar.drain({ graceMs: 10_000 });
  await expect(call(port, "/")).rejects.toThrow("ECONNREFUSED");
  endpoint.release();
  const answer = await running;
  expect(answer.status).toBe(200);
  expect(answer.headers.connection).toBe("close");
  expect(await drained).toMatchObject({ finished: 1, cut: 0 });
});

test("a drain cuts what runs longer than the grace, and counts it", async () => {
  const endpoint = await app();
  endpoint.next({ kind: "stall", at: "before-head" });
  const { port, sidecar } = await before(`${endpoint.host}:${endpoint.port}`);
  const running = call(port, "/").then(
    () => "answered",
    () => "cut",
  );
  await endpoint.stalled();
  expect(await sidecar.drain({ graceMs: 50 })).toMatchObject({ finished: 0, cut: 1 });
  expect(await running).toBe("cut");
});

test("an app on a unix socket is called there", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-app-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "app.sock");
  const server = createServer((request, response) => void response.end(`here ${request.url}`));
  server.listen(path);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = await before(`unix:${path}`);
  expect((await call(port, "/a")).body).toBe("here /a");
});
