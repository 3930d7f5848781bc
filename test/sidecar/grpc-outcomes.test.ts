import { once } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { answers, begins, says, silent } from "./grpc-peers.ts";
import { grpcRig } from "./grpc-rig.ts";
import { call } from "./rig.ts";

describe("an endpoint is judged by gRPC's status", () => {
  test.each([
    ["in trailers", answers(["hello"], { "grpc-status": "13" })],
    ["in a head that is all", says(13)],
    ["that it does not send", answers(["hello"], { "x-sum": "1" })],
  ])("%s: failures eject it", async (_where, fails) => {
    const { endpoints, caller, journal } = await grpcRig({ outliers: { consecutiveFailures: 2 }, retry: "off" });
    endpoints[0].always(fails);
    for (let i = 0; i < 3; i++) await caller.call().answer;
    expect(journal.of("endpoint.ejected")).toMatchObject([{ endpoint: "one" }]);
    expect([endpoints[0].calls.length, endpoints[1].calls.length]).toEqual([2, 1]);
  });

  test.each([1, 5, 7, 16])("that is a no, as %d, and no failure", async (status) => {
    const { endpoints, caller, journal } = await grpcRig({ outliers: { consecutiveFailures: 2 }, retry: "off" });
    endpoints[0].always(answers(["hello"], { "grpc-status": String(status) }));
    for (let i = 0; i < 3; i++) {
      expect((await caller.call().answer).trailers).toMatchObject({ "grpc-status": String(status) });
    }
    expect(journal.of("endpoint.ejected")).toEqual([]);
    expect(endpoints[0].calls).toHaveLength(3);
  });
});

test("the circuit breaker counts what trailers say", async () => {
  const { endpoints, caller } = await grpcRig({ breaker: { minimumCalls: 2 }, retry: "off", outliers: "off" });
  endpoints[0].always(answers(["hello"], { "grpc-status": "14" }));
  for (let i = 0; i < 2; i++) await caller.call().answer;
  const { head } = await caller.call().answer;
  expect(head).toMatchObject({ ":status": 200, "grpc-status": "14", "x-weft-error": "CIRCUIT_OPEN" });
  expect(endpoints[0].calls).toHaveLength(2);
});

describe("an answer that breaks off ends with a status that says why", () => {
  test("when the endpoint's connection is lost", async () => {
    const { endpoints, caller, held } = await grpcRig();
    endpoints[0].always(begins("first"));
    const { stream, answer } = caller.call();
    await once(stream, "data");
    endpoints[0].cutAll();
    const { text, trailers, resetCode } = await answer;
    expect([text, resetCode]).toEqual(["first", 0]);
    expect(trailers).toMatchObject({ "grpc-status": "14", "x-weft-error": "CONNECTION_LOST" });
    expect(trailers?.["grpc-message"]).toMatch(/^service orders: attempt 1: endpoint .*cut before its end/);
    expect(await held()).toMatchObject({ calls: 0, pending: 0 });
  });

  test.each([
    ["CANCEL", 0x8, "1"],
    ["ENHANCE_YOUR_CALM", 0xb, "8"],
    ["INTERNAL_ERROR", 0x2, "13"],
  ])("when the endpoint resets the stream with %s", async (_name, code, status) => {
    const { endpoints, caller } = await grpcRig();
    endpoints[0].always(begins("first"));
    const { stream, answer } = caller.call();
    await once(stream, "data");
    endpoints[0].calls[0]?.stream.close(code);
    expect((await answer).trailers).toMatchObject({ "grpc-status": status });
  });

  test("also when the caller has not read all that came before", async () => {
    const { endpoints, caller } = await grpcRig();
    const large = "x".repeat(200_000); // more than the window of the caller's stream
    endpoints[0].always(begins(large));
    const { stream, answer } = caller.call();
    stream.pause();
    await once(stream, "response");
    const seen = await endpoints[0].call(0);
    while (seen.stream.writableLength > 0) await new Promise(setImmediate);
    endpoints[0].cutAll();
    stream.resume();
    const { text, trailers, resetCode } = await answer;
    expect([text.length, resetCode]).toEqual([large.length, 0]);
    expect(trailers).toMatchObject({ "grpc-status": "14" });
  });

  test("when the deadline comes", async () => {
    const { endpoints, caller, time } = await grpcRig();
    endpoints[0].always(begins("first"));
    const { stream, answer } = caller.call({ "grpc-timeout": "5S" });
    await once(stream, "data");
    await time.advance(5_000);
    expect((await answer).trailers).toMatchObject({ "grpc-status": "4", "x-weft-error": "DEADLINE_EXCEEDED" });
    expect(await endpoints[0].calls[0]?.closed).toBe(0x8);
  });
});

