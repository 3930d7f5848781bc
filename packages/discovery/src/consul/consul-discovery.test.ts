import { gzipSync } from "node:zlib";
import { meshEvents } from "@weft/core";
import { fakeTime, seededRandom } from "@weft/testkit";
import Consul from "consul";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeDiscovery, hostsOf, until } from "../discovery.suite.ts";
import { consulDiscovery } from "./consul-discovery.ts";
import type { ConsulOptions } from "./consul-discovery.ts";
import { FakeAgent, healthBody } from "./fake-agent.suite.ts";

describeDiscovery("consul", async (hosts) => {
  const agent = await FakeAgent.start(hosts);
  return {
    discovery: consulDiscovery({ url: agent.url }),
    say: (next) => agent.say(next),
    fail: () => agent.lie((_request, response) => response.destroy()),
    cleanUp: () => agent.close(),
  };
});

async function started(hosts: readonly string[], options: ConsulOptions = {}) {
  const agent = await FakeAgent.start(hosts);
  const discovery = consulDiscovery({ url: agent.url, ...options });
  onTestFinished(async () => {
    await discovery.close();
    await agent.close();
  });
  return { agent, discovery };
}

const good = { "x-consul-index": "99" };

describe("a registry that lies keeps the last good membership", () => {
  test.each([
    { what: "a page with 200", body: "<html>welcome</html>", headers: good },
    { what: "truncated JSON", body: healthBody(["10.0.0.9"]).slice(0, -5), headers: good },
    { what: "an object", body: '{"error":"no"}', headers: good },
    { what: "a list of something else", body: "[1,2,3]", headers: good },
    { what: "null", body: "null", headers: good },
    { what: "nothing at all", body: "", headers: good },
    { what: "what is not gzip", body: healthBody(["10.0.0.9"]), headers: { ...good, "content-encoding": "gzip" } },
    { what: "deep nesting", body: "[".repeat(200_000), headers: good },
  ])("$what", async ({ body, headers }) => {
    const { agent, discovery } = await started(["10.0.0.1"]);
    const watch = discovery.watch("orders");
    await watch.ready();
    agent.lie((_request, response) => response.writeHead(200, headers).end(body));
    const { endpoints, freshness } = await until(watch, (now) => now.freshness.kind === "stale");
    expect(endpoints.map(({ host }) => host)).toEqual(["10.0.0.1"]);
    expect(freshness).toMatchObject({ error: expect.stringContaining("not Consul's") });
  });

  test.each([
    { status: 500, says: "No cluster leader" },
    { status: 403, says: "Permission denied" },
    { status: 429, says: "rate limit exceeded" },
    { status: 404, says: "Invalid URL path" },
    { status: 301, says: "301" },
  ])("status $status", async ({ status, says }) => {
    const { agent, discovery } = await started(["10.0.0.1"]);
    const watch = discovery.watch("orders");
    await watch.ready();
    agent.lie((_request, response) => response.writeHead(status, good).end(says));
    const { endpoints, freshness } = await until(watch, (now) => now.freshness.kind === "stale");
    expect(endpoints).toHaveLength(1);
    expect(freshness).toMatchObject({ error: expect.stringContaining(says) });
  });

  test("a body that is cut, and a header without end", async () => {
    for (const cut of [
      "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n[{",
      `HTTP/1.1 200 OK\r\nx: ${"y".repeat(40_000)}`,
    ]) {
      const { agent, discovery } = await started(["10.0.0.1"]);
      const watch = discovery.watch("orders");
      await watch.ready();
      agent.lie((request) => request.socket.end(cut));
      const { endpoints } = await until(watch, (now) => now.freshness.kind === "stale");
      expect(endpoints).toHaveLength(1);
    }
  });

  test("a body of more than 64 MiB, sent or unpacked", async () => {
    const block = Buffer.alloc(1024 * 1024, 32);
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024, 32), { level: 1 });
    const { agent, discovery } = await started(["10.0.0.1"]);
    const watch = discovery.watch("orders");
    await watch.ready();
    agent.lie((_request, response) => {
      response.writeHead(200, good);
      for (let i = 0; i < 65; i++) response.write(block);
      response.end();
    });
    const large = await until(watch, (now) => now.freshness.kind === "stale");
    expect(large.freshness).toMatchObject({ error: "an answer of more than 67108864 bytes" });
    agent.lie((_request, response) => response.writeHead(200, { ...good, "content-encoding": "gzip" }).end(bomb));
    const unpacked = await until(
      watch,
      (now) => "error" in now.freshness && now.freshness.error?.includes("not Consul's") === true,
    );
    expect(unpacked.endpoints).toHaveLength(1);
  });
});

test("reads compressed answers", async () => {
  const { agent, discovery } = await started([]);
  agent.lie((_request, response) =>
    response.writeHead(200, { ...good, "content-encoding": "gzip" }).end(gzipSync(healthBody(["10.0.0.1"]))),
  );
  expect(hostsOf(await discovery.watch("orders").ready())).toEqual(["10.0.0.1"]);
});

