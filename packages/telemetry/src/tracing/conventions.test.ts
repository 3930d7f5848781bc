import { failure, MeshError } from "@weft/core";
import * as published from "@opentelemetry/semantic-conventions";
import { expect, test } from "vitest";
import conventions from "./conventions.json" with { type: "json" };
import { recording, type RequestParts, testHome } from "./home.suite.ts";
import type { AttemptsShown } from "./kept-call.ts";
import type { SpanData } from "./span-data.ts";

const NAMES: ReadonlySet<string> = new Set(conventions.attributes);

/** Names that are the mesh's own: words with dots and lines between them. */
const OWN = /^weft(\.[a-z]+(_[a-z]+)*)+$/;

test("the names kept here are those that OpenTelemetry has published as stable", () => {
  const stable = new Set<unknown>(Object.values(published));
  expect(conventions.attributes.filter((name) => !stable.has(name))).toEqual([]);
});

test("every attribute and event of a span is of the conventions, or the mesh's own", () => {
  const spans = everySpan();
  expect(spans.length).toBeGreaterThan(30);
  const used = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
  for (const { events, links } of spans) {
    for (const { name, attributes } of events) {
      expect(conventions.events.includes(name) || OWN.test(name), name).toBe(true);
      for (const key of Object.keys(attributes)) used.add(key);
    }
    for (const { attributes } of links) for (const key of Object.keys(attributes)) used.add(key);
  }
  expect([...used].filter((key) => !NAMES.has(key) && !OWN.test(key))).toEqual([]);
});

test("a span of HTTP or gRPC has what the conventions require of its kind", () => {
  for (const { kind, attributes } of everySpan()) {
    if (attributes["network.transport"] === "tcp") continue; // a tunnel is neither
    const http = attributes["rpc.system.name"] === undefined;
    const required = http
      ? ["http.request.method", ...(kind === "server" ? ["url.path", "url.scheme"] : ["url.full", "server.port"])]
      : ["rpc.system.name", "rpc.method"];
    for (const name of [...required, "server.address"]) expect(attributes).toHaveProperty([name]);
  }
});

test("nothing that is counted by is made up by a caller", () => {
  const home = testHome();
  const { tracing, spans } = recording(home);
  for (let i = 0; i < 50; i++) {
    for (const protocol of ["http", "grpc"] as const) {
      const call = home.call(tracing, { protocol, method: `M${i}`, path: `/p.Q${i}/R?x=${i}` });
      call.attempt({ status: 404 });
      call.end();
    }
  }
  const counted = ["http.request.method", "rpc.method", "server.address", "error.type", "weft.balancer"];
  const values = spans.flatMap(({ name, attributes }) => [name, ...counted.map((key) => attributes[key])]);
  expect(new Set(values).size).toBeLessThan(10);
});

test("the spans of a tunnel say that it is one, to whom, and nothing of a request", () => {
  const spans = (["", "CONNECT"] as const).flatMap((method) => spansOf({ ...TUNNEL, method }, "spans"));
  expect(new Set(spans.map(({ name }) => name))).toEqual(new Set(["TCP orders", "CONNECT orders"]));
  for (const { kind, attributes } of spans) {
    expect(attributes).toMatchObject({ "network.transport": "tcp", "server.address": "orders" });
    expect(Object.keys(attributes).filter((key) => /^(url|rpc|http\.request)\./.test(key))).toEqual([]);
    if (kind === "client") expect(attributes).toHaveProperty(["network.peer.port"]);
  }
});

const TUNNEL: RequestParts = { protocol: "tcp", method: "", path: "", version: "" };

/** Spans of calls of every kind and end. */
function everySpan(): SpanData[] {
  const requests: RequestParts[] = [];
  for (const side of ["app", "outbound", "inbound"] as const) {
    requests.push({ side, headers: { "user-agent": "x" }, path: "/a?b=c" }, { side, method: "BREW", path: "*" });
    requests.push({ side, protocol: "grpc", path: "/p.Q/R" });
    if (side === "outbound") requests.push({ side, ...TUNNEL }, { side, ...TUNNEL, method: "CONNECT" });
  }
  const all: SpanData[] = [];
  for (const request of requests) {
    for (const shown of ["spans", "events", "off"] as const) all.push(...spansOf(request, shown));
  }
  return all;
}

function spansOf(request: RequestParts, shown: AttemptsShown): SpanData[] {
  const home = testHome();
  const { tracing, spans } = recording(home, { attempts: () => shown });
  const { decisions } = home.cluster;
  const call = home.call(tracing, request);
  const { number } = call.call;
  const error = new MeshError("CONNECTION_LOST", "gone");
  call.attempt({ outcome: failure("reset"), error });
  decisions.retry(home.clock.now, number, 1, "retried", 25, 9);
  const slow = call.begin();
  decisions.hedge(home.clock.now, number, 3, "started", 50, 3);
  call.attempt({ status: 503, grpcStatus: 14 });
  call.came(slow.lease, { outcome: failure("overloaded"), status: 429 });
  decisions.refusal(home.clock.now, number, "limits.calls", 4);
  call.end({ error }, ["UC", "URX"]);
  return spans;
}
