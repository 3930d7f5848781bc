import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { consulDiscovery, register } from "@weft/discovery";
import Consul from "consul";
import { describe, expect, onTestFinished, test } from "vitest";
import { until } from "./until.ts";

/** One agent of a story. */
export interface StoryAgent {
  readonly url: string;
  readonly port: number;
  /** Ends without a farewell: connections are refused from now on. */
  kill(): Promise<void>;
  /** Starts again on the same port, with what an agent keeps on disk. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A kind of agent the stories are told of. */
export interface StoryRegistry {
  readonly name: string;
  /** Why this kind cannot be had here; absent when it can. */
  readonly skip?: string;
  /** Starts one that knows nothing, on the port given or on a free one. */
  start(port?: number): Promise<StoryAgent>;
}

/** What discovery and registration owe their user, whatever answers Consul's API. */
export function registryStories(registry: StoryRegistry): void {
  const { name, skip } = registry;

  async function agent(port?: number): Promise<StoryAgent> {
    const started = await registry.start(port);
    onTestFinished(() => started.close());
    return started;
  }

  describe.skipIf(skip !== undefined)(`discovery from ${name}${skip === undefined ? "" : ` (${skip})`}`, () => {
    test("a registration is seen, drains, and is gone", async () => {
      const { url } = await agent();
      const watch = followed(url).watch("orders");
      expect((await watch.ready()).endpoints).toEqual([]);
      const told = { name: "orders", address: "10.0.0.1", port: 8080, meta: { version: "2" }, tags: ["v2"] };
      const registration = register({ url, ...told, weights: { passing: 10, warning: 1 } });
      await registration.ready();
      const [endpoint] = (await until(watch, (now) => now.endpoints.length === 1)).endpoints;
      const { address: host, port, meta, tags } = told;
      expect(endpoint).toMatchObject({ host, port, weight: 10, state: "passing", meta, tags });
      const draining = until(watch, (now) => now.endpoints[0]?.state === "draining");
      // A watch asks twice a second while a service changes much: a drain must outlast that to be seen.
      const closed = registration.close({ drainMs: 2_000 });
      await draining;
      await closed;
      expect((await until(watch, (now) => now.endpoints.length === 0)).freshness.kind).toBe("live");
    });

    test("what an endpoint speaks, as it registers it in its metadata, is seen, and so is a change of it", async () => {
      const { url } = await agent();
      const watch = followed(url).watch("orders");
      const told = { url, name: "orders", id: "orders-1", address: "10.0.0.1", port: 8080 };
      const speaks = (protocol: string | undefined) =>
        until(watch, ({ endpoints }) => endpoints.length === 1 && endpoints[0]?.meta["protocol"] === protocol);
      const first = register({ ...told, meta: { protocol: "grpc" } });
      onTestFinished(() => first.close());
      await speaks("grpc");
      const second = register({ ...told, meta: { protocol: "http2" } });
      onTestFinished(() => second.close());
      await speaks("http2");
    });

    test("a critical HTTP check makes the endpoint failing, and recovery makes it passing", async () => {
      const app = await service();
      const { url } = await agent();
      const watch = followed(url).watch("orders");
      const check = { http: `http://127.0.0.1:${app.port}/healthz`, intervalMs: 1_000 };
      registered({ url, port: app.port, check });
      await until(watch, (now) => now.endpoints[0]?.state === "passing");
      app.answer(500);
      await until(watch, (now) => now.endpoints[0]?.state === "failing");
      app.answer(200);
      await until(watch, (now) => now.endpoints[0]?.state === "passing");
    });

    test("an agent that is killed leaves the last good endpoints, and one that forgot all is told again", async () => {
      const first = await agent();
      const watch = followed(first.url).watch("orders");
      // A short TTL, so that the next beat soon meets an agent that has forgotten the check.
      const { id } = registered({ url: first.url, check: { ttlMs: 3_000 } });
      await until(watch, (now) => now.endpoints.length === 1);
      await first.kill();
      const stale = await until(watch, (now) => now.freshness.kind === "stale");
      expect(stale.endpoints).toHaveLength(1);
      await agent(first.port);
      const live = await until(watch, (now) => now.freshness.kind === "live");
      expect(live.endpoints).toHaveLength(1);
      const consul = client(first.port);
      await expect.poll(async () => Object.keys(await consul.agent.service.list()), { timeout: 30_000 }).toEqual([id]);
    });

    test("an agent that restarts with what it kept on disk never loses an endpoint", async () => {
      const registry = await agent();
      const watch = followed(registry.url).watch("orders");
      registered({ url: registry.url, check: { ttlMs: 3_000 } });
      await until(watch, (now) => now.endpoints[0]?.state === "passing");
      const fewest = lowWaterMark(watch);
      await registry.kill();
      await until(watch, (now) => now.freshness.kind === "stale");
      await registry.restart();
      await until(watch, (now) => now.freshness.kind === "live" && now.endpoints[0]?.state === "passing");
      expect(fewest()).toBe(1);
    });

    test("a start without Consul uses the endpoints on disk", async () => {
      const snapshotDir = await mkdtemp(join(tmpdir(), "weft-snapshot-"));
      onTestFinished(() => rm(snapshotDir, { recursive: true, force: true }));
      const { url, kill } = await agent();
      await registered({ url }).ready();
      const before = consulDiscovery({ url, snapshotDir });
      await until(before.watch("orders"), (now) => now.endpoints.length === 1);
      await before.close();
      await kill();
      const after = consulDiscovery({ url, snapshotDir });
      onTestFinished(() => after.close());
      const { endpoints, freshness } = await after.watch("orders").ready();
      expect(endpoints).toMatchObject([{ host: "10.0.0.1", port: 8080 }]);
      expect(freshness).toMatchObject({ kind: "snapshot", error: expect.stringContaining("ECONNREFUSED") });
    });

    test("an existing client is used for discovery and registration alike", async () => {
      const consul = client((await agent()).port);
      const discovery = consulDiscovery({ consul });
      onTestFinished(() => discovery.close());
      const registration = register({ consul, name: "orders", address: "10.0.0.1", port: 8080 });
      await until(discovery.watch("orders"), (now) => now.endpoints.length === 1);
      await registration.close({ drainMs: 0 });
      expect(await consul.agent.service.list()).toEqual({});
    });

    test("a filter and a tag narrow the watch, and a filter that names nothing is told as a mistake", async () => {
      const { url } = await agent();
      const services = {
        second: { name: "orders", filter: 'Service.Meta.version == "2" and "blue" in Service.Tags' },
        wrong: { name: "orders", filter: 'Service.Bogus == "2"' },
      };
      for (const [port, version] of [
        [81, "1"],
        [82, "2"],
      ] as const) {
        await registered({ url, id: `orders-${version}`, port, meta: { version }, tags: ["blue"] }).ready();
      }
      const discovery = consulDiscovery({ url, services });
      onTestFinished(() => discovery.close());
      const narrowed = await until(discovery.watch("second"), (now) => now.endpoints.length > 0);
      expect(narrowed.endpoints).toMatchObject([{ port: 82 }]);
      const mistaken = await until(discovery.watch("wrong"), ({ freshness }) => "error" in freshness);
      expect(mistaken.freshness).toMatchObject({ error: expect.stringContaining("Selector") });
    });
  });
}

function registered(more: Partial<Parameters<typeof register>[0]> & { readonly url: string }) {
  const registration = register({ name: "orders", address: "10.0.0.1", port: 8080, ...more });
  onTestFinished(() => registration.close({ drainMs: 0 }));
  return registration;
}

function followed(url: string) {
  const discovery = consulDiscovery({ url });
  onTestFinished(() => discovery.close());
  return discovery;
}

function client(port: number): Consul {
  const consul = new Consul({ host: "127.0.0.1", port });
  onTestFinished(() => consul.destroy());
  return consul;
}

/** The least number of endpoints a watch showed from now on. */
function lowWaterMark(watch: ReturnType<ReturnType<typeof followed>["watch"]>): () => number {
  let fewest = watch.membership.endpoints.length;
  watch.subscribe((now) => (fewest = Math.min(fewest, now.endpoints.length)));
  return () => fewest;
}

async function service(): Promise<{ readonly port: number; answer(status: number): void }> {
  let status = 200;
  const app = createServer((_request, response) => response.writeHead(status).end());
  app.listen(0, "127.0.0.1");
  await once(app, "listening");
  onTestFinished(() => void app.close());
  const address = app.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, answer: (next) => void (status = next) };
}
