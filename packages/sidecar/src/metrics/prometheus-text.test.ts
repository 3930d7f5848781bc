import { OngoingCall } from "@weft/core";
import { describe, expect, test } from "vitest";
import { type FakeView, fakeView, makeCall } from "../admin/fake-view.suite.ts";
import { Counters } from "./counters.ts";
import { Exposition } from "./exposition.ts";
import type { Family } from "./family.ts";
import { processMeter, type ProcessStats } from "./process-meter.ts";
import { prometheusText } from "./prometheus-text.ts";
import { readExposition } from "./read-exposition.suite.ts";
import type { MetricsState } from "./shown.ts";

const PROCESS: ProcessStats = {
  residentBytes: 50e6,
  heapUsedBytes: 9e6,
  heapTotalBytes: 20e6,
  cpuUserSeconds: 1,
  cpuSystemSeconds: 0.25,
  openDescriptors: 60,
  mostDescriptors: 1_024,
  startedEpochSeconds: 1.79e9,
  uptimeSeconds: 60,
  lagP99Seconds: 0.001,
  lagMaxSeconds: 0.02,
  busyRatio: 0.5,
};

function stateOf(view: FakeView, counters: Counters): MetricsState {
  return { counters, services: view.services(), readiness: view.state, logLinesDropped: 3, process: PROCESS };
}

function read(state: MetricsState): ReadonlyMap<string, number> {
  const all = new Map<string, number>();
  for (const { samples } of readExposition(prometheusText(state)).values()) {
    for (const [key, value] of samples) all.set(key, value);
  }
  return all;
}

