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

describe("explain", () => {
  test("tells in words by default, as data when asked", async () => {
    await makeCall(view, 7, "orders-1");
    expect((await get("/explain?service=orders")).text).toMatch(/^0\.000 s ago call 7: attempt 1 at orders-1: success/);
    const asked = [
      await get("/explain?service=orders&format=json"),
      await get("/explain?service=orders", { accept: "application/json" }),
    ];
    for (const answered of asked) {
      expect(answered.json()).toMatchObject({
        service: { name: "orders" },
        decisions: [{ agoMs: 0, text: "attempt 1 at orders-1: success after 18 ms", kind: "attempt", call: 7 }],
      });
    }
  });

  test("of one call, of the last ones, of those that failed", async () => {
    for (let number = 1; number <= 30; number++)
      await makeCall(view, number, number % 10 === 0 ? "orders-2" : "orders-1");
    const lines = async (query: string): Promise<string[]> =>
      (await get(`/explain?service=orders${query}`)).text.trimEnd().split("\n");
    expect(await lines("")).toHaveLength(20);
    expect(await lines("&last=3")).toHaveLength(3);
    expect(await lines("&call=10")).toEqual([
      expect.stringContaining("call 10: attempt 1 at orders-2: could not connect"),
    ]);
    expect(await lines("&failed")).toHaveLength(3);
    expect(await lines("&failed&last=1")).toEqual([expect.stringContaining("call 30")]);
    expect(await lines("&call=4711")).toEqual([expect.stringContaining("no decision is kept")]);
  });

  test.each([
    ["/explain", "is missing"],
    ["/explain?service=", "is missing"],
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
