import { once } from "node:events";
import { copyFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer as createSecureServer } from "node:https";
import { connect, createServer } from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { pem, secureCall, secureCaller } from "../sidecar/tls-peers.ts";
import { runWeft } from "./running.ts";
import { weft } from "./weft.ts";

const CERTIFICATES = new URL("../../packages/config/certificates/", import.meta.url).pathname;
const OUTBOUND = /"name":"outbound","address":"127\.0\.0\.1:(\d+)"/;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-sidecar-tls-"));
  return () => rm(folder, { recursive: true });
});

/** Puts one of the shared certificates, or keys, in the folder under another name, at once. */
async function put(from: string, as: string): Promise<string> {
  const to = join(folder, `${as}.pem`);
  await copyFile(join(CERTIFICATES, `${from}.pem`), `${to}.next`);
  await rename(`${to}.next`, to);
  return to;
}

async function addressOf(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a port
}

test("--upstream-protocol http2 serves callers of HTTP/2 with endpoints of HTTP/2", async () => {
  const upstream = await addressOf(
    createServer((incoming, response) => void response.end(`${incoming.httpVersion} ${incoming.url}`)),
  );
  const flags = ["--listen", "127.0.0.1:0", "--upstream", upstream, "--upstream-protocol", "http2"];
  await using running = runWeft(["sidecar", ...flags]);
  const [, port] = await running.says(OUTBOUND);
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request({ ":path": "/hello", ":authority": "any.example" });
  expect(String((await once(stream, "data"))[0])).toBe("2.0 /hello");
  session.close();
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});

test("TLS on both sides is said in options, and SIGHUP reads the files again", async () => {
  const endpoint = createSecureServer({ cert: pem("orders"), key: pem("orders-key") }, (_, response) =>
    response.end("secure"),
  );
  const upstream = await addressOf(endpoint);
  onTestFinished(() => endpoint.closeAllConnections());
  const [cert, key] = [await put("orders", "own"), await put("orders-key", "own-key")];
  const authority = join(CERTIFICATES, "authority.pem");
  const flags = ["--listen", "127.0.0.1:0", "--upstream", upstream, "--upstream-ca", authority];
  await using running = runWeft(["sidecar", ...flags, "--tls-cert", cert, "--tls-key", key]);
  const port = Number((await running.says(OUTBOUND))[1]);
  expect(await secureCall(port)).toEqual({ status: 200, body: "secure" });
  const before = (await secureCaller(port)).getPeerCertificate().serialNumber;
  await put("orders-renewed", "own");
  running.kill("SIGHUP");
  await running.says(/--tls-key: ".*own-key\.pem" is not the key of \(CN=orders\)/);
  await running.says(/the command line is not in place, the last good policy stays/);
  expect((await secureCaller(port)).getPeerCertificate().serialNumber).toBe(before);
  await put("orders-renewed-key", "own-key");
  running.kill("SIGHUP");
  await running.says(/the command line: outbound: its certificates or authorities were renewed/);
  expect((await secureCaller(port)).getPeerCertificate().serialNumber).not.toBe(before);
});

test("certificates that are replaced are taken without a signal", async () => {
  const [cert, key] = [await put("orders", "own"), await put("orders-key", "own-key")];
  const file = join(folder, "policy.yaml");
  await writeFile(
    file,
    `version: 1\nservices: { orders: { discover: { static: ["127.0.0.1:1"] } } }\nsidecar: { outbound: { listen: "127.0.0.1:0", tls: { cert: own.pem, key: own-key.pem } } }\n`,
  );
  await using running = runWeft(["sidecar", file]);
  const port = Number((await running.says(OUTBOUND))[1]);
  const before = (await secureCaller(port)).getPeerCertificate().serialNumber;
  expect([cert, key]).toEqual([join(folder, "own.pem"), join(folder, "own-key.pem")]);
  await put("orders-renewed", "own");
  await put("orders-renewed-key", "own-key");
  await running.says(/policy\.yaml: outbound: its certificates or authorities were renewed/);
  expect((await secureCaller(port)).getPeerCertificate().serialNumber).not.toBe(before);
});

test("files that are missing or do not fit are each told with their place, and nothing starts", async () => {
  const file = join(folder, "policy.yaml");
  await put("orders", "own");
  await put("web-key", "own-key");
  await writeFile(
    file,
    [
      "version: 1",
      "services:",
      "  orders: { tls: { ca: none.pem } }",
      "sidecar:",
      "  outbound:",
      '    listen: "127.0.0.1:0"',
      "    tls: { cert: own.pem, key: own-key.pem }",
    ].join("\n"),
  );
  const { code, stdout, stderr } = await weft("sidecar", file);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.replaceAll(`${folder}/`, "").split("\n")).toEqual([
    'weft sidecar: policy.yaml:3:24 services.orders.tls.ca: "none.pem" cannot be read: there is no such file; it must hold one or more certificates in PEM',
    'weft sidecar: policy.yaml:7:32 sidecar.outbound.tls.key: "own-key.pem" is not the key of (CN=orders), the first certificate in "own.pem"',
    "",
  ]);
});

test("what options name and is missing is told by the option", async () => {
  const flags = ["--listen", "127.0.0.1:0", "--upstream", "127.0.0.1:1", "--upstream-ca", join(folder, "none.pem")];
  const { code, stderr } = await weft("sidecar", ...flags);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^weft sidecar: --upstream-ca: ".*none\.pem" cannot be read: there is no such file/);
});
