import { expect, test } from "vitest";
import type { PolicyInput } from "../input/policy-input.ts";
import type { TelemetryInput } from "../input/telemetry-input.ts";
import { problemsOf } from "../problem/policy-error.ts";
import { findProblems } from "../schema/find-problems.ts";
import { checkPolicy } from "./check-policy.ts";
import { TELEMETRY_BUILT_IN } from "./telemetry-built-in.ts";

const resolved = (telemetry: TelemetryInput, rest: Omit<PolicyInput, "version"> = {}, file = "p.yaml") =>
  checkPolicy({ version: 1, ...rest, telemetry }, { home: "sidecar", file }).policy;

test("a policy that says nothing keeps a tenth of the traces and all that failed, and sends none", () => {
  expect(resolved({}).telemetry).toEqual({
    accessLog: { format: "off", to: "stdout" },
    serviceName: undefined,
    otlp: undefined,
    tracing: { sampleRatio: 0.1, keepFailed: true, keepSlowerThanMs: Number.POSITIVE_INFINITY },
    attempts: "spans",
    propagation: { extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] },
    metricsIntervalMs: undefined,
  });
});

test("what is written stands in the place of the defaults", () => {
  const headers = { Authorization: { env: "TOKEN" }, "x-tenant": { file: "tenant" } };
  const written: TelemetryInput = {
    serviceName: "shop",
    otlp: { url: "http://127.0.0.1:4318/", headers, queueSpans: 10, compression: "gzip" },
    sampleRatio: 1,
    keepFailed: false,
    keepSlowerThan: "1s",
    attempts: "events",
    propagation: { extract: ["b3"], inject: ["tracecontext", "b3"] },
    metrics: { interval: "5s" },
  };
  expect(resolved(written, {}, "/etc/weft/p.yaml").telemetry).toMatchObject({
    serviceName: "shop",
    otlp: {
      url: "http://127.0.0.1:4318",
      headers: { authorization: { env: "TOKEN" }, "x-tenant": { file: "/etc/weft/tenant" } },
      queueSpans: 10,
      compression: "gzip",
    },
    tracing: { sampleRatio: 1, keepFailed: false, keepSlowerThanMs: 1_000 },
    attempts: "events",
    propagation: { extract: ["b3"], inject: ["tracecontext", "b3"] },
    metricsIntervalMs: 5_000,
  });
});

test("a part that is turned on by its mere presence has its defaults", () => {
  const { otlp, metricsIntervalMs } = resolved({ otlp: { url: "http://a" }, metrics: {} }).telemetry;
  expect(otlp).toEqual({ url: "http://a", headers: {}, queueSpans: 8_192, compression: "none" });
  expect(metricsIntervalMs).toBe(30_000);
});

test("spans have the name of the service that the sidecar stands next to", () => {
  const beside = { sidecar: { service: "web", outbound: { listen: "127.0.0.1:1" } } } as const;
  expect(resolved({}, beside).telemetry.serviceName).toBe("web");
  expect(resolved({ serviceName: "shop" }, beside).telemetry.serviceName).toBe("shop");
});

test("the tracing of a service stands on that of telemetry, field by field", () => {
  const services = { orders: { tracing: { sampleRatio: 1, keepSlowerThan: "off" } }, stock: {} } as const;
  const policy = resolved({ sampleRatio: 0.5, keepSlowerThan: "2s" }, { services });
  expect(policy.services.get("orders")?.tracing).toEqual({
    sampleRatio: 1,
    keepFailed: true,
    keepSlowerThanMs: Number.POSITIVE_INFINITY,
  });
  expect(policy.services.get("stock")?.tracing).toEqual(policy.telemetry.tracing);
  expect(policy.defaults.tracing).toEqual({ sampleRatio: 0.5, keepFailed: true, keepSlowerThanMs: 2_000 });
});

test("each field is explained with who set it, and a secret by where it is kept", () => {
  const policy = resolved(
    { sampleRatio: 0.5, otlp: { url: "http://a", headers: { authorization: { env: "TOKEN" } } }, accessLog: "json" },
    {
      services: { orders: { tracing: { keepFailed: false } } },
      sidecar: { service: "web", outbound: { listen: "a:1" } },
    },
  );
  const beside = new Map(policy.explainSidecar().map((explained) => [explained.field, explained]));
  expect(beside.get("telemetry.sampleRatio")).toMatchObject({ value: 0.5, from: "telemetry.sampleRatio at p.yaml" });
  expect(beside.get("telemetry.serviceName")).toMatchObject({ value: "web", from: "sidecar.service at p.yaml" });
  expect(beside.get("telemetry.otlp.queueSpans")).toMatchObject({ from: "built-in default (weft)" });
  expect(beside.get("telemetry.otlp.headers")).toMatchObject({ value: { authorization: { env: "TOKEN" } } });
  expect(beside.get("telemetry.accessLog.format")).toMatchObject({ from: "telemetry.accessLog at p.yaml" });
  expect(beside.has("telemetry.metrics.interval")).toBe(false);
  const orders = new Map((policy.explain("orders") ?? []).map(({ field, from }) => [field, from]));
  expect(orders.get("tracing.sampleRatio")).toBe("telemetry.sampleRatio at p.yaml");
  expect(orders.get("tracing.keepFailed")).toBe("services.orders.tracing.keepFailed at p.yaml");
  expect(orders.get("tracing.keepSlowerThan")).toBe("built-in default (weft)");
});

