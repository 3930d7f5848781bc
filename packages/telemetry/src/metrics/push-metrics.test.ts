import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ValueType } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType } from "@opentelemetry/sdk-metrics";
import { LatencyBuckets } from "@weft/core";
import { afterEach, expect, test } from "vitest";
import type { MeasuredMetric } from "./measured-metric.ts";
import { metricData } from "./metric-data.ts";
import { type MetricsPush, pushMetrics } from "./push-metrics.ts";

interface Got {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** A collector on loopback that gives each message to `answer`. */
async function collector(answer: (got: Got, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      answer({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) }, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push({
    close() {
      server.close();
      server.closeAllConnections();
    },
  });
  // A server that listens on a host and a port has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const latency = new LatencyBuckets();
latency.observe(18);
const METRICS: readonly MeasuredMetric[] = [
  {
    name: "weft.calls",
    kind: "counter",
    unit: "{call}",
    description: "Calls begun.",
    points: [{ attributes: { "server.address": "orders" }, value: 7 }],
  },
  {
    name: "weft.call.duration",
    kind: "histogram",
    unit: "s",
    description: "How long.",
    points: [{ attributes: { "server.address": "orders" }, value: latency }],
  },
  { name: "weft.empty", kind: "gauge", unit: "1", description: "Nothing.", points: [] },
];

async function pushing(url: string, more: Partial<Parameters<typeof pushMetrics>[0]> = {}): Promise<MetricsPush> {
  const push = await pushMetrics({ url, intervalMs: 20, serviceName: "web", read: () => METRICS, ...more });
  open.push(push);
  return push;
}

test("sends what is read, by protobuf, to where metrics go, with the headers that were given", async () => {
  const { promise, resolve } = Promise.withResolvers<Got>();
  const url = await collector((got, response) => {
    response.end();
    resolve(got);
  });
  await pushing(`${url}/`, { headers: { authorization: "Bearer x" }, resource: { "service.version": "7" } });
  const { path, headers, body } = await promise;
  expect(path).toBe("/v1/metrics");
  expect(headers).toMatchObject({ "content-type": "application/x-protobuf", authorization: "Bearer x" });
  const text = body.toString("latin1");
  for (const word of [
    "service.name",
    "web",
    "service.instance.id",
    "weft.calls",
    "{call}",
    "server.address",
    "orders",
  ]) {
    expect(text).toContain(word);
  }
  expect(text).not.toContain("weft.empty");
});

test("sends once more when it is closed, and then no more", async () => {
  let messages = 0;
  const url = await collector((_, response) => {
    messages++;
    response.end();
  });
  const push = await pushing(url, { intervalMs: 3_600_000 });
  await Promise.all([push.close(), push.close()]);
  expect(messages).toBe(1);
});

test("tells when nobody takes the messages, once, and when somebody does again", async () => {
  const told: (string | undefined)[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = 3;
  const url = await collector((_, response) => {
    response.statusCode = left-- > 0 ? 400 : 200; // 400: not tried again by the exporter itself
    response.end();
  });
  await pushing(url, {
    onTrouble(why) {
      told.push(why);
      if (why === undefined) resolve();
    },
  });
  await promise;
  expect(told).toEqual([expect.any(String), undefined]);
});

test("closes in bounded time when the collector takes the message and never answers, and leaves no socket", async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const url = await collector((_, response) => {
    response.on("close", gone.resolve);
    asked.resolve();
  });
  const push = await pushing(url, { intervalMs: 3_600_000, closeMs: 50 });
  const closed = push.close();
  await asked.promise;
  await Promise.all([closed, gone.promise]);
});

test("closes where there is no collector", async () => {
  const push = await pushing("http://127.0.0.1:1");
  await push.close();
});

test("refuses a url that is none", async () => {
  await expect(pushing("nonsense")).rejects.toThrow("Invalid URL");
});

test("speaks of kinds as OpenTelemetry's own packages do", () => {
  const times = { startTime: [1, 0], endTime: [2, 0] } as const satisfies Record<string, [number, number]>;
  const of = (kind: MeasuredMetric["kind"]): object =>
    metricData(
      { name: "x", kind, unit: "1", description: "", points: [{ attributes: {}, value: 1 }] },
      {
        startTime: [...times.startTime],
        endTime: [...times.endTime],
      },
    );
  const head = {
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    descriptor: { valueType: ValueType.DOUBLE },
  };
  expect(of("counter")).toMatchObject({ ...head, dataPointType: DataPointType.SUM, isMonotonic: true });
  expect(of("upDown")).toMatchObject({ ...head, dataPointType: DataPointType.SUM, isMonotonic: false });
  expect(of("gauge")).toMatchObject({ ...head, dataPointType: DataPointType.GAUGE, dataPoints: [{ value: 1 }] });
  expect(metricData(METRICS[1]!, { startTime: [1, 0], endTime: [2, 0] })).toMatchObject({
    ...head,
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [{ value: { sum: 0.018, count: 1, buckets: { boundaries: expect.arrayContaining([0.025]) } } }],
  });
});
