import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Membership, Watch } from "@weft/core";
import { consulDiscovery, register } from "@weft/discovery";
import Consul from "consul";
import { describe, expect, onTestFinished, test } from "vitest";
import { realConsul, startRealConsul } from "../real/real-server.ts";
import type { RealAgent } from "../real/real-server.ts";

const real = realConsul();
const binary = real.kind === "found" ? real.binary : "";

describe.skipIf(real.kind === "missing")("discovery against real Consul", () => {
  test("a registration is seen, drains, and is gone", async () => {
    const { url } = await agent();
    const watch = followed(url).watch("orders");
    expect((await watch.ready()).endpoints).toEqual([]);
    const registration = register({
      url,
      name: "orders",
      address: "10.0.0.1",
      port: 8080,
      weights: { passing: 10, warning: 1 },
      meta: { version: "2" },
      tags: ["v2"],
    });
    await registration.ready();
    const [endpoint] = (await until(watch, (now) => now.endpoints.length === 1)).endpoints;
    expect(endpoint).toMatchObject({
      host: "10.0.0.1",
      port: 8080,
      weight: 10,
      state: "passing",
      meta: { version: "2" },
      tags: ["v2"],
    });
    const draining = until(watch, (now) => now.endpoints[0]?.state === "draining");
    // A watch asks twice a second while a service changes much: a drain must outlast that to be seen.
    const closed = registration.close({ drainMs: 2_000 });
    await draining;
    await closed;
    expect((await until(watch, (now) => now.endpoints.length === 0)).freshness.kind).toBe("live");
  });

  test("a critical HTTP check makes the endpoint failing, and recovery makes it passing", async () => {
    let status = 200;
    const app = createServer((_request, response) => response.writeHead(status).end());
    app.listen(0, "127.0.0.1");
    await once(app, "listening");
    onTestFinished(() => void app.close());
    const address = app.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { url } = await agent();
    const watch = followed(url).watch("orders");
    const registration = register({
      url,
      name: "orders",
      address: "127.0.0.1",
      port,
      check: { http: `http://127.0.0.1:${port}/healthz`, intervalMs: 1_000 },
    });
    onTestFinished(() => registration.close({ drainMs: 0 }));
    await until(watch, (now) => now.endpoints[0]?.state === "passing");
    status = 500;
    await until(watch, (now) => now.endpoints[0]?.state === "failing");
    status = 200;
    await until(watch, (now) => now.endpoints[0]?.state === "passing");
  });

  test("an agent that is killed leaves the last good endpoints, and one that forgot all is told again", async () => {
    const first = await agent();
    const watch = followed(first.url).watch("orders");
    // A short TTL, so that the next beat soon meets an agent that has forgotten the check.
    const registration = register({
      url: first.url,
      name: "orders",
      address: "10.0.0.1",
      port: 8080,
      check: { ttlMs: 3_000 },
    });
    onTestFinished(() => registration.close({ drainMs: 0 }));
    await until(watch, (now) => now.endpoints.length === 1);
    await first.stop();
    const stale = await until(watch, (now) => now.freshness.kind === "stale");
    expect(stale.endpoints).toHaveLength(1);
    await agent(first.port);
    const live = await until(watch, (now) => now.freshness.kind === "live");
    expect(live.endpoints).toHaveLength(1);
    const consul = new Consul({ host: "127.0.0.1", port: first.port });
    onTestFinished(() => consul.destroy());
    expect(Object.keys(await consul.agent.service.list())).toEqual([registration.id]);
  });

  test("a start without Consul uses the endpoints on disk", async () => {
    const snapshotDir = await mkdtemp(join(tmpdir(), "weft-snapshot-"));
    onTestFinished(() => rm(snapshotDir, { recursive: true, force: true }));
    const before = await agent();
    const registration = register({ url: before.url, name: "orders", address: "10.0.0.1", port: 8080 });
    await registration.ready();
    const first = consulDiscovery({ url: before.url, snapshotDir });
    await until(first.watch("orders"), (now) => now.endpoints.length === 1);
    await first.close();
    await before.stop();
    const second = consulDiscovery({ url: before.url, snapshotDir });
    onTestFinished(() => second.close());
    const { endpoints, freshness } = await second.watch("orders").ready();
    expect(endpoints).toMatchObject([{ host: "10.0.0.1", port: 8080 }]);
    expect(freshness).toMatchObject({ kind: "snapshot", error: expect.stringContaining("ECONNREFUSED") });
    await registration.close({ drainMs: 0 });
  });

  test("an existing client is used for discovery and registration alike", async () => {
    const { port } = await agent();
    const consul = new Consul({ host: "127.0.0.1", port });
    onTestFinished(() => consul.destroy());
    const discovery = consulDiscovery({ consul });
    onTestFinished(() => discovery.close());
    const registration = register({ consul, name: "orders", address: "10.0.0.1", port: 8080 });
    await until(discovery.watch("orders"), (now) => now.endpoints.length === 1);
    await registration.close({ drainMs: 0 });
    expect(await consul.agent.service.list()).toEqual({});
  });
});

async function agent(httpPort?: number): Promise<RealAgent> {
  const started = await startRealConsul(binary, httpPort === undefined ? {} : { httpPort });
  onTestFinished(() => started.stop());
  return started;
}

function followed(url: string) {
  const discovery = consulDiscovery({ url });
  onTestFinished(() => discovery.close());
  return discovery;
}

function until(watch: Watch, holds: (membership: Membership) => boolean): Promise<Membership> {
  const { promise, resolve } = Promise.withResolvers<Membership>();
  if (holds(watch.membership)) resolve(watch.membership);
  const stop = watch.subscribe((membership) => {
    if (!holds(membership)) return;
    stop();
    resolve(membership);
  });
  return promise;
}
