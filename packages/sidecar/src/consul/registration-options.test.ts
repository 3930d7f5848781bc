import { checkPolicy, type SidecarInput } from "@weft/config";
import { expect, onTestFinished, test } from "vitest";
import { registrationOptions } from "./registration-options.ts";

const url = "http://127.0.0.1:8500";

function options(sidecar: SidecarInput, inboundPort?: number, token?: { readonly env: string }) {
  const consul = token === undefined ? {} : { token };
  const { policy } = checkPolicy(
    { version: 1, discovery: { consul }, sidecar: { service: "web", ...sidecar } },
    { home: "sidecar" },
  );
  if (policy.sidecar?.register === undefined) throw new Error("each policy here has one");
  return registrationOptions(policy.sidecar.register, policy.discovery.consul, inboundPort);
}

const inbound = { listen: "[::1]:8080", app: "127.0.0.1:3000" } as const;

test.each<{ sidecar: SidecarInput; port?: number; gives: object }>([
  {
    sidecar: { inbound, register: {} },
    gives: { name: "web", address: "::1", port: 8080, tags: [], meta: {}, url, check: { ttlMs: 15_000 } },
  },
  {
    sidecar: { inbound: { ...inbound, listen: "0.0.0.0:0" }, register: { check: { kind: "tcp" } } },
    port: 4711,
    gives: {
      name: "web",
      port: 4711,
      tags: [],
      meta: {},
      url,
      check: { tcp: "127.0.0.1:4711", intervalMs: 5_000, timeoutMs: 2_000 },
    },
  },
  {
    sidecar: {
      inbound,
      register: {
        name: "shop",
        id: "shop-1",
        port: 80,
        tags: ["v2"],
        meta: { zone: "a" },
        check: { path: "/up", interval: "3s" },
      },
    },
    port: 8080,
    gives: {
      name: "shop",
      id: "shop-1",
      address: "::1",
      port: 80,
      tags: ["v2"],
      meta: { zone: "a" },
      url,
      check: { http: "http://[::1]:80/up", intervalMs: 3_000, timeoutMs: 2_000 },
    },
  },
  {
    sidecar: {
      inbound: { ...inbound, tls: { cert: "web.pem", key: "web-key.pem" } },
      register: { check: { kind: "http" } },
    },
    gives: {
      name: "web",
      address: "::1",
      port: 8080,
      tags: [],
      meta: {},
      url,
      check: { http: "https://[::1]:8080/healthz", verify: false, intervalMs: 5_000, timeoutMs: 2_000 },
    },
  },
])("$sidecar is registered as $gives", ({ sidecar, port, gives }) => {
  expect(options(sidecar, port)).toEqual(gives);
});

test("the token comes from its variable, and a missing one is told at once", () => {
  onTestFinished(() => void delete process.env["WEFT_TEST_TOKEN"]);
  const asked = () => options({ inbound, register: {} }, 8080, { env: "WEFT_TEST_TOKEN" });
  expect(asked).toThrow("discovery.consul.token: environment variable WEFT_TEST_TOKEN is missing or empty");
  process.env["WEFT_TEST_TOKEN"] = "secret";
  expect(asked()).toMatchObject({ token: "secret" });
});