describe("metrics", () => {
  test("have Envoy's names and labels where Envoy has them", async () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    await makeCall(view, 1, "orders-1");
    const running = new OngoingCall(2, "orders", view.time.nowMs(), true);
    view.cluster.acquire(running);
    view.cluster.eject("orders-2", 10_000);
    const service = counters.service("orders");
    service.callBegan();
    service.callEnded(200, 2, 18, -1, "read", false);
    service.callBegan();
    Object.assign(service.endpoint("orders-1"), {
      attempts: 2,
      attemptsActive: 1,
      connections: 4,
      connectionsActive: 3,
      closedHere: 1,
    });
    const listener = counters.listener("outbound");
    listener.connections = 5;
    listener.callBegan();
    listener.callEnded(503, 0.4);
    view.events.emit("retry.denied", { service: "orders", reason: "budget" });
    view.events.emit("limit.reached", { service: "orders", limit: "limits.connections", value: 1 });
    view.events.emit("limit.reached", { service: "orders", limit: "limits.calls", value: 1 });

    const samples = read(stateOf(view, counters));
    const cluster = '{envoy_cluster_name="orders"}';
    expect(Object.fromEntries(samples)).toMatchObject({
      [`envoy_cluster_upstream_rq_total${cluster}`]: 2,
      [`envoy_cluster_upstream_rq_active${cluster}`]: 1,
      [`envoy_cluster_upstream_cx_active${cluster}`]: 3,
      'envoy_cluster_upstream_rq_xx{envoy_cluster_name="orders",envoy_response_code_class="2"}': 1,
      [`envoy_cluster_upstream_rq_retry_success${cluster}`]: 1,
      [`envoy_cluster_upstream_rq_retry_overflow${cluster}`]: 1,
      [`envoy_cluster_upstream_rq_pending_overflow${cluster}`]: 1,
      [`envoy_cluster_upstream_cx_overflow${cluster}`]: 1,
      [`envoy_cluster_upstream_cx_total${cluster}`]: 4,
      [`envoy_cluster_upstream_cx_destroy${cluster}`]: 1,
      'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="orders",le="10"}': 0,
      'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="orders",le="25"}': 1,
      'envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="orders",le="+Inf"}': 1,
      [`envoy_cluster_membership_total${cluster}`]: 3,
      [`envoy_cluster_membership_healthy${cluster}`]: 1,
      [`envoy_cluster_outlier_detection_ejections_active${cluster}`]: 1,
      [`envoy_cluster_outlier_detection_ejections_enforced_total${cluster}`]: 1,
      [`envoy_cluster_circuit_breakers_default_cx_open${cluster}`]: 0,
      [`envoy_cluster_circuit_breakers_default_remaining_rq${cluster}`]: 1_022,
      [`envoy_cluster_circuit_breakers_default_remaining_retries${cluster}`]: 99,
      'envoy_listener_downstream_cx_total{envoy_listener_address="outbound"}': 5,
      'envoy_http_downstream_rq_total{envoy_http_conn_manager_prefix="outbound"}': 1,
      'envoy_http_downstream_rq_xx{envoy_http_conn_manager_prefix="outbound",envoy_response_code_class="5"}': 1,
      'envoy_http_downstream_rq_time_bucket{envoy_http_conn_manager_prefix="outbound",le="0.5"}': 1,
    });
  });

  test("say what became of connections of HTTP/2, on either side", () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    counters.listener("outbound").http2.floods = 2;
    counters.service("orders").http2.streamsActive = 3;
    expect(Object.fromEntries(read(stateOf(view, counters)))).toMatchObject({
      'weft_http2_downstream_floods_total{listener="outbound"}': 2,
      'weft_http2_downstream_streams_total{listener="outbound"}': 0,
      'weft_http2_upstream_streams_active{service="orders"}': 3,
      weft_http2_held_bytes: 0,
      weft_http2_coalesced_waits_total: 0,
    });
  });

  test("say under weft_ what Envoy has no name for", async () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    await makeCall(view, 1, "orders-1");
    await makeCall(view, 2, "orders-2");
    view.shown = {
      freshness: { kind: "stale", sinceMs: view.time.nowMs() - 2_500, error: "x" },
      breaker: { kind: "half-open", trial: 0 },
    };
    view.state = { kind: "draining" };
    counters.service("orders").endpoint("orders-1").connectionsActive = 7;
    expect(Object.fromEntries(read(stateOf(view, counters)))).toMatchObject({
      'weft_discovery_staleness_seconds{service="orders"}': 2.5,
      'weft_discovery_state{service="orders",state="stale"}': 1,
      'weft_discovery_state{service="orders",state="live"}': 0,
      'weft_breaker_state{service="orders",state="half-open"}': 1,
      'weft_retry_budget_remaining{service="orders"}': 99,
      'weft_retries_running{service="orders"}': 0,
      'weft_retries_limit{service="orders"}': 3,
      'weft_endpoint_available{service="orders",endpoint="orders-1"}': 1,
      'weft_endpoint_available{service="orders",endpoint="orders-3"}': 0,
      'weft_endpoint_latency_seconds{service="orders",endpoint="orders-1"}': expect.closeTo(0.018, 3),
      'weft_endpoint_failed_attempts_total{service="orders",endpoint="orders-2"}': 1,
      'weft_endpoint_connections_active{service="orders",endpoint="orders-1"}': 7,
      weft_ready: 0,
      weft_access_log_lines_dropped_total: 3,
      weft_event_loop_lag_max_seconds: 0.02,
      process_resident_memory_bytes: 50e6,
    });
  });

  test("keep reads, writes and gRPC apart, in seconds", () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    const service = counters.service("orders");
    service.callEnded(200, 1, 18, -1, "read", false);
    service.callEnded(503, 1, 1_800, -1, "write", true);
    service.callEnded(0, 0, 5, -1, "write", false);
    const text = prometheusText(stateOf(view, counters));
    readExposition(text);
    expect(text).not.toContain('method="grpc",le=');
    expect(Object.fromEntries(read(stateOf(view, counters)))).toMatchObject({
      'weft_calls_ended_total{service="orders",method="read",status="2xx"}': 1,
      'weft_calls_ended_total{service="orders",method="write",status="none"}': 1,
      'weft_calls_failed_total{service="orders",method="write"}': 1,
      'weft_calls_failed_total{service="orders",method="grpc"}': 0,
      'weft_call_duration_seconds_bucket{service="orders",method="read",le="0.01"}': 0,
      'weft_call_duration_seconds_bucket{service="orders",method="read",le="0.025"}': 1,
      'weft_call_duration_seconds_sum{service="orders",method="write"}': 1.8,
      'envoy_cluster_upstream_rq_time_sum{envoy_cluster_name="orders"}': 1_818,
    });
  });

  test("say of an endpoint how long its answers took, and of an ejection what led to it", async () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    await makeCall(view, 1, "orders-1");
    view.cluster.eject("orders-2", 10_000);
    expect(Object.fromEntries(read(stateOf(view, counters)))).toMatchObject({
      'weft_endpoint_answer_seconds_bucket{service="orders",endpoint="orders-1",le="0.01"}': 0,
      'weft_endpoint_answer_seconds_bucket{service="orders",endpoint="orders-1",le="0.025"}': 1,
      'weft_ejections_total{service="orders",reason="by-hand"}': 1,
      weft_endpoints_unlisted: 0,
    });
  });

  test("tell what became of spans, when some are made, and what waits for a connection", () => {
    const view = fakeView();
    const state = stateOf(view, new Counters(view.events));
    expect(prometheusText(state)).not.toContain("weft_traced_calls");
    const spans = {
      kept: { parent: 4, ratio: 3, failed: 2, slow: 0 },
      dropped: { parent: 0, ratio: 90, unreadable: 0 },
      lost: 7,
    };
    expect(Object.fromEntries(read({ ...state, spans, pending: () => 5 }))).toMatchObject({
      'weft_traced_calls_kept_total{reason="failed"}': 2,
      'weft_traced_calls_dropped_total{reason="ratio"}': 90,
      weft_spans_lost_total: 7,
      'envoy_cluster_upstream_rq_pending_active{envoy_cluster_name="orders"}': 5,
    });
  });

  test("stay short enough however many services and endpoints there are", () => {
    const view = fakeView();
    const counters = new Counters(view.events, 20);
    const [orders] = view.services();
    const [one] = orders!.endpoints;
    const endpoints = Array.from({ length: 3_000 }, (_, at) => ({
      ...one!, // a fake view has three
      attempts: 1,
      endpoint: { ...one!.endpoint, id: `e${at}` },
    }));
    const services = Array.from({ length: 200 }, (_, at) => ({ ...orders!, service: `s${at}`, endpoints }));
    const text = prometheusText({ ...stateOf(view, counters), services });
    expect(text).toContain("weft_endpoints_unlisted 58000\n");
    expect(text.match(/^weft_endpoint_available/gm)).toHaveLength(2_000);
    expect(text).toContain('weft_calls_total{service="(other)"} 0\n');
    expect(text).not.toContain('service="s20"');
    expect(text.length).toBeLessThan(6e6);
  });

  test("say of a priority, too, that its checks are ignored", () => {
    const view = fakeView();
    const state = stateOf(view, new Counters(view.events));
    const [orders] = state.services;
    const panicIn = (panic: boolean): number | undefined => {
      const about = { zone: undefined, zonesOff: undefined, spill: undefined, lookFrom: undefined };
      const groups = [{ ...about, priority: 0, share: 1, panic, endpoints: 2 }];
      const service = { ...orders!, division: { zonesOff: undefined, groups } };
      return read({ ...state, services: [service] }).get('weft_panic{service="orders"}');
    };
    expect([false, true].map(panicIn)).toEqual([0, 1]);
  });

  test("say how far Consul's server was behind its leader, while it answers", () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    const lastContact = (): number | undefined =>
      read(stateOf(view, counters)).get('weft_discovery_last_contact_seconds{service="orders"}');
    view.shown = { freshness: { kind: "live", atMs: 0, lastContactMs: 250 } };
    expect(lastContact()).toBe(0.25);
    view.shown = { freshness: { kind: "live", atMs: 0 } };
    expect(lastContact()).toBeUndefined();
    view.shown = { freshness: { kind: "stale", sinceMs: 0, error: "x" } };
    expect(lastContact()).toBeUndefined();
  });

  test("leave out what is not there: no breaker, no retries, no access log, nothing learned yet", () => {
    const view = fakeView();
    view.shown = { retriesLeft: undefined, retries: undefined, breaker: undefined, freshness: { kind: "pending" } };
    const text = prometheusText({ ...stateOf(view, new Counters(view.events)), logLinesDropped: undefined });
    readExposition(text);
    const absent = ["weft_breaker_state", "weft_retry_budget", "weft_retries_limit", "lines_dropped", "staleness"];
    for (const name of [...absent, "remaining_retries", "rq_retry_open{"]) expect(text).not.toContain(name);
    expect(text).not.toContain("NaN");
  });

  test("forget endpoints that left, and stay bounded however many come and go", () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    const service = counters.service("orders");
    for (let i = 0; i < 5_000; i++) service.endpoint(`old-${i}`).attempts++;
    const text = prometheusText(stateOf(view, counters));
    expect(text).not.toContain("old-");
    expect(text).toContain('envoy_cluster_upstream_rq_total{envoy_cluster_name="orders"} 5000\n');
    view.cluster.update([]);
    expect(prometheusText(stateOf(view, counters))).not.toContain("orders-1");
  });

  test("are read by a strict reader, whatever names registries hold", () => {
    const view = fakeView();
    const counters = new Counters(view.events);
    const hostile = 'a"b\\c\nd{e="f"} 1\u{1f600}';
    counters.service(hostile).callBegan();
    counters.listener(hostile).callBegan();
    const samples = read(stateOf(view, counters));
    expect(samples.get(`weft_calls_total{service="a\\"b\\\\c\\nd{e=\\"f\\"} 1\u{1f600}"}`)).toBe(1);
  });

  test("end in their unit: a counter of weft's in _total, a length of time in _seconds", () => {
    const view = fakeView();
    for (const [name, { type }] of readExposition(prometheusText(stateOf(view, new Counters(view.events))))) {
      if (name.startsWith("weft_") && type === "counter") expect(name).toMatch(/_total$/);
      expect(name).not.toMatch(/_(ms|milliseconds)(_|$)/);
    }
  });
});

