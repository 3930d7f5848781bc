import { createNoopMeter } from "@opentelemetry/api";
import { failure, meshEvents, MeshError, type ServiceStats, type Tracing } from "@weft/core";
import { describe, expect, test } from "vitest";
import { recording, type TestHome, testHome } from "../tracing/home.suite.ts";
import { collecting, pointsOf } from "./collected.suite.ts";
import { type HomeMeter, homeMeter } from "./home-meter.ts";
import { INSTRUMENTS, type InstrumentName } from "./instruments.ts";

/** A home whose calls a meter is told of. */
function metered(meter: HomeMeter): { readonly home: TestHome; readonly tracing: Tracing } {
  const home = testHome();
  const { tracing } = recording(home);
  return {
    home,
    tracing: {
      begin(call, request) {
        const trace = tracing.begin(call, request);
        return {
          traceId: trace.traceId,
          sampled: trace.sampled,
          fields: (attempt) => trace.fields(attempt),
          ended: (ended) => meter.ended(ended),
        };
      },
    },
  };
}

function statsOf(home: TestHome, changes: Partial<ServiceStats> = {}): ServiceStats {
  return {
    ...home.cluster.snapshot(),
    freshness: { kind: "live", atMs: 900, lastContactMs: 40 },
    calls: { running: 2, most: 1_024 },
    connections: { running: 3, most: 1_024 },
    breaker: { kind: "open", untilMs: 9_000 },
    subset: undefined,
    retriesLeft: 99,
    retries: { running: 2, most: 3 },
    ...changes,
  };
}

describe("calls", () => {
  test("are measured once as a whole, and once for each attempt, by the conventions", async () => {
    const { meter, collect } = collecting();
    const { home, tracing } = metered(homeMeter(meter));
    const call = home.call(tracing);
    call.attempt({ error: new MeshError("CONNECT_FAILED", "refused"), outcome: failure("connect"), tookMs: 2 });
    call.attempt({ status: 200, tookMs: 18 });
    call.end({ error: undefined });
    const all = await collect();
    expect(pointsOf(all, "weft.call.duration")).toEqual([
      { attributes: { "server.address": "orders", "weft.method": "read" }, value: 1 },
    ]);
    const request = { "http.request.method": "GET", "server.address": "orders", "server.port": 80 };
    expect(pointsOf(all, "http.client.request.duration")).toEqual([
      { attributes: { ...request, "error.type": "CONNECT_FAILED" }, value: 1 },
      { attributes: { ...request, "http.response.status_code": 200 }, value: 1 },
    ]);
    expect(pointsOf(all, "rpc.client.call.duration")).toEqual([]);
  });

  test("of gRPC are measured as such, by a status of their own", async () => {
    const { meter, collect } = collecting();
    const { home, tracing } = metered(homeMeter(meter));
    const grpc = { protocol: "grpc", method: "POST", path: "/shop.Orders/Get", secure: true } as const;
    const call = home.call(tracing, grpc);
    call.attempt({ status: 200, grpcStatus: 14, outcome: failure("server-error") });
    call.end();
    const all = await collect();
    expect(pointsOf(all, "rpc.client.call.duration")).toEqual([
      {
        attributes: {
          "rpc.system.name": "grpc",
          "rpc.method": "shop.Orders/Get",
          "rpc.status_code": "UNAVAILABLE",
          "error.type": "UNAVAILABLE",
          "server.address": "orders",
          "server.port": 443,
        },
        value: 1,
      },
    ]);
    expect(pointsOf(all, "http.client.request.duration")).toEqual([]);
    expect(pointsOf(all, "weft.call.duration")).toMatchObject([{ attributes: { "weft.method": "grpc" } }]);
  });

  test("of gRPC that no endpoint has answered do not make a method known", async () => {
    const { meter, collect } = collecting();
    const { home, tracing } = metered(homeMeter(meter));
    const call = home.call(tracing, { protocol: "grpc", method: "POST", path: "/made.Up/Name" });
    call.attempt({ error: new MeshError("CONNECT_FAILED", "refused"), outcome: failure("connect") });
    call.end({ grpcStatus: 14 });
    expect(pointsOf(await collect(), "rpc.client.call.duration")).toMatchObject([
      { attributes: { "rpc.method": "_OTHER", "rpc.status_code": "UNAVAILABLE" } },
    ]);
  });

  test("that their caller gave up are no failures", async () => {
    const { meter, collect } = collecting();
    const { home, tracing } = metered(homeMeter(meter));
    const call = home.call(tracing, { method: "POST" });
    call.attempt({ error: new DOMException("given up", "AbortError") });
    call.end();
    expect(pointsOf(await collect(), "weft.call.duration")).toEqual([
      { attributes: { "server.address": "orders", "weft.method": "write" }, value: 1 },
    ]);
  });

  test("are measured also when what they failed with cannot be read", async () => {
    const { meter, collect } = collecting();
    const { home, tracing } = metered(homeMeter(meter));
    const error = new Error("odd");
    Object.defineProperty(error, "name", {
      get() {
        throw new Error("not for you");
      },
    });
    const call = home.call(tracing);
    call.attempt({ error, outcome: failure("reset") });
    call.end();
    expect(pointsOf(await collect(), "weft.call.duration")).toEqual([
      { attributes: { "server.address": "orders", "weft.method": "read", "error.type": "_OTHER" }, value: 1 },
    ]);
  });

  test("have few attributes, whatever methods, paths and statuses come", async () => {
    const { meter, collect } = collecting();
    const { home, tracing } = metered(homeMeter(meter));
    for (let at = 0; at < 5_000; at++) {
      const call = home.call(tracing, { method: `M${at}`, path: `/${at}`, protocol: at % 2 === 0 ? "http" : "grpc" });
      const error = Object.assign(new Error("odd"), { code: `E${at}` });
      call.attempt(at % 3 === 0 ? { error, outcome: failure("reset") } : { status: 200 + (at % 400), grpcStatus: 12 });
      call.end();
    }
    const all = await collect();
    const points = Object.keys(INSTRUMENTS).map((name) => pointsOf(all, name).length);
    // Each instrument tells 2,000 sets apart, and one more for what is beyond.
    expect(Math.max(...points)).toBeLessThanOrEqual(2_001);
  });
});

