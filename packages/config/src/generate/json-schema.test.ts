import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { findProblems } from "../schema/find-problems.ts";
import { SCHEMA_FILE } from "./files.ts";
import { jsonSchema, jsonSchemaText } from "./json-schema.ts";

const EXAMPLE = new URL("example.yaml", SCHEMA_FILE);
const acceptedByJsonSchema = new Ajv().compile(jsonSchema());
const accepted = (value: unknown): boolean => findProblems(value).kind === "policy";

test("the committed file is what the schema gives; `pnpm --filter @weft/config generate` writes it", async () => {
  expect(await readFile(SCHEMA_FILE, "utf8")).toBe(jsonSchemaText());
});

const orders = (service: unknown) => ({ version: 1, services: { orders: service } });
const outbound = (listener: unknown) => ({ version: 1, sidecar: { outbound: listener } });
const telemetry = (part: unknown) => ({ version: 1, telemetry: part });
const rule = (when: unknown) => orders({ rules: [{ when }] });

const TABLE: readonly { readonly policy: unknown; readonly ok: boolean }[] = [
  { policy: { version: 1 }, ok: true },
  { policy: {}, ok: false },
  { policy: { version: 2 }, ok: false },
  { policy: { version: 1, servces: {} }, ok: false },
  { policy: { version: 1, services: {} }, ok: true },
  { policy: { version: 1, services: [] }, ok: false },
  { policy: { version: 1, services: { "a b": {} } }, ok: false },
  { policy: { version: 1, services: { constructor: {} } }, ok: false },
  { policy: { version: 1, services: { toString: {} } }, ok: true },
  { policy: orders({}), ok: true },
  { policy: orders({ toString: 1 }), ok: false },
  { policy: orders({ retry: { constructor: 1 } }), ok: false },
  { policy: orders({ retry: "off", hedge: "off", breaker: "off", outliers: "off", health: "off" }), ok: true },
  { policy: orders({ timeout: "off" }), ok: false },
  { policy: orders({ slowStart: "off" }), ok: true },
  { policy: orders({ slowStart: "0s" }), ok: false },
  { policy: orders({ slowStart: "0.000h" }), ok: false },
  { policy: orders({ timeout: { total: "0s" } }), ok: true },
  { policy: orders({ timeout: { total: "24h" } }), ok: true },
  { policy: orders({ timeout: { total: "86400.001s" } }), ok: false },
  { policy: orders({ timeout: { total: "1.5h" } }), ok: true },
  { policy: orders({ timeout: { total: "2 sec" } }), ok: false },
  { policy: orders({ timeout: { total: "-1s" } }), ok: false },
  { policy: orders({ timeout: { total: 15 } }), ok: false },
  { policy: orders({ retry: { maxRetries: 10 } }), ok: true },
  { policy: orders({ retry: { maxRetries: 11 } }), ok: false },
  { policy: orders({ retry: { maxRetries: 1.5 } }), ok: false },
  { policy: orders({ retry: { on: [] } }), ok: false },
  { policy: orders({ retry: { on: ["never-sent", 409] } }), ok: true },
  { policy: orders({ retry: { on: [200] } }), ok: false },
  { policy: orders({ retry: { on: ["server-error"] } }), ok: false },
  { policy: orders({ retry: { bufferBytes: "1GiB" } }), ok: true },
  { policy: orders({ retry: { bufferBytes: "1025MiB" } }), ok: false },
  { policy: orders({ retry: { bufferBytes: "1kb" } }), ok: false },
  { policy: orders({ breaker: { failureRatio: 0 } }), ok: false },
  { policy: orders({ breaker: { minimumCalls: 0 } }), ok: false },
  { policy: orders({ hedge: { after: "p99.9" } }), ok: true },
  { policy: orders({ hedge: { after: "p0" } }), ok: false },
  { policy: orders({ hedge: { after: "10ms" } }), ok: true },
  { policy: orders({ balancer: { kind: "maglev", hashOn: [{ header: "x", cookie: "y" }] } }), ok: false },
  { policy: orders({ balancer: { kind: "maglev", hashOn: [{}] } }), ok: false },
  { policy: orders({ balancer: { kind: "maglev", hashOn: [] } }), ok: false },
  { policy: orders({ balancer: { kind: "maglev", hashOn: ["cookie"] } }), ok: false },
  { policy: orders({ balancer: { kind: "maglev", hashOn: [{ cookie: { ttl: "1h" } }] } }), ok: false },
  { policy: orders({ balancer: { kind: "maglev", hashOn: [{ cookie: { name: "a;b" } }] } }), ok: false },
  { policy: orders({ balancer: { kind: "maglev", hashOn: [{ cookie: { name: "id", path: "/;a" } }] } }), ok: false },
  {
    policy: orders({
      balancer: {
        kind: "ring-hash",
        hashOn: [{ header: "x", terminal: true }, { cookie: { name: "id", ttl: "0s", path: "/a" } }, "source-address"],
        ring: { min: 1, max: 8_388_608, hash: "murmur2" },
        maxLoad: 1.25,
      },
    }),
    ok: true,
  },
  { policy: orders({ balancer: { kind: "source-ip", maxLoad: 0.9 } }), ok: false },
  { policy: orders({ subset: "off" }), ok: true },
  { policy: orders({ subset: { labels: { version: "v2" }, fallback: "any", size: 20 } }), ok: true },
  { policy: orders({ subset: { labels: { version: "v2" }, fallback: { version: "v1" } } }), ok: true },
  { policy: orders({ subset: { labels: { version: 2 } } }), ok: false },
  { policy: orders({ subset: { fallback: "some" } }), ok: false },
  { policy: orders({ subset: { size: 0 } }), ok: false },
  { policy: orders({ subset: { size: "auto" } }), ok: true },
  { policy: orders({ subset: { size: "all" } }), ok: false },
  { policy: orders({ health: { tcp: true, interval: "5s" } }), ok: true },
  { policy: orders({ health: { grpc: "" } }), ok: true },
  { policy: orders({ health: { grpc: "shop.Orders" } }), ok: true },
  { policy: orders({ health: { tcp: false } }), ok: false },
  { policy: orders({ health: { grpc: true } }), ok: false },
  { policy: orders({ health: { grpc: "no blanks" } }), ok: false },
  { policy: orders({ zones: "off" }), ok: true },
  { policy: orders({ zones: { own: "eu-1a", callers: { "eu-1a": 4, "eu-1b": 0 } } }), ok: true },
  { policy: orders({ zones: { own: { env: "ZONE" } } }), ok: true },
  { policy: orders({ zones: { own: { env: "A B" } } }), ok: false },
  { policy: orders({ zones: { own: {} } }), ok: false },
  { policy: orders({ zones: { own: "" } }), ok: false },
  { policy: orders({ zones: { own: "a", callers: { a: -1 } } }), ok: false },
  { policy: orders({ zones: { own: "a", callers: ["a"] } }), ok: false },
  { policy: orders({ zones: "a" }), ok: false },
  { policy: orders({ zones: { own: "a", spill: { latencyFactor: 0, healthyRatio: 1 } } }), ok: true },
  { policy: orders({ zones: { own: "a", spill: { latencyFactor: -1 } } }), ok: false },
  { policy: orders({ zones: { own: "a", spill: { healthyRatio: 1.1 } } }), ok: false },
  { policy: orders({ zones: { own: "a", spill: "off" } }), ok: false },
  { policy: orders({ discover: { consul: "a", tag: "b" } }), ok: true },
  { policy: orders({ discover: { tag: "b" } }), ok: false },
  { policy: orders({ discover: { dns: "a", tag: "b" } }), ok: false },
  { policy: orders({ discover: { dns: "a", port: 80 } }), ok: true },
  { policy: orders({ discover: { static: ["a:0"] } }), ok: false },
  { policy: orders({ discover: { static: ["a:65535", "[::1]:00080"] } }), ok: true },
  { policy: orders({ discover: { static: ["a:65536"] } }), ok: false },
  { policy: orders({ discover: { static: ["a"] } }), ok: false },
  { policy: orders({ discover: { static: [] } }), ok: false },
  { policy: orders({ discover: [] }), ok: false },
  { policy: orders({ protocol: "grpc", retry: { on: ["unavailable", "deadline-exceeded"] } }), ok: true },
  { policy: orders({ retry: { on: ["not-found"] } }), ok: false },
  { policy: orders({ keepAlive: "off" }), ok: true },
  { policy: orders({ keepAlive: "0s" }), ok: false },
  { policy: orders({ tls: {} }), ok: true },
  { policy: orders({ tls: "off" }), ok: true },
  { policy: orders({ tls: true }), ok: false },
  {
    policy: orders({ tls: { cert: "a.pem", key: "a.key", ca: "ca.pem", serverName: "a.b", verify: false } }),
    ok: true,
  },
  { policy: orders({ tls: { key: { env: "KEY" } } }), ok: true },
  { policy: orders({ tls: { key: { env: "KEY", file: "a" } } }), ok: false },
  { policy: orders({ tls: { cert: "-----BEGIN CERTIFICATE-----" } }), ok: false },
  { policy: orders({ tls: { key: "a\nb" } }), ok: false },
  { policy: orders({ tls: { serverName: "10.0.0.1" } }), ok: false },
  { policy: rule({}), ok: true },
  { policy: rule({ path: "/a/*.json" }), ok: true },
  { policy: rule({ path: "/a/**/b" }), ok: false },
  { policy: rule({ path: "a" }), ok: false },
  { policy: rule({ method: ["GET", "PURGE"], header: { "x-a": "*" } }), ok: true },
  { policy: rule({ method: [] }), ok: false },
  { policy: rule({ header: { "x a": "1" } }), ok: false },
  { policy: orders({ rules: [{ timeout: {} }] }), ok: false },
  { policy: { version: 1, defaults: { discover: { consul: "a" } } }, ok: false },
  { policy: { version: 1, discovery: { consul: { token: { env: "A", file: "b" } } } }, ok: false },
  { policy: { version: 1, discovery: { consul: { url: "http://u:p@h" } } }, ok: false },
  { policy: { version: 1, discovery: { self: { service: "web", id: { env: "INSTANCE_ID" } } } }, ok: true },
  { policy: { version: 1, discovery: { self: { service: "web" } } }, ok: true },
  { policy: { version: 1, discovery: { self: { service: "web", id: "node-1/web:80" } } }, ok: true },
  { policy: { version: 1, discovery: { self: { service: "web", id: "" } } }, ok: false },
  { policy: { version: 1, discovery: { self: { id: "web-1" } } }, ok: false },
  { policy: { version: 1, discovery: { self: "web" } }, ok: false },
  { policy: { version: 1, sidecar: { inbound: { listen: "a:1" } } }, ok: false },
  { policy: outbound({ listen: "127.0.0.1:0" }), ok: true },
  { policy: outbound({ listen: "127.0.0.1:65536" }), ok: false },
  { policy: outbound({ listen: "unix:/run/weft.sock" }), ok: true },
  { policy: outbound({ listen: "unix:run" }), ok: true },
  { policy: outbound({ listen: "unix:1" }), ok: true },
  { policy: outbound({ listen: "unix:1/x" }), ok: false },
  { policy: outbound({ listen: "unix:" }), ok: false },
  { policy: outbound({ listen: `unix:/${"x".repeat(107)}` }), ok: false },
  { policy: outbound({ listen: "a:1", limits: { headBytes: "1MiB" } }), ok: true },
  { policy: outbound({ listen: "a:1", limits: { headBytes: "1025KiB" } }), ok: false },
  { policy: outbound({ listen: "a:1", limits: { headBytes: "1GiB" } }), ok: false },
  { policy: outbound({ listen: "a:1", limits: { headBytes: "0B" } }), ok: false },
  { policy: outbound({ listen: "a:1", limits: { bodyRate: "0B" } }), ok: true },
  { policy: outbound({ listen: "a:1", limits: { calls: 1 } }), ok: false },
  { policy: outbound({ listen: "a:1", limits: { streams: 0 } }), ok: false },
  { policy: outbound({ listen: "a:1", tls: { cert: "a.pem", key: "a.key", minVersion: "TLSv1.3" } }), ok: true },
  { policy: outbound({ listen: "a:1", tls: { cert: "a.pem", key: "a.key", minVersion: "TLSv1.1" } }), ok: false },
  { policy: outbound({ listen: "a:1", tls: { cert: "a.pem" } }), ok: false },
  { policy: outbound({ listen: "a:1", tls: "off" }), ok: false },
  { policy: outbound({ listen: "a:1", consul: "yes" }), ok: false },
  { policy: { version: 1, sidecar: { inbound: { listen: "a:0", app: "unix:/a" } } }, ok: true },
  { policy: { version: 1, sidecar: { inbound: { listen: "a:0", app: "a:0" } } }, ok: false },
  { policy: { version: 1, sidecar: { register: { check: { path: "healthz" } } } }, ok: false },
  { policy: { version: 1, sidecar: { register: { meta: { "a b": "1" } } } }, ok: false },
  { policy: { version: 1, sidecar: { register: { meta: { a: 1 } } } }, ok: false },
  { policy: { version: 1, telemetry: { accessLog: "off" } }, ok: true },
  { policy: { version: 1, telemetry: { accessLog: "xml" } }, ok: false },
  { policy: { version: 1, telemetry: { accessLog: { format: "text", to: "stderr" } } }, ok: true },
  { policy: { version: 1, telemetry: { accessLog: { to: { file: "a.log" } } } }, ok: true },
  { policy: { version: 1, telemetry: { accessLog: { to: { fle: "a.log" } } } }, ok: false },
  { policy: { version: 1, telemetry: { accessLog: { to: "a.log" } } }, ok: false },
  { policy: telemetry({ otlp: { url: "https://collector:4318/at" }, metrics: {} }), ok: true },
  { policy: telemetry({ otlp: {} }), ok: false },
  { policy: telemetry({ otlp: "http://127.0.0.1:4318" }), ok: false },
  { policy: telemetry({ otlp: { url: "grpc://127.0.0.1:4317" } }), ok: false },
  { policy: telemetry({ otlp: { url: "http://a", headers: { authorization: { env: "TOKEN" } } } }), ok: true },
  { policy: telemetry({ otlp: { url: "http://a", headers: { authorization: "Bearer x" } } }), ok: false },
  { policy: telemetry({ otlp: { url: "http://a", headers: { "a b": { env: "TOKEN" } } } }), ok: false },
  { policy: telemetry({ otlp: { url: "http://a", headers: { constructor: { env: "TOKEN" } } } }), ok: false },
  { policy: telemetry({ otlp: { url: "http://a", queueSpans: 0 } }), ok: false },
  { policy: telemetry({ sampleRatio: 1.1 }), ok: false },
  { policy: telemetry({ sampleRatio: "10%" }), ok: false },
  { policy: telemetry({ keepSlowerThan: "off" }), ok: true },
  { policy: telemetry({ keepSlowerThan: "0s" }), ok: false },
  { policy: telemetry({ attempts: "links" }), ok: false },
  { policy: telemetry({ propagation: { extract: [] } }), ok: true },
  { policy: telemetry({ propagation: { extract: ["jaeger"] } }), ok: false },
  { policy: telemetry({ metrics: { interval: "0s" } }), ok: false },
  { policy: telemetry({ serviceName: "a b" }), ok: false },
  { policy: orders({ tracing: { sampleRatio: 1, keepFailed: false, keepSlowerThan: "off" } }), ok: true },
  { policy: orders({ tracing: "off" }), ok: false },
  { policy: { version: 1, defaults: { tracing: {} } }, ok: false },
  { policy: null, ok: false },
  { policy: [], ok: false },
];

