import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMesh } from "@weft/client";
import { startTelemetry } from "@weft/telemetry";
import { fakeEndpoints } from "@weft/testkit";
import { onTestFinished, expect, test } from "vitest";
import { freePorts } from "../real/free-ports.ts";
import { judgeMetric } from "./judge-metric.ts";
import { readMetrics, type ReadMetric } from "./read-metrics.ts";
import { troubledMesh } from "./troubled-mesh.ts";

interface Collecting {
  readonly url: string;
  /** Every metric that came so far, each once, with all attributes of its points. */
  readonly metrics: ReadonlyMap<string, ReadMetric>;
}

/** A collector on loopback, for as long as the test lasts. */
async function collector(): Promise<Collecting> {
  const metrics = new Map<string, ReadMetric>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer); // without an encoding they are Buffers
    } catch {
      return; // its sender gave it up halfway: it has not come
    }
    response.end();
    if (request.url !== "/v1/metrics") return;
    for (const metric of readMetrics(Buffer.concat(chunks))) {
      const attributes = [...(metrics.get(metric.name)?.attributes ?? []), ...metric.attributes];
      metrics.set(metric.name, { ...metric, attributes: [...new Set(attributes)] });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // A server that listens on a host and a port has an AddressInfo.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, metrics };
}

/** A collector that is there and says nothing, for as long as the test lasts. */
async function silent(): Promise<string> {
  const server = createServer(() => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // As above.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a sidecar sends every number that it has, by names of the conventions, at the latest when it ends", async () => {
  const { url, metrics } = await collector();
  const mesh = await troubledMesh(url);
  for (let round = 0; round < 5; round++) await mesh.load();
  await mesh[Symbol.asyncDispose]();
  for (const name of [
    "weft.calls",
    "weft.call.duration",
    "weft.endpoint.attempts",
    "weft.ejections",
    "process.cpu.time",
  ]) {
    expect([...metrics.keys()]).toContain(name);
  }
  expect([...metrics.values()].flatMap(judgeMetric)).toEqual([]);
  expect(metrics.size).toBeGreaterThan(90);
  expect(metrics.get("weft.calls")?.points).toBe(4);
});

test.each([
  { collector: "refuses connections", url: async () => `http://127.0.0.1:${(await freePorts(1))[0]}` },
  { collector: "takes messages and never answers", url: silent },
])("a sidecar whose collector $collector answers its callers, and ends in bounded time", async ({ url }) => {
  const mesh = await troubledMesh(await url());
  const begun = performance.now();
  while (performance.now() - begun < 2_500) await mesh.load(); // two messages are due within
  const ending = performance.now();
  await mesh[Symbol.asyncDispose]();
  // Spans and numbers have three seconds each, at the same time.
  expect(performance.now() - ending).toBeLessThan(10_000);
});

test("an app sends its own, by names of the conventions", async () => {
  const { url, metrics } = await collector();
  await using endpoints = await fakeEndpoints(2);
  const telemetry = await startTelemetry({ serviceName: "web", otlp: { url } }); // a minute apart, and at the end
  const addresses = endpoints.asEndpoints().map(({ host, port }): `${string}:${number}` => `${host}:${port}`);
  const mesh = createMesh({ telemetry, services: { orders: { discover: { static: addresses } } } });
  for (let calls = 0; calls < 10; calls++) await (await mesh.fetch("http://orders/")).text();
  await telemetry.close();
  await mesh.close();
  const ours = [...metrics.values()].filter(({ name }) => /^(weft|http\.client|rpc)/.test(name));
  expect(ours.flatMap(judgeMetric)).toEqual([]);
  const names = ours.map(({ name }) => name);
  for (const name of ["http.client.request.duration", "weft.call.duration", "weft.endpoints.available"]) {
    expect(names).toContain(name);
  }
  for (const name of ["weft.traced_calls.kept", "weft.traced_calls.dropped", "weft.spans.lost"]) {
    expect(names).toContain(name);
  }
  expect(metrics.get("http.client.request.duration")?.attributes.toSorted()).toEqual([
    "http.request.method",
    "http.response.status_code",
    "server.address",
    "server.port",
  ]);
});