describe("a home", () => {
  test("shows its state when somebody collects, and its events as they come", async () => {
    const { meter, collect } = collecting();
    const home = testHome();
    const events = meshEvents();
    let asked = 0;
    const stop = homeMeter(meter).observe({
      on: events.on,
      services() {
        asked++;
        return [statsOf(home)];
      },
    });
    home.cluster.eject("orders-2", 10_000);
    const service = "orders";
    events.emit("endpoint.ejected", {
      service,
      endpoint: "orders-2",
      reason: "by-hand",
      why: "",
      forMs: 1,
      untilMs: 2,
    });
    events.emit("endpoint.kept", { service, endpoint: "orders-1", reason: "reset", why: "" });
    events.emit("retry.started", { service, retry: 1, why: "", pauseMs: 0 });
    events.emit("retry.denied", { service, reason: "budget" });
    events.emit("hedge.started", { service, slow: "a", endpoint: "b", afterMs: 1 });
    events.emit("hedge.won", { service, slow: "a", endpoint: "b", afterMs: 1 });
    events.emit("session.moved", { service, from: "a", to: "b" });
    events.emit("breaker.changed", { service, from: "closed", to: "open", why: "" });
    events.emit("limit.reached", { service, limit: "limits.calls", value: 1 });
    events.emit("discovery.freshness", { service, from: "live", to: "stale" });
    events.emit("discovery.held", { service, reason: "" });
    const all = await collect();
    const of = (name: InstrumentName): unknown =>
      pointsOf(all, name).map(({ attributes, value }) => [attributes, value]);
    const orders = { "server.address": "orders" };
    expect(of("weft.calls.running")).toEqual([[orders, 2]]);
    expect(of("weft.calls.limit")).toEqual([[orders, 1_024]]);
    expect(of("weft.connections.open")).toEqual([[orders, 3]]);
    expect(of("weft.retry.budget.remaining")).toEqual([[orders, 99]]);
    expect(of("weft.retries.running")).toEqual([[orders, 2]]);
    expect(of("weft.retries.limit")).toEqual([[orders, 3]]);
    expect(of("weft.endpoints")).toEqual([[orders, 3]]);
    expect(of("weft.endpoints.available")).toEqual([[orders, 2]]);
    expect(of("weft.endpoints.ejected")).toEqual([[orders, 1]]);
    expect(of("weft.panic")).toEqual([[orders, 0]]);
    expect(of("weft.discovery.staleness")).toEqual([[orders, 0]]);
    expect(of("weft.discovery.last_contact")).toEqual([[orders, 0.04]]);
    expect(of("weft.breaker.state")).toEqual([
      [{ ...orders, "weft.breaker": "closed" }, 0],
      [{ ...orders, "weft.breaker": "open" }, 1],
      [{ ...orders, "weft.breaker": "half-open" }, 0],
    ]);
    expect(of("weft.endpoint.available")).toContainEqual([{ ...orders, "weft.endpoint": "orders-2" }, 0]);
    expect(of("weft.endpoint.ejected")).toEqual(
      [0, 1, 0].map((ejected, i) => [{ ...orders, "weft.endpoint": `orders-${i + 1}` }, ejected]),
    );
    expect(of("weft.ejections")).toEqual([[{ ...orders, "weft.reason": "by-hand" }, 1]]);
    expect(of("weft.retries.denied")).toEqual([[{ ...orders, "weft.reason": "budget" }, 1]]);
    expect(of("weft.breaker.changes")).toEqual([[{ ...orders, "weft.breaker": "open" }, 1]]);
    expect(of("weft.limits.reached")).toEqual([[{ ...orders, "weft.limit": "limits.calls" }, 1]]);
    for (const name of [
      "weft.retries",
      "weft.hedges",
      "weft.hedges.won",
      "weft.sessions.moved",
      "weft.discovery.lost",
    ] as const) {
      expect(of(name)).toEqual([[orders, 1]]);
    }
    expect(of("weft.ejections.suppressed")).toEqual([[{ ...orders, "weft.reason": "reset" }, 1]]);
    expect(of("weft.discovery.answers.held")).toEqual([[orders, 1]]);
    stop();
    expect(events.wants("endpoint.ejected")).toBe(false);
    events.emit("retry.started", { service, retry: 1, why: "", pauseMs: 0 });
    const later = await collect();
    expect(pointsOf(later, "weft.retries")).toEqual([{ attributes: orders, value: 1 }]);
    expect(asked).toBe(1);
  });

  test("leaves out what is not there: no breaker, no retries, nothing learned", async () => {
    const { meter, collect } = collecting();
    const home = testHome();
    const nothing = { breaker: undefined, retriesLeft: undefined, retries: undefined } as const;
    const empty = statsOf(home, { ...nothing, freshness: { kind: "pending" } });
    homeMeter(meter).observe({ on: meshEvents().on, services: () => [empty] });
    const all = await collect();
    const absent = [
      "weft.breaker.state",
      "weft.retry.budget.remaining",
      "weft.retries.limit",
      "weft.discovery.staleness",
      "weft.discovery.last_contact",
    ];
    for (const name of absent) {
      expect(pointsOf(all, name)).toEqual([]);
    }
  });

  test.each([
    ["all of a service", true, false],
    ["one priority", false, true],
  ])("says that the checks of %s are ignored", async (_, panic, ofGroup) => {
    const { meter, collect } = collecting();
    const about = { zone: undefined, zonesOff: undefined, spill: undefined, lookFrom: undefined };
    const groups = [{ ...about, priority: 0, share: 1, panic: ofGroup, endpoints: 2 }];
    const stats = statsOf(testHome(), { panic, division: { zonesOff: undefined, groups } });
    homeMeter(meter).observe({ on: meshEvents().on, services: () => [stats] });
    expect(pointsOf(await collect(), "weft.panic").map(({ value }) => value)).toEqual([1]);
  });

  test("shows so many endpoints apart and no more", async () => {
    const { meter, collect } = collecting();
    const home = testHome();
    const stats = statsOf(home);
    const [one] = stats.endpoints;
    const endpoints = Array.from({ length: 900 }, (_, at) => ({
      ...one!, // a test home has three
      endpoint: { ...one!.endpoint, id: `e${at}` },
    }));
    const services = ["a", "b", "c"].map((service) => ({ ...stats, service, endpoints }));
    homeMeter(meter).observe({ on: meshEvents().on, services: () => services });
    const all = await collect();
    expect(pointsOf(all, "weft.endpoint.available")).toHaveLength(1_000);
    expect(pointsOf(all, "weft.endpoints").map(({ value }) => value)).toEqual([900, 900, 900]);
  });

  test("does nothing where there is no SDK", () => {
    const { home, tracing } = metered(homeMeter(createNoopMeter()));
    const call = home.call(tracing);
    call.attempt({ status: 200 });
    call.end();
  });
});
