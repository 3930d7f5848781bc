import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hasFailed, isGivenUp, type TracedCall, type Tracing } from "@weft/core";
import { expect, onTestFinished, test } from "vitest";
import { fakeCollector, type FakeCollector } from "../telemetry/fake-collector.ts";
import { portOf, sidecarRig, type SidecarRig } from "./rig.ts";
import { tcpRig } from "./tcp-rig.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const GET = "GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";

/** Of OTLP's enum. */
const INTERNAL = 1;
const CLIENT = 3;

interface Stage {
  readonly rig: SidecarRig;
  readonly collector: FakeCollector;
  /** What `/calls` shows. */
  readonly calls: (query?: string) => Promise<unknown>;
}

async function stage(): Promise<Stage> {
  const collector = await fakeCollector();
  const rig = await sidecarRig({
    policy: { retry: { maxRetries: 1, on: ["never-sent"], backoff: { base: "1ms", max: "1ms" } } },
    sidecar: { tcp: [{ listen: "127.0.0.1:0", service: "orders" }] },
    rest: { telemetry: { accessLog: "off", sampleRatio: 1, otlp: { url: collector.url } } },
  });
  onTestFinished(async () => {
    await rig[Symbol.asyncDispose]();
    await collector.close();
  });
  const calls = async (query = ""): Promise<unknown> => {
    // Part of the API: docs/admin.md.
    return (JSON.parse((await rig.admin(`/calls?${query}`)).body) as { readonly calls: unknown }).calls;
  };
  return { rig, collector, calls };
}

/** Port of the one TCP listener. */
function tcpPort({ sidecar }: SidecarRig): number {
  return portOf(sidecar, sidecar.listeners.find(({ protocol }) => protocol === "tcp")!.name);
}

/** Everything that comes until the other side ends, or resets. */
async function heard(socket: Socket): Promise<string> {
  let text = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket
    .on("data", (bytes) => (text += String(bytes)))
    .on("error", () => {})
    .on("close", () => resolve());
  await promise;
  return text;
}

test("a TCP connection is a trace: the tunnel, and each attempt to connect it", async () => {
  const { rig, collector, calls } = await stage();
  await rig.endpoints.at(0).refuse();
  const socket = connect(tcpPort(rig), "127.0.0.1");
  socket.write(GET);
  expect(await heard(socket)).toContain("HTTP/1.1 200 OK");
  const spans = await collector.has(3);
  const [tunnel, first, second] = ["orders", "endpoint-1", "endpoint-2"].map((id) =>
    spans.find(({ attributes }) => (attributes["weft.endpoint"] ?? attributes["server.address"]) === id),
  );
  expect(tunnel).toMatchObject({ name: "TCP orders", kind: INTERNAL });
  expect(tunnel?.attributes).toMatchObject({ "network.transport": "tcp", "weft.attempts": 2, "weft.side": "outbound" });
  for (const attempt of [first, second])
    expect(attempt).toMatchObject({ name: "TCP orders", kind: CLIENT, parentSpanId: tunnel?.spanId });
  expect(first?.attributes).toMatchObject({ "error.type": "CONNECT_FAILED", "weft.outcome": "connect" });
  expect(second?.attributes).toMatchObject({ "weft.outcome": "success", "weft.retry.reason": "connect" });
  expect(await calls()).toMatchObject([
    { side: "outbound", endpoint: "endpoint-2", status: 0, attempts: 2, failed: false, traceId: tunnel?.traceId },
  ]);
  expect((await rig.admin(`/explain?trace=${tunnel?.traceId}`)).body).toContain("attempt 1 at endpoint-1: could not");
});

test("a CONNECT goes on with its caller's trace", async () => {
  const { rig, collector, calls } = await stage();
  const socket = connect(rig.port, "127.0.0.1");
  const head = `CONNECT orders:80 HTTP/1.1\r\nHost: orders:80\r\nTraceparent: 00-${TRACE}-${PARENT}-01\r\n\r\n`;
  socket.write(head);
  const [established] = (await once(socket, "data")) as [Buffer]; // without an encoding data is bytes
  expect(String(established)).toMatch(/^HTTP\/1\.1 200 /);
  socket.write(GET);
  expect(await heard(socket)).toContain("HTTP/1.1 200 OK");
  const spans = await collector.has(2);
  expect(spans.every(({ traceId }) => traceId === TRACE)).toBe(true);
  expect(spans.find(({ kind }) => kind === INTERNAL)).toMatchObject({ name: "CONNECT orders", parentSpanId: PARENT });
  expect(await calls()).toMatchObject([{ status: 200, attempts: 1, failed: false, traceId: TRACE }]);
});

test("a tunnel that finds no endpoint has failed, is listed and is explained", async () => {
  const { rig, collector, calls } = await stage();
  for (const endpoint of rig.endpoints.all) await endpoint.refuse();
  expect(await heard(connect(tcpPort(rig), "127.0.0.1"))).toBe("");
  expect(await calls("failed")).toMatchObject([{ error: "CONNECT_FAILED", status: 0, attempts: 2, failed: true }]);
  const { body } = await rig.admin("/explain?failed");
  expect(body).toContain("failed with CONNECT_FAILED, no answer after");
  expect(body).toContain("attempt 2 at endpoint-2: could not connect");
  const spans = await collector.has(3);
  expect(spans.find(({ kind }) => kind === INTERNAL)?.attributes).toMatchObject({
    "error.type": "CONNECT_FAILED",
    "weft.flags": ["UF", "URX"],
  });
});

test("a caller that leaves before its tunnel stands gave it up, and nothing failed", async () => {
  const over = Promise.withResolvers<TracedCall>();
  const begin: Tracing["begin"] = () => ({
    traceId: TRACE,
    sampled: true,
    fields: () => ({ traceparent: "", others: [] }),
    ended: over.resolve,
  });
  const rig = await tcpRig({ ports: undefined, tracing: { begin } });
  const socket = connect(rig.port, "127.0.0.1");
  await rig.asked();
  socket.resetAndDestroy();
  const traced = await over.promise;
  expect([hasFailed(traced), isGivenUp(traced), traced.flags([])]).toEqual([false, true, ["DC"]]);
  expect(await rig.entry()).toMatchObject({ traceId: TRACE, end: "caller" });
});
