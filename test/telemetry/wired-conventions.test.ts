import { connect } from "node:net";
import { once } from "node:events";
import { createMesh } from "@weft/client";
import { startTelemetry } from "@weft/telemetry";
import { fakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import conventions from "../../packages/telemetry/src/tracing/conventions.json" with { type: "json" };
import { grpcCaller, grpcEndpoint } from "../sidecar/grpc-peers.ts";
import { call, portOf, sidecarRig } from "../sidecar/rig.ts";
import { type FakeCollector, fakeCollector } from "./fake-collector.ts";
import type { ReadSpan } from "./read-otlp.ts";

/** Names that the conventions publish, and the mesh's own. */
const NAMES: ReadonlySet<string> = new Set([...conventions.attributes, ...conventions.events]);
const OWN = /^weft(\.[a-z]+(_[a-z]+)*)+$/;

/**
 * Names of spans and their kinds. Of HTTP they are `{method} {service}`, where the conventions have `{method} {route}`: a
 * proxy knows no routes, and the service is what a reader of a trace looks for.
 */
const TITLES: Readonly<Record<string, RegExp>> = {
  http: /^(GET|POST) (orders|web)$/,
  rpc: /^shop\.Orders\/Get$/,
  tunnel: /^TCP orders$/,
};
/** Of OTLP's enum. */
const KINDS: ReadonlySet<number> = new Set([1, 2, 3]); // internal, server, client

/** What is wrong with a span that somebody received. */
function judge({ name, kind, attributes, events, links }: ReadSpan): string[] {
  const said = [attributes, ...events.map((event) => event.attributes), ...links.map((link) => link.attributes)];
  const names = [...said.flatMap((one) => Object.keys(one)), ...events.map((event) => event.name)];
  const strange = names.filter((key) => !NAMES.has(key) && !OWN.test(key));
  const form = "rpc.method" in attributes ? "rpc" : "network.transport" in attributes ? "tunnel" : "http";
  return [
    ...strange.map((key) => `${name}: ${key} is no name of the conventions`),
    ...(TITLES[form]!.test(name) ? [] : [`${name} is no name for a span of ${form}`]),
    ...(KINDS.has(kind) ? [] : [`${name}: kind ${kind}`]),
  ];
}

/** Judges all that came, and says what there was to judge. */
async function judged(collector: FakeCollector, spans: number): Promise<readonly ReadSpan[]> {
  const came = await collector.has(spans);
  expect(came.flatMap(judge)).toEqual([]);
  return came;
}

async function collecting(): Promise<FakeCollector> {
  const collector = await fakeCollector();
  onTestFinished(() => collector.close());
  return collector;
}

test("what a sidecar sends of HTTP and TCP, outbound and inbound, has names of the conventions", async () => {
  const collector = await collecting();
  const app = await fakeEndpoint({ name: "app" });
  const rig = await sidecarRig({
    policy: { retry: { maxRetries: 1, backoff: { base: "1ms", max: "1ms" } } },
    sidecar: {
      service: "web",
      inbound: { listen: "127.0.0.1:0", app: `${app.host}:${app.port}` },
      tcp: [{ listen: "127.0.0.1:0", service: "orders" }],
    },
    rest: { telemetry: { accessLog: "off", sampleRatio: 1, otlp: { url: collector.url } } },
  });
  onTestFinished(async () => {
    await rig[Symbol.asyncDispose]();
    await app.close();
  });
  rig.endpoints.at(0).next({ status: 503 });
  await call(rig.port, "/again?a=b");
  rig.endpoints.at(0).next({ kind: "reset", at: "request" });
  await call(rig.port, "/broken", { method: "POST", body: "x" });
  await call(portOf(rig.sidecar, "inbound"), "/in", { headers: { "user-agent": "x" } });
  const socket = connect(portOf(rig.sidecar, rig.sidecar.listeners.find(({ protocol }) => protocol === "tcp")!.name));
  socket.end("GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
  await once(socket.resume(), "close");
  // Three and two of the outbound calls, two of the inbound one, two of the tunnel.
  const spans = await judged(collector, 9);
  expect(new Set(spans.map(({ kind }) => kind))).toEqual(KINDS);
  expect(spans.some(({ events }) => events.some(({ name }) => name === "weft.decision"))).toBe(true);
  expect(spans.some(({ events }) => events.some(({ name }) => name === "exception"))).toBe(true);
});

test("what a sidecar sends of gRPC has names of the conventions", async () => {
  const collector = await collecting();
  const endpoint = await grpcEndpoint("one");
  const rig = await sidecarRig({
    count: 0,
    registered: [endpoint.endpoint],
    policy: { protocol: "grpc" },
    rest: { telemetry: { accessLog: "off", sampleRatio: 1, otlp: { url: collector.url } } },
  });
  onTestFinished(() => rig[Symbol.asyncDispose]());
  await grpcCaller(rig.port).call().answer;
  await judged(collector, 2);
});

test("what an app sends by startTelemetry has names of the conventions", async () => {
  const collector = await collecting();
  const endpoint = await fakeEndpoint({ name: "one" });
  const telemetry = await startTelemetry({
    serviceName: "web",
    otlp: { url: collector.url },
    sampleRatio: 1,
    register: false,
  });
  const mesh = createMesh({
    telemetry,
    services: { orders: { discover: { static: [`${endpoint.host}:${endpoint.port}`] } } },
  });
  endpoint.next({ status: 503 });
  await (await mesh.fetch("http://orders/", { method: "POST", body: "x" })).text();
  await mesh.close();
  await telemetry.close();
  await endpoint.close();
  await judged(collector, 2);
});
