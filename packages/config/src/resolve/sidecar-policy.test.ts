import { expect, test } from "vitest";
import type { PolicyInput } from "../input/policy-input.ts";
import type { SidecarInput } from "../input/sidecar-input.ts";
import { findProblems } from "../schema/find-problems.ts";
import { checkPolicy } from "./check-policy.ts";
import { SIDECAR_BUILT_IN } from "./sidecar-built-in.ts";

const resolved = (sidecar: SidecarInput, rest: Omit<PolicyInput, "version"> = {}) =>
  checkPolicy({ version: 1, ...rest, sidecar }, { home: "sidecar" }).policy;

test("a listener that says only where it listens has every default", () => {
  const { sidecar } = resolved({ outbound: { listen: "127.0.0.1:15001" } });
  expect(sidecar).toEqual({
    service: undefined,
    inbound: undefined,
    outbound: {
      name: "outbound",
      listen: { host: "127.0.0.1", port: 15_001 },
      service: undefined,
      unknown: "refuse",
      consul: true,
      underscores: "drop",
      limits: { connections: 16_384, headBytes: 16_384, fields: 100, streams: 250, bodyBytesPerSecond: 0 },
      timeouts: { headMs: 10_000, idleMs: 75_000, keepAliveMs: 300_000, bodyMs: 300_000, tunnelMs: 3_600_000 },
    },
    tcp: [],
    admin: undefined,
    drain: { propagationMs: 0, graceMs: 20_000 },
    register: undefined,
  });
});

test("what is written stands in the place of the defaults, and 0s is no limit", () => {
  const { sidecar } = resolved({
    inbound: {
      listen: "0.0.0.0:8080",
      app: "unix:/run/app.sock",
      underscores: "keep",
      limits: { calls: 7, bodyRate: "1KiB" },
      timeouts: { head: "1s", idle: "0s", total: "3s" },
    },
    drain: { propagation: "1s", grace: "0s" },
    admin: { listen: "0.0.0.0:15000", allowRemote: true },
  });
  expect(sidecar).toMatchObject({
    inbound: {
      name: "inbound",
      app: { path: "/run/app.sock" },
      underscores: "keep",
      limits: { calls: 7, bodyBytesPerSecond: 1_024, fields: 100 },
      timeouts: { headMs: 1_000, idleMs: Number.POSITIVE_INFINITY, connectMs: 1_000, totalMs: 3_000 },
    },
    drain: { propagationMs: 1_000, graceMs: 0 },
    admin: { listen: { host: "0.0.0.0", port: 15_000 }, allowRemote: true },
  });
});

test("each TCP listener has a name of its own", () => {
  const { sidecar } = resolved({
    tcp: [
      { listen: "127.0.0.1:15432", service: "a" },
      { listen: "127.0.0.2:15432", service: "b", proxyProtocol: { accept: true, send: "v2" } },
      { listen: "127.0.0.1:0", service: "c" },
      { listen: "127.0.0.1:0", service: "d" },
      { listen: "127.0.0.1:0", service: "e" },
      { listen: "unix:/run/db.sock", service: "f", timeouts: { idle: "0s" } },
    ],
  });
  expect(sidecar?.tcp.map(({ name }) => name)).toEqual([
    "tcp:15432",
    "tcp:127.0.0.2:15432",
    "tcp:0",
    "tcp:127.0.0.1:0",
    "tcp:127.0.0.1:0#2",
    "tcp:unix:/run/db.sock",
  ]);
  expect(sidecar?.tcp[1]).toMatchObject({ proxyProtocol: { accept: true, send: "v2" }, idleMs: 3_600_000 });
  expect(sidecar?.tcp[5]).toMatchObject({ idleMs: Number.POSITIVE_INFINITY, connections: 16_384 });
});

test.each<{ rest: Omit<PolicyInput, "version">; consul: boolean; why: string }>([
  { rest: {}, consul: true, why: "nothing is listed" },
  { rest: { services: { a: {} } }, consul: true, why: "a is found there" },
  { rest: { services: { a: { discover: { dns: "a" } } } }, consul: false, why: "all are found elsewhere" },
  {
    rest: { services: { a: { discover: { dns: "a" } } }, discovery: { consul: {} } },
    consul: true,
    why: "it is written where Consul is",
  },
])("any service of Consul may be called: $consul, since $why", ({ rest, consul }) => {
  const outbound = (more: object) =>
    resolved({ outbound: { listen: "127.0.0.1:1", ...more } }, rest).sidecar?.outbound?.consul;
  expect(outbound({})).toBe(consul);
  expect(outbound({ consul: !consul })).toBe(!consul);
  expect(outbound({ service: "a" })).toBe(false);
});

