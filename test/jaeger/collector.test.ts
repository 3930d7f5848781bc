import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TelemetryInput } from "@weft/config";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { NO_SUCH_NAME } from "../real/no-such-name.ts";
import { call, sidecarRig, type SidecarRig } from "../sidecar/rig.ts";

afterEach(() => vi.unstubAllEnvs());

/** @param log what the sidecar logs goes here */
const rigWith = (otlp: NonNullable<TelemetryInput["otlp"]>, log: string[] = []): Promise<SidecarRig> =>
  sidecarRig({
    rest: { telemetry: { otlp, sampleRatio: 1 } },
    options: { log: ({ level, text }) => void log.push(`${level}: ${text}`) },
  });

/** Answers every message of spans, and tells of each by `request`. */
async function collector(server: Server, protocol = "http"): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `${protocol}://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens on a host and a port
}

test("a collector is sent the secrets that the policy names, and nobody else is told what they are", async () => {
  const folder = await mkdtemp(join(tmpdir(), "weft-collector-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "tenant"), "hunter3\n");
  vi.stubEnv("WEFT_TEST_OTLP", "Bearer hunter2");
  const server = createServer((request, response) => request.resume().on("end", () => response.end()));
  const headers = { Authorization: { env: "WEFT_TEST_OTLP" }, "x-tenant": { file: join(folder, "tenant") } };
  await using rig = await rigWith({ url: `${await collector(server)}/at/`, headers });
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
  { what: "where nobody listens", url: () => "http://127.0.0.1:1", why: /ECONNREFUSED/ },
  { what: "whose name is none", url: () => `http://${NO_SUCH_NAME}:4318`, why: /ENOTFOUND/ },
  { what: "that answers nothing", url: () => collector(createServer(() => {})), why: /./ },
  {
    what: "that is in a bad mood",
    url: () => collector(createServer((_, response) => response.writeHead(500).end("no"))),
    why: /500/,
  },
])("calls do not notice a collector $what, and the log tells in the end", async ({ url, why }) => {
  const log: string[] = [];
  {
    await using rig = await rigWith({ url: await url() }, log);
    for (let i = 0; i < 20; i++) expect((await call(rig.port, "/v1/7")).status).toBe(200);
    expect(await rig.held()).toMatchObject({ calls: 0, pending: 0 });
  }
  const told = log.filter((line) => line.startsWith("warn: telemetry.otlp: "));
  expect(told.join("\n")).toMatch(why);
});

test("that a collector takes nothing is told at once, and that it takes spans again", async () => {
  let status = 500;
  const log: string[] = [];
  const server = createServer((_, response) => response.writeHead(status).end());
  await using rig = await rigWith({ url: await collector(server) }, log);
  await call(rig.port, "/v1/7");
  const told = (line: RegExp): Promise<void> =>
    vi.waitFor(() => expect(log).toContainEqual(expect.stringMatching(line)), { timeout: 50_000 });
  await told(/^warn: telemetry\.otlp: the collector does not take spans: .*500/);
  status = 200;
  await call(rig.port, "/v1/7"); // a 500 is not asked again, so something new has to be sent
  await told(/^info: telemetry\.otlp: the collector takes spans again/);
});

test("spans that find no room are dropped and told of, and calls do not wait", async () => {
  const log: string[] = [];
  await using rig = await rigWith({ url: "http://127.0.0.1:1", queueSpans: 1 }, log);
  for (let i = 0; i < 20; i++) expect((await call(rig.port, "/v1/7")).status).toBe(200);
  const full = /^warn: telemetry\.otlp: \d+ spans were lost: the queue is full$/;
  expect(log).toContainEqual(expect.stringMatching(full));
});

test("a collector with a certificate of an unknown authority is sent no spans, which the log tells in the end", async () => {
  const [cert, key] = await Promise.all(
    ["web.pem", "web-key.pem"].map((name) => readFile(new URL(name, CERTIFICATES))),
  );
  let asked = 0;
  const server = createSecureServer({ cert, key }, (_, response) => {
    asked++;
    response.end();
  });
  const log: string[] = [];
  const refused = once(server, "tlsClientError");
  {
    await using rig = await rigWith({ url: await collector(server, "https") }, log);
    expect((await call(rig.port, "/v1/7")).status).toBe(200);
    await refused;
  }
  expect(log).toContainEqual(expect.stringMatching(/^warn: telemetry\.otlp: 2 spans were lost: .*certificate/));
  expect(asked).toBe(0);
});
