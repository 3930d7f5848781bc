import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TelemetryInput } from "@weft/config";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { call, sidecarRig, type SidecarRig } from "../sidecar/rig.ts";

afterEach(() => vi.unstubAllEnvs());

const rigWith = (otlp: NonNullable<TelemetryInput["otlp"]>): Promise<SidecarRig> =>
  sidecarRig({ rest: { telemetry: { otlp, sampleRatio: 1 } } });

/** Answers every message of spans, and tells of each by `request`. */
async function collector(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a host and a port
}

test("a collector is sent the secrets that the policy names, and nobody else is told what they are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-collector-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "tenant"), "hunter3\n");
  vi.stubEnv("WEFT_TEST_OTLP", "Bearer hunter2");
  const server = createServer((request, response) => request.resume().on("end", () => response.end()));
  const headers = { Authorization: { env: "WEFT_TEST_OTLP" }, "x-tenant": { file: join(folder, "tenant") } };
  await using rig = await rigWith({ url: `http://${await collector(server)}/at/`, headers });
  const [asked] = (await Promise.all([once(server, "request"), call(rig.port, "/v1/7")]))[0] as [
    { readonly url: string; readonly headers: IncomingHttpHeaders },
  ]; // what a server of Node says
  expect(asked.url).toBe("/at/v1/traces");
  expect(asked.headers).toMatchObject({ authorization: "Bearer hunter2", "x-tenant": "hunter3" });
  for (const path of ["/config", "/overview", "/services", "/metrics", "/explain?service=orders"]) {
    expect((await rig.admin(path)).body, path).not.toMatch(/hunter[23]/);
  }
  expect((await rig.admin("/config")).body).toContain("WEFT_TEST_OTLP");
});

test("a secret that is missing is named, and nothing starts", async () => {
  await expect(rigWith({ url: "http://127.0.0.1:4318", headers: { a: { env: "WEFT_TEST_NONE" } } })).rejects.toThrow(
    "environment variable WEFT_TEST_NONE is missing or empty",
  );
});

const CERTIFICATES = new URL("../../packages/config/certificates/", import.meta.url);

test.each([
  { what: "where nobody listens", url: () => Promise.resolve("http://127.0.0.1:1") },
  { what: "whose name is none", url: () => Promise.resolve("http://collector.invalid:4318") },
  {
    what: "that answers nothing",
    url: async () => `http://${await collector(createServer(() => {}))}`,
  },
  {
    what: "that is in a bad mood",
    url: async () => `http://${await collector(createServer((_, response) => response.writeHead(500).end("no")))}`,
  },
])("calls do not notice a collector $what", async ({ url }) => {
  await using rig = await rigWith({ url: await url(), queueSpans: 1 });
  for (let i = 0; i < 20; i++) expect((await call(rig.port, "/v1/7")).status).toBe(200);
  expect(await rig.held()).toMatchObject({ calls: 0, pending: 0 });
});

test("a collector with a certificate of an unknown authority is sent no spans, and calls do not notice", async () => {
  const [cert, key] = await Promise.all(
    ["web.pem", "web-key.pem"].map((name) => readFile(new URL(name, CERTIFICATES))),
  );
  let asked = 0;
  const server = createSecureServer({ cert, key }, (_, response) => {
    asked++;
    response.end();
  });
  const refused = once(server, "tlsClientError");
  await using rig = await rigWith({ url: `https://${await collector(server)}` });
  expect((await call(rig.port, "/v1/7")).status).toBe(200);
  await refused;
  expect(asked).toBe(0);
});