test("a registration takes its name and address from what stands beside it", () => {
  const inbound = { listen: "10.0.0.5:8080", app: "127.0.0.1:3000" } as const;
  const register = (sidecar: SidecarInput) => resolved({ inbound, service: "web", ...sidecar }).sidecar?.register;
  const times = { intervalMs: 5_000, timeoutMs: 2_000 };
  expect(register({ register: {} })).toEqual({
    name: "web",
    id: undefined,
    address: "10.0.0.5",
    port: 8080,
    tags: [],
    meta: {},
    check: { kind: "ttl", ...times },
  });
  expect(register({ register: {}, inbound: { ...inbound, listen: "0.0.0.0:0" } })).toMatchObject({
    address: undefined,
    port: undefined,
  });
  const check = (written: object) => register({ register: { check: written } })?.check;
  expect(check({ path: "/up" })).toEqual({ kind: "http", path: "/up", secured: false, ...times });
  expect(check({ kind: "http" })).toEqual({ kind: "http", path: "/healthz", secured: false, ...times });
  expect(check({ kind: "tcp", interval: "2s" })).toEqual({ kind: "tcp", intervalMs: 2_000, timeoutMs: 2_000 });
});

test("an app that speaks nothing but gRPC gets calls of gRPC-Web as gRPC, and any other when it is asked for", () => {
  const grpcWeb = (written: Partial<SidecarInput["inbound"]>) =>
    resolved({ inbound: { listen: "127.0.0.1:1", app: "127.0.0.1:2", ...written } }).sidecar?.inbound?.grpcWeb;
  expect(grpcWeb({ protocol: "grpc" })).toBe(true);
  expect(grpcWeb({ protocol: "grpc", grpcWeb: false })).toBe(false);
  expect(grpcWeb({})).toBe(false);
  expect(grpcWeb({ grpcWeb: true })).toBe(true);
});

test("whoever is registered gives callers time to notice that it leaves", () => {
  const sidecar: SidecarInput = { service: "web", inbound: { listen: "127.0.0.1:1", app: "127.0.0.1:2" } };
  expect(resolved({ ...sidecar, register: {} }).sidecar?.drain.propagationMs).toBe(5_000);
  expect(resolved(sidecar).sidecar?.drain.propagationMs).toBe(0);
});

test("every built-in default is what a user may write", () => {
  const tls = { cert: "a.pem", key: "a.key" };
  const sidecar: Record<string, unknown> = {
    inbound: { listen: "a:1", app: "a:2", tls: { ...tls } },
    outbound: { listen: "a:3", tls: { ...tls } },
    tcp: [{ listen: "a:4", service: "x" }],
    admin: { listen: "a:5" },
  };
  const root: Record<string, unknown> = { version: 1, sidecar };
  for (const [path, { value }] of Object.entries(SIDECAR_BUILT_IN)) {
    const steps = path.replace("tcp[]", "tcp.0").split(".");
    const last = steps.pop() ?? "";
    let part = root;
    // Each step was put there by this loop or above, as an object.
    for (const step of steps) part = (part[step] ??= {}) as Record<string, unknown>;
    part[last] = value;
  }
  expect(findProblems(root)).toMatchObject({ kind: "policy" });
});

test("each field is explained with who set it", () => {
  const { policy } = checkPolicy(
    { version: 1, sidecar: { tcp: [{ listen: "127.0.0.1:1", service: "db" }] }, telemetry: { accessLog: "json" } },
    { home: "sidecar", file: "p.yaml" },
  );
  const from = (field: string) => policy.explainSidecar().find((explained) => explained.field === field);
  expect(from("sidecar.tcp[0].service")).toMatchObject({ value: "db", from: "sidecar.tcp[0].service at p.yaml" });
  expect(from("sidecar.tcp[0].timeouts.idle")).toMatchObject({ value: "1h", from: "built-in default (Envoy)" });
  expect(from("sidecar.drain.propagation")).toMatchObject({ value: "0s", from: "built-in default (weft)" });
  expect(from("telemetry.accessLog.format")).toMatchObject({ value: "json", from: "telemetry.accessLog at p.yaml" });
  expect(from("sidecar.inbound.underscores")).toBeUndefined();
});

test("what is given stands over what is written, and says who gave it", () => {
  const { policy } = checkPolicy(
    { version: 1, sidecar: { outbound: { listen: "127.0.0.1:1" }, drain: { grace: "1s" } } },
    {
      home: "sidecar",
      given: {
        "sidecar.drain.grace": { value: "30s", by: "--drain" },
        "telemetry.accessLog.format": { value: "text", by: "--access-log" },
      },
    },
  );
  expect(policy.sidecar?.drain.graceMs).toBe(30_000);
  expect(policy.telemetry.accessLog).toEqual({ format: "text", to: "stdout" });
  expect(policy.explainSidecar().find(({ field }) => field === "sidecar.drain.grace")?.from).toBe("--drain");
});
