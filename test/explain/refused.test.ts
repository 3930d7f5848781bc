import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call, portOf, sidecarRig, type SidecarRig } from "../sidecar/rig.ts";

async function started(): Promise<SidecarRig> {
  const rig = await sidecarRig({
    outbound: { consul: false },
    sidecar: { tcp: [{ listen: "127.0.0.1:0", service: "orders", proxyProtocol: { accept: true } }] },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** Sends bytes, and waits until the other side has closed. */
async function send(port: number, bytes: string): Promise<void> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.resume().write(bytes);
  await new Promise<void>((resolve) => socket.on("close", () => resolve()));
}

async function calls({ admin }: SidecarRig, query = ""): Promise<readonly Record<string, unknown>[]> {
  // Part of the API: docs/admin.md.
  return (JSON.parse((await admin(`/calls?${query}`)).body) as { calls: Record<string, unknown>[] }).calls;
}

test("a request for no service is listed with whom it asked for, explained and counted", async () => {
  const rig = await started();
  await call(rig.port, "/", { host: "ordrs" });
  expect(await calls(rig, "failed")).toMatchObject([
    { service: "ordrs", status: 502, error: "UNKNOWN_SERVICE", failed: true, flags: ["NR"], attempts: 0 },
  ]);
  const { body } = await rig.admin("/explain?failed");
  expect(body).toMatch(/^call 1 to ordrs, .* ago: refused with UNKNOWN_SERVICE, answer 502\n +.*known: orders\n$/);
  expect((await rig.admin("/explain?service=ordrs&call=1")).body).toContain("call 1 to ordrs, ");
  expect((await rig.admin("/explain?service=ordrs&call=2")).status).toBe(404);
  expect((await rig.admin("/metrics")).body).toContain(
    'weft_listener_refused_total{listener="outbound",flag="NR"} 1\n',
  );
});

test("a request for no service is found by the trace that it came with", async () => {
  const rig = await started();
  const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  await call(rig.port, "/", { host: "ordrs", headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01` } });
  await call(rig.port, "/", { method: "TRACE", headers: { traceparent: "00-none" } });
  expect(await calls(rig)).toMatchObject([{ traceId: trace }, { traceId: null }]);
  const { status, body } = await rig.admin(`/explain?trace=${trace}`);
  expect([status, body]).toEqual([200, expect.stringMatching(`^call 1 to ordrs, .*; trace ${trace}\n`)]);
});

test("what is no request, or none that is passed on, is listed and has not failed", async () => {
  const rig = await started();
  await call(rig.port, "/", { method: "TRACE" });
  await send(rig.port, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  expect(await calls(rig)).toMatchObject([
    { service: "orders", status: 405, error: "METHOD_NOT_ALLOWED", failed: false, flags: ["DPE"] },
    { service: "(none)", status: 400, failed: false, flags: ["DPE"], refused: expect.any(String) },
  ]);
  expect((await rig.admin("/metrics")).body).toContain(
    'weft_listener_refused_total{listener="outbound",flag="DPE"} 2\n',
  );
});

test("a TCP connection without the PROXY header that is wanted is listed", async () => {
  const rig = await started();
  const { name } = rig.sidecar.listeners.find(({ protocol }) => protocol === "tcp")!;
  await send(portOf(rig.sidecar, name), "hello, I am no proxy\r\n");
  expect(await calls(rig)).toMatchObject([{ service: "(none)", status: 0, flags: ["DPE"], error: "PROXY_HEADER" }]);
  expect((await rig.admin("/metrics")).body).toContain(
    `weft_listener_refused_total{listener="${name}",flag="DPE"} 1\n`,
  );
});

test("connections beyond a listener's limit share an entry of the list and a line of the log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-refused-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "access.log");
  const time = fakeTime();
  const limits = { connections: 1 };
  const rig = await sidecarRig({
    outbound: { limits },
    sidecar: { tcp: [{ listen: "127.0.0.1:0", service: "orders", limits }] },
    rest: { telemetry: { accessLog: "json" } },
    options: { accessLogTo: { file }, time },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  const { name } = rig.sidecar.listeners.find(({ protocol }) => protocol === "tcp")!;
  for (const port of [rig.port, portOf(rig.sidecar, name)]) {
    const first = connect(port, "127.0.0.1").on("error", () => {});
    await once(first, "connect");
    for (let i = 0; i < 3; i++) await send(port, "");
    onTestFinished(() => void first.destroy());
  }
  const refused = { status: 0, error: "CONNECTION_REFUSED", failed: true, flags: ["LR"], traceId: null };
  const words = (which: string) => ({
    ...refused,
    refused: `${which} turned away: limits.connections is reached: 1`,
  });
  expect(await calls(rig)).toMatchObject([words("a connection was"), words("a connection was")]);
  await time.advance(10_000);
  const told = [...Array(2).fill(words("a connection was")), ...Array(2).fill(words("2 connections were"))];
  expect(await calls(rig)).toMatchObject(told);
  expect((await rig.admin("/metrics")).body).toContain(
    'envoy_listener_downstream_cx_overflow{envoy_listener_address="outbound"} 3\n',
  );
  const closing = rig.sidecar.close();
  await time.advance(0); // what is open is cut after no time at all
  await closing;
  const lines = (await readFile(file, "utf8")).match(/.*turned away.*/g);
  expect(lines?.map((line) => (JSON.parse(line) as { listener: string }).listener)).toEqual([
    "outbound",
    name,
    "outbound",
    name,
  ]);
});

test("a flood of what is refused pushes out no call that failed", async () => {
  const rig = await started();
  rig.endpoints.at(0).next({ status: 503, body: "" });
  await call(rig.port, "/", { method: "POST" });
  const socket = connect(rig.port, "127.0.0.1");
  const one = "GET / HTTP/1.1\r\nHost: nobody\r\n\r\n";
  const end = `GET / HTTP/1.1\r\nHost: nobody\r\nConnection: close\r\n\r\n`;
  socket.resume().write(one.repeat(400) + end);
  await once(socket, "close");
  expect(await calls(rig, "service=orders")).toMatchObject([{ status: 503, failed: true }]);
  expect(await calls(rig, "last=1000")).toHaveLength(1 + 256);
});
