import { endpoint, type Grouping, peakEwma } from "@weft/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AdminServer, startAdmin } from "./admin-server.ts";
import { ask } from "./ask.suite.ts";
import { type FakeView, fakeView, makeCall } from "./fake-view.suite.ts";
import { ROUTES } from "./routes.ts";

let view: FakeView;
let server: AdminServer;
beforeEach(async () => {
  view = fakeView();
  server = await startAdmin({ listen: { host: "127.0.0.1", port: 0 } }, view);
});
afterEach(() => server.close());

const get = (path: string, headers: Record<string, string> = {}): ReturnType<typeof ask> =>
  ask(server.address, path, { headers });
const post = (path: string, headers: Record<string, string> = {}): ReturnType<typeof ask> =>
  ask(server.address, path, { method: "POST", headers });

describe("whether it lives and is ready", () => {
  test("lives, also while it is not ready", async () => {
    view.state = { kind: "draining" };
    expect(await get("/live")).toMatchObject({ status: 200, text: '{\n  "live": true\n}\n' });
  });

  test.each([
    { state: { kind: "ready" }, status: 200, body: { ready: true, state: "ready", reasons: [] } },
    {
      state: { kind: "starting", reasons: ["orders: no answer from the registry yet"] },
      status: 503,
      body: { ready: false, state: "starting", reasons: ["orders: no answer from the registry yet"] },
    },
    { state: { kind: "draining" }, status: 503, body: { ready: false, state: "draining" } },
  ] as const)("says $status while $state.kind", async ({ state, status, body }) => {
    view.state = state;
    const answered = await get("/ready");
    expect(answered.status).toBe(status);
    expect(answered.json()).toMatchObject(body);
  });
});

describe("services", () => {
  test("are shown with what was measured, in lengths from now", async () => {
    await makeCall(view, 1, "orders-1");
    view.cluster.eject("orders-2", 10_000);
    view.shown = {
      freshness: { kind: "stale", sinceMs: 18, error: "connect ECONNREFUSED 127.0.0.1:8500" },
      breaker: { kind: "open", untilMs: 1_518 },
      retriesLeft: undefined,
      retries: undefined,
    };
    const answered = await get("/services");
    expect(answered.headers).toMatchObject({
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(answered.json()).toMatchObject({
      services: [
        {
          name: "orders",
          source: "consul orders at http://127.0.0.1:8500",
          discovery: { state: "stale", staleMs: 1_000, error: "connect ECONNREFUSED 127.0.0.1:8500" },
          balancer: "peak-ewma",
          panic: false,
          calls: { running: 2, most: 1_024 },
          breaker: { state: "open", nextTrialMs: 500 },
          retriesLeft: null,
          retries: null,
          endpoints: [
            {
              id: "orders-1",
              address: "10.0.0.1:9001",
              zone: "a",
              available: true,
              why: "",
              attempts: 1,
              latencyMs: 18,
            },
            { id: "orders-2", available: false, ejectedForMs: 10_000, why: expect.stringContaining("by hand") },
            { id: "orders-3", available: false, registry: "draining", latencyMs: null },
          ],
        },
      ],
    });
  });

  test("tell how picks divide, and why they do not", async () => {
    expect((await get("/services/orders")).json()).toMatchObject({ zonesOff: null, groups: [] });
    const grouping = (own: string): Grouping => ({ picker: peakEwma, zones: { own, callers: undefined } });
    view.cluster.configure({ grouping: grouping("a") });
    expect((await get("/services/orders")).json()).toMatchObject({ zonesOff: "all endpoints are in zone a" });
    view.cluster.update([
      endpoint({ host: "10.0.0.1", port: 1, meta: { zone: "a", priority: "1" } }),
      endpoint({ host: "10.0.0.1", port: 2, meta: { zone: "b", priority: "1" } }),
      endpoint({ host: "10.0.0.1", port: 3, meta: { zone: "b", priority: "7" } }),
    ]);
    view.cluster.configure({ grouping: grouping("b") });
    expect((await get("/services/orders")).json()).toMatchObject({
      zonesOff: null,
      groups: [{ priority: 1, zone: "b", share: 1, panic: false, endpoints: 1 }],
      endpoints: [{ zone: "a" }, { zone: "b" }, { zone: "b" }],
    });
  });

  test("are found by name, percent-encoded or not", async () => {
    expect((await get("/services/orders")).json()).toMatchObject({ name: "orders" });
    expect((await get("/services/%6frders?x=1")).json()).toMatchObject({ name: "orders" });
    expect((await get("http://127.0.0.1/services/orders")).status).toBe(200);
  });

  test("of no such name: a problem that says which there are", async () => {
    const answered = await get("/services/oders");
    expect(answered.headers["content-type"]).toBe("application/problem+json");
    expect(answered.json()).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: 'there is no service "oders"; known: orders',
    });
  });
});

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

