import { once } from "node:events";
import { createServer, request } from "node:http";
import type { Socket } from "node:net";
import { checkPolicy, type InboundInput, type Policy } from "@weft/config";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { fakeEndpoint, type FakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type Answer, call, portOf, sidecarRig } from "./rig.ts";

async function app(name = "app"): Promise<FakeEndpoint> {
  const started = await fakeEndpoint({ name });
  onTestFinished(() => started.close());
  return started;
}

function policyOf(appAt: InboundInput["app"], reportLoad: boolean): Policy {
  const inbound = { listen: "127.0.0.1:0", app: appAt, reportLoad } as const;
  return checkPolicy({ version: 1, sidecar: { inbound }, telemetry: { accessLog: "off" } }, { home: "sidecar" }).policy;
}

async function before(
  appAt: InboundInput["app"],
  reportLoad = true,
): Promise<{ readonly sidecar: Sidecar; readonly port: number }> {
  const sidecar = await createSidecar({ policy: policyOf(appAt, reportLoad) });
  onTestFinished(() => sidecar.close());
  return { sidecar, port: portOf(sidecar, "inbound") };
}

function loadIn({ headers }: Answer): unknown {
  return headers["endpoint-load-metrics"];
}

const IDLE = expect.stringMatching(/^TEXT named_metrics\.rif=0,named_metrics\.latency_ms=\d+(\.\d{1,3})?$/);

test("answers say how many requests the app has in flight besides, and what one takes", async () => {
  const endpoint = await app();
  const { port } = await before(`${endpoint.host}:${endpoint.port}`);
  expect(loadIn(await call(port, "/"))).toEqual(IDLE);
  endpoint.next({ kind: "stall", at: "before-head" });
  const stalled = call(port, "/");
  await endpoint.stalled();
  expect(loadIn(await call(port, "/"))).toMatch(/^TEXT named_metrics\.rif=1,/);
  endpoint.release();
  await stalled;
  expect(loadIn(await call(port, "/"))).toEqual(IDLE);
});

test("nothing is said unless it was asked for, and a reload changes that under way", async () => {
  const endpoint = await app();
  const at = `${endpoint.host}:${endpoint.port}` as const;
  const { sidecar, port } = await before(at, false);
  expect(loadIn(await call(port, "/"))).toBeUndefined();
  endpoint.next({ kind: "stall", at: "before-head" });
  const early = call(port, "/");
  await endpoint.stalled();
  await sidecar.reload(policyOf(at, true));
  expect(loadIn(await call(port, "/"))).toEqual(IDLE); // what came before is not counted
  endpoint.release();
  expect(loadIn(await early)).toBeUndefined();
  await sidecar.reload(policyOf(at, false));
  expect(loadIn(await call(port, "/"))).toBeUndefined();
});

test("an app that says itself how loaded it is knows better", async () => {
  const endpoint = await app();
  endpoint.always({ headers: { "endpoint-load-metrics": "JSON {}" } });
  const { port } = await before(`${endpoint.host}:${endpoint.port}`);
  expect(loadIn(await call(port, "/"))).toBe("JSON {}");
});

test("what fails says nothing of what a request takes", async () => {
  const endpoint = await app();
  endpoint.always({ status: 503 });
  const { port } = await before(`${endpoint.host}:${endpoint.port}`);
  expect(loadIn(await call(port, "/"))).toBe("TEXT named_metrics.rif=0");
});

test("a caller that leaves and an app that hangs up are in flight no more", async () => {
  const endpoint = await app();
  const { port } = await before(`${endpoint.host}:${endpoint.port}`);
  endpoint.next({ kind: "reset", at: "request" });
  expect((await call(port, "/")).status).toBe(502);
  endpoint.next({ kind: "stall", at: "before-head" });
  const leaving = new AbortController();
  const left = fetch(`http://127.0.0.1:${port}/`, { signal: leaving.signal });
  await endpoint.stalled();
  leaving.abort();
  await expect(left).rejects.toThrow(/abort/);
  await expect.poll(async () => loadIn(await call(port, "/"))).toEqual(IDLE);
});

test("a WebSocket is no request that others wait behind", async () => {
  const server = createServer((_request, response) => void response.end("ok"));
  server.on("upgrade", (_request, socket) => {
    socket.on("error", () => {});
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const { port } = await before(`127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`);
  const asked = request({ port, host: "127.0.0.1", headers: { connection: "upgrade", upgrade: "websocket" } }).end();
  const [, socket] = (await once(asked, "upgrade")) as [unknown, Socket]; // the event's arguments
  onTestFinished(() => void socket.destroy());
  expect(loadIn(await call(port, "/"))).toEqual(IDLE);
});

test("a caller that balances by prequal is told by the sidecar whose app is busy", async () => {
  const apps = [await app("idle"), await app("busy")];
  const inbound = await Promise.all(apps.map(({ host, port }) => before(`${host}:${port}`)));
  const rig = await sidecarRig({
    count: 0,
    policy: {
      balancer: { kind: "prequal" },
      discover: { static: inbound.map(({ port }) => `127.0.0.1:${port}` as const) },
    },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const explained = async (): Promise<string> => (await rig.admin("/explain?service=orders")).body;
  // Others than this caller keep the second one busy: nobody knows of them but its sidecar.
  const busy = apps[1]!;
  for (let i = 0; i < 3; i++) busy.next({ kind: "stall", at: "before-head" });
  const stalled = Array.from({ length: 3 }, () => call(inbound[1]!.port, "/"));
  await busy.stalled(3);
  for (let i = 0; i < 2; i++) await call(rig.port, "/"); // both are newcomers
  await expect
    .poll(async () => (await call(rig.port, "/"), explained()), { timeout: 30_000 })
    .toMatch(/hot, [^;]*3 in flight/);
  busy.release();
  await Promise.all(stalled);
});
