import { failure, IGNORED, MeshError, SUCCESS } from "@weft/core";
import { describe, expect, test } from "vitest";
import { recording, type RequestParts, testHome } from "./home.suite.ts";
import type { SpanData } from "./span-data.ts";

const RPC = { protocol: "grpc", method: "POST", path: "/shop.Orders/Get" } as const;

describe("the span of a call", () => {
  test("is the server's for an inbound call, with what came and from whom", () => {
    const [whole] = spansOf({
      side: "inbound",
      path: "/orders/17?color=blue",
      headers: { "user-agent": "curl/8" },
      peer: "[::1]:40000",
    });
    expect(whole).toMatchObject({ name: "GET orders", kind: "server", status: { kind: "unset" }, links: [] });
    expect(whole?.attributes).toMatchObject({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "server.address": "orders",
      "server.port": 80,
      "url.path": "/orders/17",
      "url.query": "color=blue",
      "url.scheme": "http",
      "network.protocol.version": "1.1",
      "network.peer.address": "::1",
      "network.peer.port": 40000,
      "client.address": "::1",
      "user_agent.original": "curl/8",
      "weft.side": "inbound",
      "weft.attempts": 1,
      "weft.balancer": "peak-ewma",
      "weft.breaker": "closed",
    });
  });

  test("is one inside the mesh for an outbound call, to the service and not to an endpoint", () => {
    const [whole] = spansOf({ side: "outbound", secure: true });
    expect(whole).toMatchObject({ name: "GET orders", kind: "internal" });
    expect(whole?.attributes).toMatchObject({
      "server.address": "orders",
      "server.port": 443,
      "url.full": "https://orders/orders/17",
    });
    expect(whole?.attributes).not.toHaveProperty("network.peer.address");
  });

  test("goes to the endpoint where its attempt has no span of its own", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, { attempts: () => "events" });
    const call = home.call(tracing);
    call.attempt({ outcome: failure("connect"), error: new MeshError("CONNECT_FAILED", "refused") });
    call.attempt({ status: 200 });
    call.end();
    expect(spans[0]).toMatchObject({ kind: "client" });
    expect(spans[0]?.attributes["network.peer.address"]).toMatch(/^10\.0\.0\.[123]$/);
    const attempts = spans[0]?.events.filter(({ name }) => name === "weft.attempt");
    expect(attempts?.map(({ attributes }) => attributes)).toMatchObject([
      { "weft.attempt": 1, "weft.outcome": "connect", "error.type": "CONNECT_FAILED" },
      { "weft.attempt": 2, "weft.outcome": "success", "http.response.status_code": 200 },
    ]);
  });

  test("says what it failed with, and by which flags", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    const error = new MeshError("DEADLINE_EXCEEDED", "the call did not end within 20 ms", { service: "orders" });
    call.end({ error }, ["DT"]);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      status: { kind: "error", message: "service orders: the call did not end within 20 ms" },
      attributes: { "error.type": "DEADLINE_EXCEEDED", "weft.flags": ["DT"], "weft.attempts": 0 },
      events: [{ name: "exception", attributes: { "exception.type": "MeshError" } }],
    });
  });

  test.each([
    { side: "inbound", status: 404, type: undefined },
    { side: "outbound", status: 404, type: "404" },
    { side: "inbound", status: 503, type: "503" },
    { side: "app", status: 503, type: "503" },
  ] as const)("with the status $status is a failure of $type on the side $side", ({ side, status, type }) => {
    const [whole] = spansOf({ side }, status);
    expect(whole?.attributes["error.type"]).toBe(type);
    expect(whole?.status.kind).toBe(type === undefined ? "unset" : "error");
  });

  test("is no failure when the caller gave it up", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing, { side: "app" });
    call.attempt({ outcome: IGNORED });
    call.end({ error: new DOMException("no more", "AbortError") });
    expect(spans[0]).toMatchObject({ status: { kind: "unset" } });
    expect(spans[0]?.events.filter(({ name }) => name === "exception")).toEqual([]);
  });

  test("does not repeat what a caller makes up", () => {
    const [whole] = spansOf({ method: "BREW", path: `/${"x".repeat(9_000)}?sig=secret&a=1` });
    expect(whole?.name).toBe("HTTP orders");
    expect(whole?.attributes).toMatchObject({
      "http.request.method": "_OTHER",
      "http.request.method_original": "BREW",
    });
    const url = String(whole?.attributes["url.full"]);
    expect(url.length).toBeLessThan(3_000);
    expect(url).toMatch(/\?sig=REDACTED&a=1$/);
  });
});

describe("the span of a gRPC call", () => {
  test("is named by its method, once an endpoint has known it", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing, RPC);
    call.attempt({ status: 200, grpcStatus: 5, outcome: SUCCESS });
    call.end();
    expect(spans.map(({ name }) => name)).toEqual(["shop.Orders/Get", "shop.Orders/Get"]);
    expect(spans[1]?.attributes).toMatchObject({
      "rpc.system.name": "grpc",
      "rpc.method": "shop.Orders/Get",
      "rpc.status_code": "NOT_FOUND",
      "error.type": "NOT_FOUND",
      "server.address": "orders",
    });
    expect(spans[1]?.attributes).not.toHaveProperty("http.response.status_code");
  });

  test.each([
    ["UNIMPLEMENTED", 12],
    ["nothing", -1],
  ])("has no name of its own when the endpoint says %s", (_what, grpcStatus) => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing, { ...RPC, path: "/made.Up/Name" });
    call.attempt({ status: 200, grpcStatus, outcome: SUCCESS });
    call.end();
    expect(spans[0]).toMatchObject({
      name: "grpc",
      attributes: { "rpc.method": "_OTHER", "rpc.method_original": "made.Up/Name" },
    });
  });
});

