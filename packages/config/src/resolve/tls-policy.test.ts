import { expect, test } from "vitest";
import type { PolicyInput } from "../input/policy-input.ts";
import { checkPolicy, type Policy } from "./check-policy.ts";

function policyOf(rest: Omit<PolicyInput, "version">, file?: string): Policy {
  return checkPolicy({ version: 1, ...rest }, { home: "sidecar", ...(file === undefined ? {} : { file }) }).policy;
}

test("there is no TLS where nobody asks for it", () => {
  const { services, defaults, sidecar } = policyOf({
    services: { orders: {} },
    sidecar: { outbound: { listen: "127.0.0.1:1" } },
  });
  expect([services.get("orders")?.tls, defaults.tls, sidecar?.outbound?.tls]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("an empty object asks for it, with the public authorities and every certificate checked", () => {
  expect(policyOf({ services: { orders: { tls: {} } } }).services.get("orders")?.tls).toEqual({
    ca: undefined,
    cert: undefined,
    key: undefined,
    serverName: undefined,
    verify: true,
  });
});

test("a service inherits it field by field, and may turn it off", () => {
  const { services } = policyOf({
    defaults: { tls: { ca: "ca.pem", cert: "web.pem", key: "web.key" } },
    services: { orders: { tls: { serverName: "orders.local" } }, legacy: { tls: "off" } },
  });
  expect(services.get("orders")?.tls).toMatchObject({
    ca: "ca.pem",
    cert: "web.pem",
    key: { file: "web.key" },
    serverName: "orders.local",
  });
  expect(services.get("legacy")?.tls).toBeUndefined();
});

test("a key that is inherited is replaced as a whole", () => {
  const { services } = policyOf({
    defaults: { tls: { cert: "web.pem", key: { file: "web.key" } } },
    services: { orders: { tls: { key: { env: "ORDERS_KEY" } } } },
  });
  expect(services.get("orders")?.tls?.key).toEqual({ env: "ORDERS_KEY" });
});

test("files are found from the folder of the policy", () => {
  const { services, sidecar } = policyOf(
    {
      services: { orders: { tls: { ca: "tls/ca.pem", cert: "/etc/web.pem", key: { file: "web.key" } } } },
      sidecar: { inbound: { listen: "a:1", app: "a:2", tls: { cert: "in.pem", key: "in.key", ca: "../ca.pem" } } },
    },
    "/srv/weft/policy.yaml",
  );
  expect(services.get("orders")?.tls).toMatchObject({
    ca: "/srv/weft/tls/ca.pem",
    cert: "/etc/web.pem",
    key: { file: "/srv/weft/web.key" },
  });
  expect(sidecar?.inbound?.tls).toEqual({
    cert: "/srv/weft/in.pem",
    key: { file: "/srv/weft/in.key" },
    ca: "/srv/ca.pem",
    minVersion: "TLSv1.2",
  });
});

test("a key that was pasted in is refused, and not shown", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n";
  const paste = (): unknown => policyOf({ services: { orders: { tls: { cert: "a.pem", key } } } });
  expect(paste).toThrow("services.orders.tls.key: (a value not shown here) is not the path of a PEM file");
  expect(paste).not.toThrow("c2VjcmV0");
});

test("a TCP listener to a service with TLS is told that it gets none", () => {
  const { warnings } = checkPolicy(
    {
      version: 1,
      services: { db: { tls: {} } },
      sidecar: { tcp: [{ listen: "127.0.0.1:1", service: "db" }] },
    },
    { home: "sidecar" },
  );
  expect(warnings.map(({ path, message }) => `${path}: ${message}`)).toEqual([
    expect.stringContaining('sidecar.tcp[0].service: "db" has tls, which connections of a TCP listener do not get'),
  ]);
});

test("the fields of a listener's TLS are explained where it has some", () => {
  const fields = (tls?: { readonly cert: string; readonly key: string }): readonly string[] =>
    policyOf({ sidecar: { outbound: { listen: "127.0.0.1:1", ...(tls && { tls }) } } })
      .explainSidecar()
      .map(({ field }) => field)
      .filter((field) => field.includes(".tls"));
  expect(fields()).toEqual([]);
  expect(fields({ cert: "a.pem", key: "a.key" })).toEqual([
    "sidecar.outbound.tls.cert",
    "sidecar.outbound.tls.key",
    "sidecar.outbound.tls.minVersion",
  ]);
});

test("the SDK, which does not use it yet, says so", () => {
  const { warnings } = checkPolicy({
    version: 1,
    services: {
      orders: { protocol: "http2", tls: {}, keepAlive: "10s", retry: { on: ["never-sent", "unavailable"] } },
    },
  });
  expect(warnings.map(({ path }) => path).toSorted()).toEqual([
    "services.orders.keepAlive",
    "services.orders.protocol",
    "services.orders.retry.on[1]",
    "services.orders.tls",
  ]);
});

test("HTTP/2 connections are asked for a sign of life after 30 seconds of silence, unless told otherwise", () => {
  const keepAliveMs = (keepAlive?: "5s" | "off"): number | undefined =>
    policyOf({ services: { orders: keepAlive === undefined ? {} : { keepAlive } } }).services.get("orders")
      ?.keepAliveMs;
  expect([keepAliveMs(), keepAliveMs("5s"), keepAliveMs("off")]).toEqual([30_000, 5_000, Number.POSITIVE_INFINITY]);
});