describe("explain", () => {
  test("tells in words by default, as data when asked", async () => {
    await makeCall(view, 7, "orders-1", TRACE);
    await view.time.advance(1_000);
    expect((await get("/explain?service=orders")).text.split("\n")).toEqual([
      `call 7 to orders, 1.0 s ago: answer 200 from orders-1 after 18 ms, 1 attempt; trace ${TRACE}`,
      "    +18 ms  attempt 1 at orders-1: success after 18 ms",
      "",
    ]);
    const asked = [
      await get("/explain?service=orders&format=json"),
      await get("/explain?service=orders", { accept: "application/json" }),
    ];
    for (const answered of asked) {
      expect(answered.json()).toMatchObject({
        service: { name: "orders" },
        calls: [
          {
            call: 7,
            service: "orders",
            end: { seq: 1, call: 7, side: "outbound", status: 200, traceId: TRACE, failed: false, agoMs: 1_018 },
            decisions: [
              {
                agoMs: 1_000,
                afterMs: 18,
                text: "attempt 1 at orders-1: success after 18 ms",
                kind: "attempt",
                call: 7,
              },
            ],
          },
        ],
      });
    }
  });

  const calls = async (query: string): Promise<number[]> => {
    const answered = await get(`/explain?${query}`, { accept: "application/json" });
    return (answered.json() as { readonly calls: readonly { readonly call: number }[] }).calls.map(({ call }) => call);
  };

  test("of one call, of the last ones, of those that failed", async () => {
    for (let number = 1; number <= 30; number++)
      await makeCall(view, number, number % 10 === 0 ? "orders-2" : "orders-1", TRACE);
    expect(await calls("service=orders")).toHaveLength(20);
    expect(await calls("service=orders&last=3")).toEqual([28, 29, 30]);
    expect(await calls("service=orders&call=10")).toEqual([10]);
    expect(await calls("service=orders&failed")).toEqual([10, 20, 30]);
    expect(await calls("service=orders&failed&last=1")).toEqual([30]);
    expect(await calls("failed")).toEqual([10, 20, 30]);
    expect(await calls("failed&last=2")).toEqual([20, 30]);
    expect((await get("/explain?service=orders&call=4711")).text).toBe(
      "no call 4711 is kept; kept are the last 4096 calls, and 1024 that failed or were tried more than once\n",
    );
  });

  test("of a service with as many of its endpoints as are asked for", async () => {
    const shown = async (query: string): Promise<unknown> =>
      (await get(`/explain?service=orders&format=json${query}`)).json();
    expect(await shown("")).toMatchObject({ service: { endpoints: [{}, {}, {}] } });
    expect(await shown("&limit=0")).toMatchObject({ service: { name: "orders", endpoints: [] } });
  });

  test("of a call that still runs, as far as it has come", async () => {
    await makeCall(view, 3, "orders-1");
    expect((await get("/explain?service=orders")).text).toMatch(
      /^call 3 to orders, 0\.0 ms ago: runs, or its end is no longer kept\n/,
    );
    expect((await get("/explain?service=orders&format=json")).json()).toMatchObject({
      calls: [{ call: 3, end: null }],
    });
  });

  test("of a call whose every failure was a connection that its endpoint had closed before", async () => {
    await makeCall(view, 1, "orders-1", TRACE);
    view.cluster.decisions.retry(view.time.nowMs(), 2, 1, "retried", 0, 99);
    expect(await calls("service=orders&failed")).toEqual([2]);
  });

  test("of a trace: each of its calls, whatever the service, and in capitals too", async () => {
    await makeCall(view, 1, "orders-1", TRACE);
    await makeCall(view, 2, "orders-2", "0af7651916cd43dd8448eb211c80319c");
    await makeCall(view, 3, "orders-2", TRACE);
    expect(await calls(`trace=${TRACE}`)).toEqual([1, 3]);
    expect(await calls(`trace=${TRACE.toUpperCase()}`)).toEqual([1, 3]);
    expect((await get(`/explain?trace=${TRACE}`)).text).toContain(
      "call 3 to orders, 2.0 ms ago: failed with CONNECT_FAILED, answer 502 after 2.0 ms, 1 attempt",
    );
  });

  test("of a trace that is not known: 404 that says what is kept", async () => {
    const answered = await get(`/explain?trace=${TRACE}`);
    expect(answered.status).toBe(404);
    expect(answered.json()).toMatchObject({
      detail: `no call of the trace ${TRACE} has ended here and is kept; kept are the last 4096 calls, and 1024 that failed or were tried more than once`,
    });
  });

  test("of a call that is remembered for longer than what was decided about it", async () => {
    await makeCall(view, 1, "orders-2", TRACE);
    for (let number = 2; number < 300; number++) await makeCall(view, number, "orders-1");
    for (const query of ["failed", "service=orders&call=1", "service=orders&failed"])
      expect((await get(`/explain?${query}`)).text).toContain("what was decided about it is no longer kept");
  });

  const NO_TRACE = "a trace id is 32 hexadecimal digits";
  test.each([
    ["/explain", "ask with trace=ID, service=NAME or failed"],
    ["/explain?service=", "is empty"],
    ["/explain?trace=", NO_TRACE],
    ["/explain?trace=4bf92f35", NO_TRACE],
    [`/explain?trace=${"0".repeat(32)}`, NO_TRACE],
    [`/explain?trace=${"g".repeat(32)}`, NO_TRACE],
    [`/explain?trace=00-${TRACE}-00f067aa0ba902b7-01`, NO_TRACE],
    [`/explain?trace=${TRACE}&service=orders`, "asked for alone"],
    [`/explain?trace=${TRACE}&failed`, "asked for alone"],
    ["/explain?call=7", 'needs "service"'],
    ["/explain?service=orders&service=billing", "given 2 times"],
    ["/explain?service=orders&last=0", "1..256"],
    ["/explain?service=orders&last=-1", "1..256"],
    ["/explain?service=orders&last=1e2", "1..256"],
    ["/explain?service=orders&call=x", "whole number"],
    ["/explain?service=orders&failed=maybe", "true and false"],
    ["/explain?service=orders&format=xml", "text or json"],
  ])("refuses %s", async (path, detail) => {
    const answered = await get(path);
    expect(answered.status).toBe(400);
    expect(answered.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });
});

describe("calls", () => {
  const listed = async (query = ""): Promise<{ readonly newest: number; readonly calls: readonly { seq: number }[] }> =>
    (await get(`/calls${query}`)).json() as { newest: number; calls: { seq: number }[] };
  const seqs = async (query = ""): Promise<number[]> => (await listed(query)).calls.map(({ seq }) => seq);

  test("are listed as they ended, with what each came to", async () => {
    await makeCall(view, 7, "orders-2", TRACE);
    await view.time.advance(500);
    expect((await get("/calls")).json()).toEqual({
      newest: 1,
      calls: [
        {
          seq: 1,
          call: 7,
          side: "outbound",
          service: "orders",
          endpoint: "orders-2",
          startedAt: new Date(1_790_000_000_000 + 1_000).toISOString(),
          agoMs: 502,
          durationMs: 2,
          status: 502,
          grpcStatus: null,
          attempts: 1,
          error: "CONNECT_FAILED",
          failed: true,
          flags: ["UF"],
          refused: null,
          traceId: TRACE,
        },
      ],
    });
  });

  test("the last ones, those since, of one service, and those that failed", async () => {
    expect(await listed()).toEqual({ newest: 0, calls: [] });
    for (let number = 1; number <= 5; number++)
      await makeCall(view, number, number === 2 ? "orders-2" : "orders-1", "");
    expect(await seqs()).toEqual([1, 2, 3, 4, 5]);
    expect(await seqs("?last=2")).toEqual([4, 5]);
    expect(await seqs("?since=3")).toEqual([4, 5]);
    expect(await seqs("?since=5")).toEqual([]);
    expect(await seqs("?failed")).toEqual([2]);
    expect(await seqs("?service=orders&last=1")).toEqual([5]);
    expect((await get("/calls?service=nobody")).status).toBe(404);
  });

  test.each([
    ["/calls?last=0", "1..1000"],
    ["/calls?last=1001", "1..1000"],
    ["/calls?since=-1", "whole number"],
    ["/calls?failed=7", "true and false"],
    ["/calls?service=a&service=b", "given 2 times"],
  ])("refuses %s", async (path, detail) => {
    const answered = await get(path);
    expect(answered.status).toBe(400);
    expect(answered.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });
});

test("the policy is shown with the origin of each value, and of secrets where they are kept", async () => {
  const answered = await get("/config");
  expect(answered.text).not.toContain("hunter2");
  expect(answered.json()).toMatchObject({
    file: "policy.yaml",
    since: "2026-09-21T14:13:20.000Z",
    refused: null,
    consul: { url: "http://127.0.0.1:8500", datacenter: null, token: "from env CONSUL_HTTP_TOKEN" },
    sidecar: {
      "sidecar.outbound.listen": { value: "127.0.0.1:15001", from: expect.stringContaining("policy.yaml:8") },
    },
    services: {
      orders: {
        "rules[0].when": { value: { path: "/reports/**", header: { "x-key": "***", "x-any": "*" } } },
        "rules[0].timeout.total": { value: "60s" },
        "retry.maxRetries": { value: 2, from: "services.orders.retry.maxRetries at policy.yaml:6" },
        "timeout.total": { value: "15s", from: "defaults.timeout.total at policy.yaml:3" },
        "timeout.connect": { value: "1s", from: expect.stringContaining("built-in default") },
      },
    },
  });
});

describe("by hand", () => {
  test("an endpoint is ejected for a time and restored, and is shown as it is then", async () => {
    const ejected = await post("/eject?service=orders&endpoint=orders-1&for=10s");
    expect(ejected.status).toBe(200);
    expect(ejected.json()).toMatchObject({ id: "orders-1", available: false, ejectedForMs: 10_000 });
    const restored = await post("/restore?service=orders&endpoint=orders-1");
    expect(restored.json()).toMatchObject({ id: "orders-1", available: true, ejectedForMs: null });
    expect(view.done).toEqual(["eject orders-1 10000", "restore orders-1"]);
  });

  test.each([
    ["/eject?service=orders&endpoint=orders-1", 400, '"for" is missing'],
    ["/eject?service=orders&endpoint=orders-1&for=10", 400, "10s or 5m"],
    ["/eject?service=orders&endpoint=orders-1&for=0s", 400, "10s or 5m"],
    ["/eject?service=orders&endpoint=orders-1&for=25h", 400, "up to 24h"],
    ["/eject?service=orders&for=1s", 400, '"endpoint" is missing'],
    ["/eject?service=nobody&endpoint=orders-1&for=1s", 404, "known: orders"],
    ["/eject?service=orders&endpoint=orders-9&for=1s", 404, "known: orders-1, orders-2, orders-3"],
    ["/restore?service=orders&endpoint=orders-9", 404, "known: orders-1"],
  ])("%s is refused with %i", async (path, status, detail) => {
    const answered = await post(path);
    expect(answered.status).toBe(status);
    expect(answered.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  test("drains, and says so before it does", async () => {
    expect(await post("/drain")).toMatchObject({ status: 202 });
    expect(view.done).toEqual(["drain"]);
  });

  test.each(["/eject?service=orders&endpoint=orders-1&for=1s", "/restore?service=orders&endpoint=orders-1", "/drain"])(
    "%s does nothing for GET and HEAD",
    async (path) => {
      for (const method of ["GET", "HEAD"]) {
        const answered = await ask(server.address, path, { method });
        expect(answered).toMatchObject({ status: 405, headers: { allow: "POST" } });
      }
      expect(view.done).toEqual([]);
    },
  );
});

describe("any route", () => {
  test("is listed at /, and has no other method", async () => {
    const listed = (await get("/")).text;
    for (const { method, path } of ROUTES) {
      expect(listed).toContain(`${method.padEnd(4)} ${path} `);
      const other = await ask(server.address, path.replace("NAME", "orders"), { method: "DELETE" });
      expect(other.status).toBe(405);
      expect(other.headers.allow).toBe(method === "GET" ? "GET, HEAD" : "POST");
    }
  });

  test("answers HEAD like GET, without the body", async () => {
    for (const path of ["/", "/live", "/services", "/metrics", "/config"]) {
      const [head, whole] = [await ask(server.address, path, { method: "HEAD" }), await get(path)];
      expect(head).toMatchObject({ status: whole.status, text: "" });
      expect(head.headers["content-length"]).toBe(whole.headers["content-length"]);
    }
  });

  test("shows metrics in the type that Prometheus asks for", async () => {
    expect(await get("/metrics")).toMatchObject({
      headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      text: "weft_ready 1\n",
    });
  });

  test("that breaks is a problem, and the server goes on", async () => {
    view.metrics = () => {
      throw new Error("boom");
    };
    expect((await get("/metrics")).json()).toMatchObject({ status: 500, detail: "boom" });
    expect((await get("/live")).status).toBe(200);
  });

  test.each(["/nothing", "/services/", "/services/a/b", "/Ready", "/ready/", "//ready", "/../config"])(
    "%s is not there",
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );
});
