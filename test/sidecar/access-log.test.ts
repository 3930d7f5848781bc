import { connect } from "node:net";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { call, sidecarRig, type SidecarRig, type SidecarRigOptions } from "./rig.ts";

interface LoggedRig extends SidecarRig {
  /** The lines written, once there are so many. */
  readonly lines: (count: number) => Promise<readonly unknown[]>;
}

/** A sidecar that writes its log where the test reads it. */
async function logged(options: SidecarRigOptions = {}): Promise<LoggedRig> {
  const stream = new PassThrough({ encoding: "utf8" });
  const rig = await sidecarRig({
    ...options,
    rest: { telemetry: { accessLog: "json" } },
    options: { accessLogTo: stream },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  let text = "";
  const lines = async (count: number): Promise<readonly unknown[]> => {
    const signal = AbortSignal.timeout(30_000);
    const whole = (): readonly string[] => text.split("\n").slice(0, -1);
    while (whole().length < count) {
      text += String(stream.read() ?? "");
      if (whole().length < count) await new Promise((resolve) => stream.once("readable", resolve));
      signal.throwIfAborted();
    }
    return whole().map((line): unknown => JSON.parse(line));
  };
  return { ...rig, lines };
}

test("a call that went well has its line, with nothing to explain", async () => {
  const { port, lines, endpoints } = await logged();
  const trace = "0af7651916cd43dd8448eb211c80319c";
  const headers = {
    traceparent: `00-${trace}-b7ad6b7169203331-01`,
    "x-request-id": "r-1",
    "user-agent": "test/1",
  };
  const answer = await call(port, "/v1/7?x=1", { method: "POST", body: "hello", headers });
  const [line] = await lines(1);
  expect(line).toEqual({
    time: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    listener: "outbound",
    protocol: "HTTP/1.1",
    method: "POST",
    authority: "orders",
    path: "/v1/7?x=1",
    status: 200,
    grpcStatus: null,
    flags: "",
    why: [],
    service: "orders",
    endpoint: endpoints.asEndpoints()[0]?.id,
    attempts: 1,
    durationMs: expect.any(Number),
    firstByteMs: expect.any(Number),
    bytesIn: 5,
    bytesOut: answer.body.length,
    peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    traceId: trace,
    requestId: "r-1",
    userAgent: "test/1",
    end: "complete",
  });
});

test("an endpoint that is not there: UF, and the words say who and why", async () => {
  const { port, lines, endpoints } = await logged({ count: 1, policy: { retry: "off" } });
  const id = endpoints.asEndpoints()[0]?.id ?? "";
  await endpoints.all[0]?.close();
  await call(port, "/");
  const [line] = await lines(1);
  expect(line).toMatchObject({ status: 502, flags: "UF", attempts: 1, endpoint: id, firstByteMs: null, end: "mesh" });
  expect(line).toMatchObject({ why: expect.arrayContaining([expect.stringContaining(`${id}: could not connect`)]) });
});

test("a name that is no service: NR, with the trace and the id that its caller gave", async () => {
  const { port, lines } = await logged({ outbound: { consul: false } });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, "x-request-id": "r-2" };
  await call(port, "/", { host: "nobody", headers });
  expect(await lines(1)).toMatchObject([
    { status: 502, flags: "NR", service: "", endpoint: "", attempts: 0, why: [expect.stringContaining("nobody")] },
  ]);
  expect(await lines(1)).toMatchObject([{ traceId, requestId: "r-2" }]);
});

test("bytes that are no request: DPE, and one line whatever they hold", async () => {
  const { port, lines } = await logged();
  const socket = connect(port, "127.0.0.1");
  socket.end('GET /a HTTP/1.1\r\nHost: orders\r\nX : "}\\\n{"forged":true}\r\n\r\n');
  socket.resume();
  expect(await lines(1)).toMatchObject([{ status: 400, flags: "DPE", end: "mesh" }]);
});

test("a caller that leaves: DC", async () => {
  const { port, lines, endpoints } = await logged({ behaviour: { kind: "stall", at: "before-head" } });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /a HTTP/1.1\r\nHost: orders\r\n\r\n");
  await endpoints.all[0]?.stalled();
  socket.destroy();
  expect(await lines(1)).toMatchObject([
    {
      status: 0,
      flags: "DC",
      end: "caller",
      service: "orders",
      attempts: 1,
      why: expect.arrayContaining(["the caller closed the connection"]),
    },
  ]);
});

test("a caller that resets: its line still says who it was", async () => {
  const { port, lines, endpoints } = await logged({ behaviour: { kind: "stall", at: "before-head" } });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET /a HTTP/1.1\r\nHost: orders\r\n\r\n");
  await endpoints.all[0]?.stalled();
  const peer = `127.0.0.1:${socket.localPort}`;
  socket.resetAndDestroy();
  expect(await lines(1)).toMatchObject([{ status: 0, flags: "DC", end: "caller", peer }]);
});