test("leaves out who cannot be dialled, and names each set once", async () => {
  const events = meshEvents();
  const reasons: string[] = [];
  events.on("discovery.held", ({ reason }) => reasons.push(reason));
  const { agent, discovery } = await started([], { events });
  agent.lie((_request, response) => response.writeHead(200, { "x-consul-index": "99" }).end(healthBody(["a", "b"], 0)));
  expect((await discovery.watch("orders").ready()).endpoints).toEqual([]);
  expect(reasons).toEqual([
    "node-a/orders-1 left out: port 0 cannot be dialled; node-b/orders-1 left out: port 0 cannot be dialled",
  ]);
});

test("asks with every part of the query, and each service by its own", async () => {
  const { agent, discovery } = await started([], {
    tag: ["v2", "eu"],
    filter: 'Service.Meta.a == "1"',
    dc: "dc2",
    services: { users: { name: "users api", tag: "v1", ns: "team" } },
  });
  await Promise.all([discovery.watch("orders").ready(), discovery.watch("users").ready()]);
  const first = agent.requests.filter((request) => !request.includes("index="));
  expect(first.toSorted()).toEqual([
    "GET /v1/health/service/orders?dc=dc2&filter=Service.Meta.a+%3D%3D+%221%22&tag=v2&tag=eu&stale&max_stale=30000ms",
    "GET /v1/health/service/users%20api?dc=dc2&ns=team&filter=Service.Meta.a+%3D%3D+%221%22&tag=v1&stale&max_stale=30000ms",
  ]);
});

test("takes address and token from an existing client", async () => {
  const tokens: unknown[] = [];
  const { agent } = await started(["10.0.0.1"]);
  agent.lie((request, response) => {
    tokens.push(request.headers["x-consul-token"]);
    response.writeHead(200, { "x-consul-index": "99" }).end(healthBody(["10.0.0.1"]));
  });
  const consul = new Consul({ host: "127.0.0.1", port: agent.port, defaults: { token: "secret" } });
  const discovery = consulDiscovery({ consul });
  onTestFinished(() => discovery.close());
  const { source } = await discovery.watch("orders").ready();
  expect(source).toBe(`consul orders at ${agent.url}`);
  expect(tokens[0]).toBe("secret");
});

test("one request serves all who watch a service, and lingers 30 s after the last", async () => {
  const time = fakeTime();
  const { agent, discovery } = await started(["10.0.0.1"], { time, random: seededRandom(7) });
  const watches = Array.from({ length: 50 }, () => discovery.watch("orders"));
  await Promise.all(watches.map((watch) => watch.ready()));
  expect(discovery.stats()).toMatchObject({ blocking: 1 });
  for (const watch of watches) watch.close();
  await time.advance(29_000);
  const again = discovery.watch("orders");
  expect(again.membership.endpoints).toHaveLength(1);
  await time.advance(60_000);
  expect(discovery.stats()).toMatchObject({ blocking: 1 });
  again.close();
  await time.advance(30_000);
  expect(discovery.stats()).toMatchObject({ blocking: 0 });
  expect(agent.requests.filter((request) => !request.includes("index="))).not.toHaveLength(0);
});

test("one request serves services by other names that are the same in Consul, and each is told of by its own", async () => {
  const events = meshEvents();
  const told: unknown[] = [];
  for (const name of ["discovery.freshness", "discovery.held"] as const) {
    events.on(name, ({ service }) => told.push([name, service]));
  }
  const services = { fast: { name: "orders" }, slow: { name: "orders" }, other: { name: "orders", tag: "v2" } };
  const { agent, discovery } = await started(["10.0.0.1"], { events, services });
  const [fast, slow] = [discovery.watch("fast"), discovery.watch("slow")];
  expect(hostsOf(await slow.ready())).toEqual(["10.0.0.1"]);
  expect(discovery.stats()).toMatchObject({ blocking: 1 });
  expect(told).toEqual([
    ["discovery.freshness", "fast"],
    ["discovery.freshness", "slow"],
  ]);
  fast.close();
  agent.lie((_request, response) => response.writeHead(200, good).end("[]"));
  await expect.poll(() => told.at(-1)).toEqual(["discovery.held", "slow"]);
  discovery.watch("other");
  expect(discovery.stats()).toMatchObject({ blocking: 2 });
  const never = expect(discovery.watch("nobody").ready()).rejects.toMatchObject({ code: "CLOSED", service: "nobody" });
  await discovery.close();
  await never;
});

test("refuses options out of range, all at once", () => {
  expect(() => consulDiscovery({ waitMs: 5, maxSockets: 0 })).toThrow(
    "discovery.consul.waitMs: 5 is not a whole number in 10000..300000; discovery.consul.maxSockets: 0 is not a whole number in 1..200",
  );
  expect(() => consulDiscovery({ url: "ftp://consul" })).toThrow(
    "discovery.consul.url: ftp://consul: http, https or unix",
  );
});

test("close ends with nothing open, also in the middle of requests", async () => {
  const time = fakeTime();
  const { discovery } = await started(["10.0.0.1"], { time });
  await discovery.watch("orders").ready();
  void discovery.watch("users");
  await discovery.close();
  expect(time.pending()).toBe(0);
  expect(discovery.stats()).toMatchObject({ sockets: 0, blocking: 0 });
});