test.each([
  { accessLog: undefined, is: { format: "off", to: "stdout" } },
  { accessLog: "text" as const, is: { format: "text", to: "stdout" } },
  { accessLog: {}, is: { format: "json", to: "stdout" } },
  { accessLog: { to: { file: "a.log" } }, is: { format: "json", to: { file: "a.log" } } },
  { accessLog: { format: "off" as const, to: "stderr" as const }, is: { format: "off", to: "stderr" } },
])("an access log of $accessLog is $is", ({ accessLog, is }) => {
  expect(resolved(accessLog === undefined ? {} : { accessLog }).telemetry.accessLog).toEqual(is);
});

test("every built-in default is what a user may write", () => {
  const root: Record<string, unknown> = { version: 1, telemetry: { otlp: { url: "http://a" } } };
  for (const [path, { value }] of Object.entries(TELEMETRY_BUILT_IN)) {
    const steps = path.split(".");
    const last = steps.pop() ?? "";
    let part = root;
    // Each step was put there by this loop or above, as an object.
    for (const step of steps) part = (part[step] ??= {}) as Record<string, unknown>;
    part[last] = value;
  }
  expect(findProblems(root)).toMatchObject({ kind: "policy" });
});

const otlp = (more: object) => ({ otlp: { url: "http://127.0.0.1:4318", ...more } });

test.each<{ telemetry: unknown; says: string }>([
  { telemetry: { metrics: {} }, says: "error telemetry.metrics: has no telemetry.otlp to go to" },
  { telemetry: { attempts: "off" }, says: "warning telemetry.attempts: has no effect without telemetry.otlp" },
  { telemetry: { keepFailed: true }, says: "warning telemetry.keepFailed: has no effect without telemetry.otlp" },
  {
    telemetry: otlp({ url: "http://127.0.0.1:4318/v1/traces" }),
    says: "error telemetry.otlp.url: ends in /v1/traces: name the collector alone",
  },
  { telemetry: otlp({ url: "http://127.0.0.1:4317" }), says: "warning telemetry.otlp.url: has the port for OTLP over" },
  { telemetry: otlp({}), says: "warning telemetry.otlp: sends what has no name" },
  {
    telemetry: otlp({ headers: { "Content-Type": { env: "A" } } }),
    says: "error telemetry.otlp.headers.Content-Type: cannot be set",
  },
  {
    telemetry: otlp({ headers: { "X-A": { env: "A" }, "x-a": { env: "B" } } }),
    says: "error telemetry.otlp.headers.x-a: is there twice",
  },
  {
    telemetry: { propagation: { inject: ["b3"] } },
    says: "error telemetry.propagation.inject: has no tracecontext",
  },
  {
    telemetry: { ...otlp({}), metrics: { interval: "500ms" } },
    says: "error telemetry.metrics.interval: 500ms is under 1s",
  },
  {
    telemetry: otlp({ headers: { authorization: "Bearer hunter2" } }),
    says: "error telemetry.otlp.headers.authorization: (a value not shown here) is not an object",
  },
  {
    telemetry: otlp({ url: "http://me:hunter2@collector:4318" }),
    says: 'error telemetry.otlp.url: "http://..@collector:4318" is not a URL',
  },
])("$telemetry: $says", ({ telemetry, says }) => {
  const told = (): ReturnType<typeof problemsOf> => {
    const sidecar = { outbound: { listen: "127.0.0.1:1" } };
    try {
      return checkPolicy({ version: 1, sidecar, telemetry }, { home: "sidecar" }).warnings;
    } catch (error) {
      return problemsOf(error);
    }
  };
  const lines = told().map(({ severity, path, message }) => `${severity} ${path}: ${message}`);
  expect(lines.filter((line) => line.startsWith(says))).toHaveLength(1);
  expect(lines.join("\n")).not.toContain("hunter2");
});

test("a service's own say in what is kept has no effect either where nothing is sent", () => {
  const services = { orders: { tracing: { keepSlowerThan: "1s", sampleRatio: 1 } } };
  const { warnings } = checkPolicy({ version: 1, services }, { home: "sidecar" });
  expect(warnings.map(({ path }) => path)).toEqual(["services.orders.tracing.keepSlowerThan"]);
});