test.each(TABLE)("$policy: both say $ok", ({ policy, ok }) => {
  expect(accepted(policy)).toBe(ok);
  expect(acceptedByJsonSchema(policy)).toBe(ok);
});

const WORDS = ["", "off", "x", "1s", "0s", "25h", "1MiB", "p50", "a:1", "/x", "GET", "never-sent", "http1"];
const NUMBERS = [-1, 0, 0.5, 1, 2, 404, 1e9, Number.MAX_SAFE_INTEGER];
const ODD: readonly unknown[] = [
  null,
  true,
  [],
  ["x"],
  ["a:1"],
  [1],
  {},
  { x: 1 },
  { header: "x" },
  ...WORDS,
  ...NUMBERS,
  undefined,
];

// 8.8 s were seen on a machine with eight times more to do than it can.
test("both say the same of any of these values in any place of the example", { timeout: 60_000 }, async () => {
  const example: unknown = parse(await readFile(EXAMPLE, "utf8"));
  expect([accepted(example), acceptedByJsonSchema(example)]).toEqual([true, true]);
  let refused = 0;
  const differ: string[] = [];
  for (const path of pathsIn(example, [])) {
    for (const odd of ODD) {
      const changed = withValue(example, path, odd);
      const says = accepted(changed);
      if (!says) refused++;
      if (acceptedByJsonSchema(changed) !== says) differ.push(`${path.join(".")} = ${JSON.stringify(odd)}`);
    }
  }
  expect(differ).toEqual([]);
  expect(refused).toBeGreaterThan(1_000);
});

function pathsIn(value: unknown, path: readonly string[]): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...path, key]))];
}

/** A copy with another value at `path`; undefined leaves the key out. */
function withValue(root: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value ?? null;
  if (Array.isArray(root))
    return root.map((item, i) => (String(i) === key ? (withValue(item, rest, value) ?? null) : item));
  const object: Record<string, unknown> = { ...(root as object) }; // pathsIn went down from here, so it is one
  const child = withValue(object[key], rest, value);
  if (rest.length === 0 && value === undefined) delete object[key];
  else object[key] = child;
  return object;
}