describe("the span of an attempt", () => {
  test("goes to the endpoint, in the service's name", () => {
    const [, attempt] = spansOf({});
    expect(attempt).toMatchObject({ name: "GET orders", kind: "client", status: { kind: "unset" } });
    const last = String(attempt?.attributes["network.peer.address"]).at(-1);
    expect(attempt?.attributes).toMatchObject({
      "http.request.method": "GET",
      "http.response.status_code": 200,
      "server.address": "orders",
      "url.full": "http://orders/orders/17",
      "network.peer.port": 8080,
      "weft.endpoint": `orders-${last}`,
      "weft.attempt": 1,
      "weft.outcome": "success",
      "weft.pick": "chosen",
    });
    expect(attempt?.attributes).not.toHaveProperty("http.request.resend_count");
  });

  test("says why it follows another", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    call.attempt({ outcome: failure("timeout"), error: new MeshError("ATTEMPT_TIMEOUT", "no head in 3 s") });
    call.attempt({ status: 200 });
    call.end();
    expect(spans[1]).toMatchObject({
      status: { kind: "error", message: "no head in 3 s" },
      attributes: { "error.type": "ATTEMPT_TIMEOUT", "weft.outcome": "timeout" },
    });
    expect(spans[2]?.attributes).toMatchObject({ "http.request.resend_count": 1, "weft.retry.reason": "timeout" });
    expect(spans[2]?.links).toEqual([]);
  });

  test("of a hedge has a link to the one that it joined", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    const slow = call.begin();
    home.clock.now += 50;
    home.cluster.decisions.hedge(home.clock.now, call.call.number, 2, "started", 50, 3);
    call.attempt({ status: 200 });
    call.came(slow.lease, { outcome: IGNORED });
    call.end({ status: 200 });
    const [, first, second] = spans;
    expect(second?.attributes["weft.hedge"]).toBe(true);
    expect(second?.attributes).not.toHaveProperty("weft.retry.reason");
    expect(second?.links).toMatchObject([{ traceId: first?.traceId, spanId: first?.spanId }]);
    expect(first).toMatchObject({ links: [], status: { kind: "unset" }, attributes: { "weft.outcome": "ignored" } });
  });

  test("ends with its call when it had no end of its own", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    call.begin();
    home.clock.now += 70;
    call.end({ status: 200 });
    expect(spans[1]?.endEpochMs).toBe(spans[0]?.endEpochMs);
  });
});

describe("the decision record", () => {
  test("hangs on the spans that it is about, in words and as numbers", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    call.attempt({ status: 503 });
    home.cluster.decisions.retry(home.clock.now, call.call.number, 1, "retried", 25, 9);
    call.attempt({ status: 200 });
    call.end();
    const [whole, first, second] = spans.map(decisionsOf);
    expect(whole).toMatchObject([
      { "weft.decision": "retry", "weft.decision.verdict": "retried", "weft.decision.pause_ms": 25 },
    ]);
    expect(first?.map((attributes) => attributes["weft.decision"])).toEqual(["pick", "attempt"]);
    expect(first?.[0]).toMatchObject({ "weft.decision.verdict": "chosen", "weft.decision.available": 3 });
    expect(String(first?.[0]?.["weft.decision.why"])).toMatch(/^attempt 1 goes to orders-[123]/);
    expect(first?.[1]).toMatchObject({ "weft.decision.outcome": "server-error" });
    expect(second?.map((attributes) => attributes["weft.decision"])).toEqual(["pick"]);
  });

  test("is the call's where attempts have no spans, or there was none", () => {
    const home = testHome();
    const { tracing, spans } = recording(home, { attempts: () => "off" });
    const call = home.call(tracing);
    call.attempt({ status: 200 });
    call.end();
    expect(decisionsOf(spans[0])).toMatchObject([{ "weft.decision": "pick" }]);
  });

  test("of a refusal is the call's", () => {
    const home = testHome();
    const { tracing, spans } = recording(home);
    const call = home.call(tracing);
    home.cluster.decisions.refusal(home.clock.now, call.call.number, "circuit-breaker", 4_000);
    call.end({ error: new MeshError("CIRCUIT_OPEN", "open") }, ["UO"]);
    expect(decisionsOf(spans[0])).toMatchObject([
      { "weft.decision": "refusal", "weft.decision.by": "circuit-breaker" },
    ]);
  });
});

function spansOf(request: RequestParts, status = 200): SpanData[] {
  const home = testHome();
  const { tracing, spans } = recording(home);
  const call = home.call(tracing, request);
  call.attempt({ status });
  call.end();
  return spans;
}

function decisionsOf(span: SpanData | undefined): SpanData["attributes"][] {
  return (span?.events ?? []).filter(({ name }) => name === "weft.decision").map(({ attributes }) => attributes);
}