test("a family without samples leaves no trace, and numbers of any size are written", () => {
  const family = (name: string, help: string, labels: readonly string[]): Family => ({
    name,
    otel: undefined,
    type: "upDown",
    unit: "1",
    help,
    labels: labels.map((label) => ({ name: label, attribute: label, values: "" })),
    write: () => {},
  });
  const out = new Exposition();
  out.begin(family("none", "Nothing.", []));
  out.begin(family("some", "A line\nand a \\.", ["at"]));
  out.sample(["1"], 1e21);
  out.sample(["2"], Number.POSITIVE_INFINITY);
  out.sample(["\ud800"], -0.5);
  expect(out.text()).toBe(
    '# HELP some A line\\nand a \\\\.\n# TYPE some gauge\nsome{at="1"} 1e+21\nsome{at="2"} +Inf\nsome{at="\ufffd"} -0.5\n',
  );
  readExposition(out.text());
});

test.each([
  "x 1",
  "# TYPE x counter\nx 1\n",
  "# HELP x y\n# TYPE x counter\nx 1\nx 1\n",
  "# HELP x y\n# TYPE x gauge\nx{a=b} 1\n",
])("the strict reader takes no %j", (text) => {
  expect(() => readExposition(text)).toThrow();
});

test("the process meter sees a blocked event loop, and nothing once it has been read", async () => {
  const meter = processMeter();
  const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await rest(250); // it has looked twice: its timers were due before this one
  const until = performance.now() + 300;
  while (performance.now() < until); // it was to look at least twice
  await rest(1);
  const blocked = meter.read();
  expect(blocked.lagMaxSeconds).toBeGreaterThan(0.15);
  expect(blocked.residentBytes).toBeGreaterThan(1e6);
  expect(blocked.busyRatio).toBeGreaterThan(0);
  expect(meter.read().lagMaxSeconds).toBe(0);
  meter.close();
});
