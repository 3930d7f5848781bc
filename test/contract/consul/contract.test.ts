import Consul from "consul";
import { expect } from "vitest";
import { eachAgent } from "./each-agent.ts";

eachAgent("an agent", (api, test) => {
  const { ask, put, health, settled } = api;

  test("shows a registration with every field", async () => {
    const Tags = ["a", "B"];
    await put("/agent/service/register", {
      Name: "full",
      ID: "f1",
      Port: 80,
      Address: "127.0.0.9",
      Tags,
      Meta: { v: "1" },
      Weights: { Passing: 3, Warning: 2 },
      Check: { TTL: "60s" },
    });
    const { entries } = await settled("full", (all) => all.length === 1 && all[0]?.Checks.length === 2);
    const both = { Address: "127.0.0.9", Port: 80 };
    expect(entries[0]?.Service).toEqual({
      ID: "f1",
      Service: "full",
      Tags,
      Address: "127.0.0.9",
      TaggedAddresses: { lan_ipv4: both, wan_ipv4: both },
      Meta: { v: "1" },
      Port: 80,
      Weights: { Passing: 3, Warning: 2 },
      EnableTagOverride: false,
      Proxy: { MeshGateway: {}, Expose: {} },
      Connect: {},
      CreateIndex: expect.any(Number),
      ModifyIndex: expect.any(Number),
    });
    expect(entries[0]?.Checks[1]).toEqual({
      Node: "dev",
      CheckID: "service:f1",
      Name: "Service 'full' check",
      Status: "critical",
      Notes: "",
      Output: "",
      ServiceID: "f1",
      ServiceName: "full",
      ServiceTags: Tags,
      Type: "ttl",
      Definition: {},
      CreateIndex: expect.any(Number),
      ModifyIndex: expect.any(Number),
    });
    expect((await health("full", "?tag=b")).entries).toHaveLength(1);
    expect((await health("full", "?tag=c")).entries).toHaveLength(0);
    expect((await health("full", "?passing")).entries).toHaveLength(0);
  });

  test("wakes on a pass, keeps the status on a new registration, and says when a TTL ran out", async () => {
    const service = { Name: "beats", Check: { TTL: "1s" } };
    await put("/agent/service/register", service);
    const before = await settled("beats", (all) => all[0]?.Checks.length === 2);
    const woken = health("beats", `?index=${before.index}&wait=10s`);
    expect((await put("/agent/check/pass/service:beats?note=fine")).status).toBe(200);
    expect((await woken).entries[0]?.Checks[1]).toMatchObject({ Status: "passing", Output: "fine" });
    await put("/agent/service/register", service);
    expect((await health("beats")).entries[0]?.Checks[1]?.Status).toBe("passing");
    await put("/agent/check/pass/service:beats?note=again");
    const late = await settled("beats", (all) => all[0]?.Checks[1]?.Status === "critical");
    expect(late.entries[0]?.Checks[1]?.Output).toBe("TTL expired (last output before timeout follows): again");
  });

  test("lets a read wait for its time and a sixteenth, also one from the future, and not be woken by a repeated pass", async () => {
    await put("/agent/service/register", { Name: "still", Check: { TTL: "60s", Status: "passing" } });
    await put("/agent/check/pass/service:still");
    const { index } = await settled("still", (all) => all[0]?.Checks[1]?.Status === "passing");
    const startMs = performance.now();
    const reads = [health("still", `?index=${index}&wait=400ms`), health("still", `?index=${index + 1000}&wait=400ms`)];
    await put("/agent/check/pass/service:still");
    for (const read of await Promise.all(reads)) expect(read.index).toBe(index);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(400);
  });

  test("blocks on a service's hash, and knows it no more after", async () => {
    await put("/agent/service/register", { Name: "hashed" });
    const first = JSON.parse((await ask("GET", "/agent/service/hashed")).text);
    const second = ask("GET", `/agent/service/hashed?hash=${first.ContentHash}&wait=10s`);
    await put("/agent/service/register", { Name: "hashed", Port: 1 });
    expect(JSON.parse((await second).text)).toMatchObject({ Port: 1 });
    await put("/agent/service/deregister/hashed");
    expect(await ask("GET", "/agent/service/hashed")).toMatchObject({
      status: 404,
      text: "unknown service ID: hashed",
    });
    expect((await settled("hashed", (all) => all.length === 0)).index).toBeGreaterThan(1);
  });

  test("takes services and the node into maintenance and out of it", async () => {
    await put("/agent/service/register", { Name: "rest" });
    await put("/agent/service/maintenance/rest?enable=true&reason=tea");
    const resting = await ask("GET", "/agent/health/service/id/rest");
    expect([resting.status, resting.headers.get("x-consul-reason")]).toEqual([503, "maintenance"]);
    const { entries } = await settled("rest", (all) => all[0]?.Checks.length === 2);
    expect(entries[0]?.Checks[1]).toMatchObject({
      CheckID: "_service_maintenance:rest",
      Notes: "tea",
      Status: "critical",
      Type: "maintenance",
    });
    await put("/agent/service/maintenance/rest?enable=false");
    await put("/agent/maintenance?enable=true");
    await settled("rest", (all) => all[0]?.Checks[0]?.Status === "critical");
    await put("/agent/maintenance?enable=false");
    expect((await ask("GET", "/agent/health/service/id/rest")).status).toBe(200);
  });

  test("names the consistency of a read and whether it came from the cache", async () => {
    for (const [query, consistency] of [
      ["", "leader"],
      ["?stale", "stale"],
      ["?consistent", "consistent"],
    ]) {
      const { headers } = await ask("GET", `/health/service/consul${query}`);
      expect([
        headers.get("x-consul-effective-consistency"),
        headers.get("x-consul-knownleader"),
        headers.get("x-consul-lastcontact"),
      ]).toEqual([consistency, "true", "0"]);
    }
    const cached = [
      await ask("GET", "/health/service/cachable?cached"),
      await ask("GET", "/health/service/cachable?cached"),
    ];
    expect(cached.map(({ headers }) => headers.get("x-cache"))).toEqual(["MISS", "HIT"]);
  });

  test("serves the npm client's keys, locks and sessions", async () => {
    const { hostname, port } = new URL(api.url());
    const consul = new Consul({ host: hostname, port: Number(port) });
    expect(await consul.kv.set("a/b", "hello")).toBe(true);
    expect(await consul.kv.get("a/b")).toMatchObject({ Key: "a/b", Value: "hello", LockIndex: 0 });
    expect(await consul.kv.set({ key: "a/b", value: "x", cas: 0 })).toBeFalsy();
    expect(await consul.kv.keys({ key: "a", separator: "/" })).toEqual(["a/"]);
    const { ID } = await consul.session.create({ name: "s", ttl: "10s" });
    expect(await consul.kv.set({ key: "lock", value: "me", acquire: ID })).toBe(true);
    expect(await consul.kv.get("lock")).toMatchObject({ Session: ID, LockIndex: 1 });
    await consul.session.destroy(ID);
    expect(await consul.kv.get("lock")).not.toHaveProperty("Session");
    await consul.kv.del({ key: "a", recurse: true });
    expect(await consul.kv.get("a/b")).toBeFalsy();
  });
});
