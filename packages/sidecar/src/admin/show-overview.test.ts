import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AdminServer, startAdmin } from "./admin-server.ts";
import { ask } from "./ask.suite.ts";
import { type FakeView, fakeView } from "./fake-view.suite.ts";

let view: FakeView;
let server: AdminServer;
beforeEach(async () => {
  view = fakeView();
  server = await startAdmin({ listen: { host: "127.0.0.1", port: 0 } }, view);
});
afterEach(() => server.close());

const get = (path: string): ReturnType<typeof ask> => ask(server.address, path);

describe("the overview", () => {
  test("counts each endpoint once, by the first rule that keeps it out", async () => {
    view.cluster.eject("orders-1", 10_000);
    view.cluster.eject("orders-3", 10_000); // it drains as well
    expect((await get("/overview")).json()).toMatchObject({
      services: [{ name: "orders", members: { total: 3, available: 1, ejected: 2, draining: 0 } }],
    });
    view.cluster.restore("orders-3");
    expect((await get("/overview")).json()).toMatchObject({
      services: [{ members: { total: 3, available: 1, ejected: 1, draining: 1 } }],
    });
  });

  test("counts what ended, and of that what was judged to have failed", async () => {
    const { counters } = view;
    for (let i = 0; i < 6; i++) counters.callBegan();
    counters.callEnded(200, 1, 12, -1, "read", false);
    counters.callEnded(404, 1, 12, -1, "read", false);
    counters.callEnded(503, 1, 600, -1, "write", true);
    counters.callEnded(0, 1, 12, -1, "read", true);
    counters.callEnded(200, 2, 12, 14, "grpc", true);
    const { services } = (await get("/overview")).json() as { services: { counted: { latency: number[] } }[] };
    expect(services[0]?.counted).toMatchObject({ calls: 6, ended: 5, failed: 3 });
    expect(services[0]?.counted.latency.reduce((sum, count) => sum + count, 0)).toBe(5);
  });

  test("has no endpoints, and no more bytes than it takes", async () => {
    const { text } = await get("/overview");
    expect(text).not.toContain("orders-1");
    expect(text).not.toContain("\n");
  });

  test("has the clock of all that it shows", async () => {
    expect((await get("/overview")).json()).toMatchObject({ atMs: view.nowMs() });
  });
});

describe("a page of the endpoints", () => {
  const ids = async (query: string): Promise<unknown> => {
    const { matching, endpoints } = (await get(`/services/orders?${query}`)).json() as {
      matching: number;
      endpoints: { id: string }[];
    };
    return [matching, ...endpoints.map(({ id }) => id)];
  };

  test("is what was asked for, and says how many there are", async () => {
    expect(await ids("")).toEqual([3, "orders-1", "orders-2", "orders-3"]);
    expect(await ids("offset=1&limit=1")).toEqual([3, "orders-2"]);
    expect(await ids("limit=0")).toEqual([3]);
    expect(await ids("offset=9&limit=5")).toEqual([3]);
    expect(await ids("out")).toEqual([1, "orders-3"]);
    expect(await ids("like=ORDERS-2")).toEqual([1, "orders-2"]);
    expect(await ids("like=:9001")).toEqual([1, "orders-1"]);
    expect(await ids("like=.*")).toEqual([0]);
  });

  test("has the latencies of each endpoint when they are asked for", async () => {
    expect((await get("/services/orders?limit=1")).text).not.toContain("answers");
    const { endpoints } = (await get("/services/orders?limit=1&counted")).json() as {
      endpoints: { answers: number[] }[];
    };
    expect(endpoints[0]?.answers).toHaveLength(13);
  });

  test.each(["limit=-1", "limit=1001", "limit=x", "offset=1.5", "out=maybe", "limit=1&limit=2"])(
    "refuses %s",
    async (query) => expect((await get(`/services/orders?${query}`)).status).toBe(400),
  );
});

describe("the dashboard", () => {
  test("is at a folder, and told from the API by its policy for content", async () => {
    expect(await get("/dashboard")).toMatchObject({ status: 308, headers: { location: "/dashboard/" } });
    const page = await get("/dashboard/?service=orders");
    expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
    expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
    expect((await get("/dashboard/main.js")).headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect((await get("/dashboard/../package.json")).status).toBe(404);
    expect((await get("/dashboardx")).status).toBe(404);
    expect((await ask(server.address, "/dashboard/", { method: "POST" })).status).toBe(405);
  });
});
