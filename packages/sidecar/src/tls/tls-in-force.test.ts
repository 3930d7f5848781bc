import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { expect, onTestFinished, test } from "vitest";
import { tlsChanges } from "./tls-changes.ts";
import { loadTlsInForce, type TlsInForce } from "./tls-in-force.ts";

const FOLDER = new URL("../../../config/certificates/", import.meta.url).pathname;

function inForce(rest: Omit<PolicyInput, "version">, folder = FOLDER): Promise<TlsInForce> {
  const file = join(folder, "policy.yaml");
  return loadTlsInForce(checkPolicy({ version: 1, ...rest }, { home: "sidecar", file }).policy);
}

test("services of the same files share a context, others have their own, and those without TLS have none", async () => {
  const { service } = await inForce({
    defaults: { tls: { ca: "authority.pem" } },
    services: { orders: {}, users: { tls: { cert: "web.pem", key: "web-key.pem" } }, legacy: { tls: "off" } },
  });
  expect(service("orders")).toBe(service("unlisted"));
  expect(service("users")).not.toBe(service("orders"));
  expect(service("users")).toBe(service("users"));
  expect(service("legacy")).toBeUndefined();
});

test("a listener with authorities asks each caller for a certificate", async () => {
  const tls = { cert: "orders.pem", key: "orders-key.pem" };
  const { listener } = await inForce({
    sidecar: {
      inbound: {
        listen: "127.0.0.1:1",
        app: "127.0.0.1:2",
        tls: { ...tls, ca: "authority.pem", minVersion: "TLSv1.3" },
      },
      outbound: { listen: "127.0.0.1:3", tls },
    },
  });
  expect(listener("inbound")).toMatchObject({ requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.3" });
  expect(listener("outbound")).toMatchObject({ requestCert: false, minVersion: "TLSv1.2" });
});

test("files that hold something else than before are told, whatever their names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const put = (from: string, to: string): Promise<void> => copyFile(join(FOLDER, from), join(folder, to));
  const policy: Omit<PolicyInput, "version"> = {
    defaults: { tls: { ca: "ca.pem" } },
    services: { orders: {}, legacy: { tls: "off" } },
    sidecar: { outbound: { listen: "127.0.0.1:3", tls: { cert: "own.pem", key: "own-key.pem" } } },
  };
  await Promise.all([
    put("authority.pem", "ca.pem"),
    put("orders.pem", "own.pem"),
    put("orders-key.pem", "own-key.pem"),
  ]);
  const first = await inForce(policy, folder);
  expect(tlsChanges(first.loaded, (await inForce(policy, folder)).loaded)).toEqual([]);
  await Promise.all([put("orders-renewed.pem", "own.pem"), put("orders-renewed-key.pem", "own-key.pem")]);
  const second = await inForce(policy, folder);
  expect(tlsChanges(first.loaded, second.loaded)).toEqual(["outbound: its certificates or authorities were renewed"]);
  await put("other-authority.pem", "ca.pem");
  const third = await inForce(policy, folder);
  expect(tlsChanges(second.loaded, third.loaded)).toEqual([
    "service orders: its certificates or authorities were renewed",
    "defaults: its certificates or authorities were renewed",
  ]);
  const off = await inForce({ ...policy, defaults: {} }, folder);
  expect(tlsChanges(third.loaded, off.loaded)).toEqual([]);
});