describe("what the mesh itself says", () => {
  test("to a call of gRPC is a head alone, with the status and the reason", async () => {
    const { caller, registry } = await grpcRig();
    registry.set("orders", []);
    const { head, text, trailers } = await caller.call().answer;
    expect([text, trailers]).toEqual(["", undefined]);
    expect(head).toMatchObject({
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": "14",
      "grpc-message": expect.stringMatching(/^service orders: /),
      "x-weft-error": "NO_ENDPOINTS",
    });
  });

  test("of an unknown service, too", async () => {
    const { caller } = await grpcRig({}, { outbound: { consul: false } });
    const { head } = await caller.call({ ":authority": "order" }).answer;
    expect(head).toMatchObject({ ":status": 200, "grpc-status": "14", "x-weft-error": "UNKNOWN_SERVICE" });
  });

  test("is HTTP's to others, but for a service of gRPC", async () => {
    const text = { "content-type": "text/plain" };
    const http2 = await grpcRig({ protocol: "http2" });
    http2.registry.set("orders", []);
    expect((await http2.caller.call(text).answer).head).toMatchObject({ ":status": 503 });
    const grpc = await grpcRig();
    grpc.registry.set("orders", []);
    expect((await grpc.caller.call(text).answer).head).toMatchObject({ ":status": 200, "grpc-status": "14" });
  });

  test("of a deadline that had passed comes at once, and no endpoint hears of it", async () => {
    const { caller, endpoints } = await grpcRig();
    const { head } = await caller.call({ "grpc-timeout": "0n" }).answer;
    expect(head).toMatchObject({ "grpc-status": "4", "x-weft-error": "DEADLINE_EXCEEDED" });
    expect([...endpoints[0].calls, ...endpoints[1].calls]).toEqual([]);
  });
});

test("a cancel reaches the endpoint as CANCEL, and frees what the call held", async () => {
  const { endpoints, caller, held } = await grpcRig();
  endpoints[0].always(silent);
  const { stream } = caller.call();
  const seen = await endpoints[0].call(0);
  stream.close(0x8);
  expect(await seen.closed).toBe(0x8);
  expect(await held()).toMatchObject({ calls: 0, pending: 0 });
});

test("an endpoint that answers in HTTP/1.1's terms alone is passed on, and judged by its HTTP status", async () => {
  const { endpoints, caller, journal } = await grpcRig({ outliers: { consecutiveFailures: 1 }, retry: "off" });
  endpoints[0].always(({ stream }) =>
    stream.respond({ ":status": 503, "content-type": "text/html" }, { endStream: true }),
  );
  expect((await caller.call().answer).head).toMatchObject({ ":status": 503 });
  expect(journal.of("endpoint.ejected")).toMatchObject([{ endpoint: "one" }]);
});

test("a caller of HTTP/1.1 that says it is gRPC gets the mesh's status with a length", async () => {
  const { port, registry } = await grpcRig();
  registry.set("orders", []);
  const headers = { "content-type": "application/grpc" };
  const answer = await call(port, "/", { method: "POST", headers, body: "x" });
  expect(answer).toMatchObject({ status: 200, body: "", headers: { "grpc-status": "14", "content-length": "0" } });
});

test("the log and the metrics tell calls by their status", async () => {
  const log = new PassThrough({ encoding: "utf8" });
  const { endpoints, caller, admin } = await grpcRig(
    { retry: "off" },
    { rest: { telemetry: { accessLog: "json" } }, options: { accessLogTo: log } },
  );
  endpoints[0].next(answers(["hello"], { "grpc-status": "5" }));
  endpoints[0].next(says(14));
  for (let i = 0; i < 3; i++) await caller.call().answer;
  endpoints[0].next(({ stream }) => stream.close(0xb));
  await caller.call().answer;
  endpoints[0].next(begins("first"));
  const { stream, answer } = caller.call();
  await once(stream, "data");
  endpoints[0].calls.at(-1)?.stream.close(0x8);
  await answer;
  await caller.call({ "grpc-timeout": "0n" }).answer;
  const text = (await admin("/metrics")).body;
  for (const name of ["OK", "NOT_FOUND", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "CANCELLED", "DEADLINE_EXCEEDED"]) {
    expect(text).toContain(`weft_grpc_calls_total{service="orders",status="${name}"} 1\n`);
  }
  let lines = "";
  while (lines.split("\n").length < 7) {
    lines += String(log.read() ?? "");
    await new Promise(setImmediate);
  }
  const written = lines.trim().split("\n");
  expect(written.map((line): unknown => JSON.parse(line))).toMatchObject([
    { protocol: "HTTP/2", status: 200, grpcStatus: 5, why: [], bytesIn: 8, bytesOut: 5 },
    {
      protocol: "HTTP/2",
      status: 200,
      grpcStatus: 14,
      why: [expect.stringContaining("goes to one"), expect.stringContaining("attempt 1 at one: 5xx answer")],
    },
    { protocol: "HTTP/2", status: 200, grpcStatus: 0, why: [] },
    { status: 200, grpcStatus: 8, flags: "UC", end: "mesh", bytesOut: 0 },
    { status: 200, grpcStatus: 1, flags: "UC", end: "endpoint", bytesOut: 5 },
    { status: 200, grpcStatus: 4, flags: "DT", end: "mesh", attempts: 0 },
  ]);
});
