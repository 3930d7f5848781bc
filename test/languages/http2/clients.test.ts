import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cachedTool, type CachedTool } from "../../real/cached-tool.ts";
import { realTool, type RealTool } from "../../real/real-tool.ts";
import { CLIENTS_BY_LANGUAGE } from "../client.ts";
import { H2LOAD, H2LOAD_ENV } from "./h2load.ts";
import { byName, runProgram } from "./run-program.ts";
import { type Http2Stage, SERVICES, startHttp2Stage } from "./stage.ts";

const CLIENTS = join(import.meta.dirname, "clients");
const UPLOAD_BYTES = 1_000_000;
const DIGEST_OF_WEFT = createHash("sha256").update("weft").digest("hex");

let stage: Http2Stage;
beforeAll(async () => {
  stage = await startHttp2Stage();
}, 60_000);
afterAll(() => stage?.[Symbol.asyncDispose]());

/** The title's end, when a test is skipped. */
function because(tool: RealTool | CachedTool): string {
  return tool.kind === "missing" ? ` (${tool.skip})` : "";
}

const curl = realTool("curl");
describe.skipIf(curl.kind === "missing")(`curl${because(curl)}`, () => {
  /** @returns the heads and trailers, the body, and which version was spoken */
  async function call(...args: readonly string[]): Promise<{ head: string; body: string; version: string }> {
    const head = join(stage.folder, "head");
    const body = join(stage.folder, "body");
    const saved = ["--dump-header", head, "--output", body, "--write-out", "%{http_version}"];
    const version = await runProgram("curl", ["--silent", "--show-error", "--max-time", "20", ...saved, ...args]);
    return { head: await readFile(head, "utf8"), body: await readFile(body, "utf8"), version };
  }

  for (const { service, protocol, version } of SERVICES) {
    const to = (): readonly string[] => ["--header", `Host: ${service}`, `http://127.0.0.1:${stage.outbound}/a?b=c`];

    test(`--http2-prior-knowledge calls an endpoint of ${protocol}, and sees its trailers`, async () => {
      const came = await call("--http2-prior-knowledge", "--header", "TE: trailers", "--data", "weft", ...to());
      expect(came.version).toBe("2");
      expect(came.head).toMatch(/^HTTP\/2 200/);
      expect(came.head).toContain(`x-digest: ${DIGEST_OF_WEFT}`);
      expect(JSON.parse(came.body)).toMatchObject({ version, method: "POST", path: "/a?b=c", authority: service });
    });

    test(`--http2 asks for an upgrade to HTTP/2 and is served in HTTP/1.1 by an endpoint of ${protocol}`, async () => {
      const came = await call("--http2", ...to());
      expect(came.version).toBe("1.1");
      expect(came.head).toMatch(/^HTTP\/1\.1 200/);
      expect(JSON.parse(came.body)).toMatchObject({ version, method: "GET", path: "/a?b=c" });
    });

    test(`--http2-prior-knowledge uploads a megabyte to an endpoint of ${protocol}`, async () => {
      const file = join(stage.folder, "upload");
      const bytes = Buffer.alloc(UPLOAD_BYTES, "weft");
      await writeFile(file, bytes);
      const came = await call("--http2-prior-knowledge", "--data-binary", `@${file}`, ...to());
      expect(JSON.parse(came.body)).toMatchObject({ version, bytes: UPLOAD_BYTES });
      expect(came.head).toContain(`x-digest: ${createHash("sha256").update(bytes).digest("hex")}`);
    });
  }

  test("agrees by ALPN on HTTP/2, or on HTTP/1.1 when it asks for that", async () => {
    const to = ["--cacert", stage.authority, `https://localhost:${stage.secure}/a`];
    expect(await call("--http2", ...to)).toMatchObject({ version: "2", head: expect.stringMatching(/^HTTP\/2 200/) });
    expect(await call("--http1.1", ...to)).toMatchObject({ version: "1.1" });
  });
});

describe.skipIf(H2LOAD.kind === "missing")(`h2load${because(H2LOAD)}`, () => {
  const load = (...args: readonly string[]): Promise<string> =>
    runProgram(H2LOAD.kind === "found" ? H2LOAD.path : "", args, H2LOAD_ENV);

  for (const { service, protocol } of SERVICES) {
    test.each([
      { way: "over 4 connections of 25 streams each", args: ["--clients=4", "--max-concurrent-streams=25"] },
      { way: "over 4 connections of HTTP/1.1", args: ["--clients=4", "--h1"] },
    ])(`has 2,000 calls answered by endpoints of ${protocol}, $way`, async ({ args }) => {
      const connect = `--connect-to=127.0.0.1:${stage.outbound}`;
      const said = await load("--requests=2000", ...args, connect, `http://${service}/load`);
      expect(said).toContain("2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout");
      expect(said).toContain("status codes: 2000 2xx");
    });
  }
});

const noJava = CLIENTS_BY_LANGUAGE.find(({ tool }) => tool === "java")?.skip;
test.skipIf(noJava !== undefined)(
  `Java's HttpClient speaks HTTP/2 with TLS, and HTTP/1.1 where it asks for an upgrade${noJava === undefined ? "" : ` (${noJava})`}`,
  async () => {
    await runProgram("java", [
      "-m",
      "jdk.compiler/com.sun.tools.javac.Main",
      "-d",
      stage.folder,
      join(CLIENTS, "Http2Client.java"),
    ]);
    const flags = ["-XX:TieredStopAtLevel=1", "-Djdk.httpclient.allowRestrictedHeaders=host", "-cp", stage.folder];
    const ports = [`${stage.outbound}`, `${stage.secure}`];
    const lines = byName(await runProgram("java", [...flags, "Http2Client", ...ports, stage.authority]));
    expect(lines.get("cleartext-plain")).toMatch(/^HTTP_1_1 200 .*"version":"1.1"/);
    expect(lines.get("cleartext-modern")).toMatch(/^HTTP_1_1 200 .*"version":"2.0"/);
    expect(lines.get("secure")).toMatch(/^HTTP_2 200 .*"version":"2.0"/);
    expect(lines.get("upload")).toMatch(/^HTTP_2 200 .*"bytes":1000000/);
    expect(lines.get("old")).toMatch(/^HTTP_1_1 200 .*"version":"2.0"/);
    expect(lines.get("many")).toBe("200");
  },
  60_000,
);

const python = realTool("python3");
const packages = cachedTool("python-clients", ".ci/python-clients");
const missing = python.kind === "missing" ? python : packages;
test.skipIf(missing.kind === "missing")(
  `Python's httpx and h2 speak HTTP/2 with prior knowledge and with TLS, and h2 sees the trailers${because(missing)}`,
  async () => {
    const args = [join(CLIENTS, "http2_client.py"), `${stage.outbound}`, `${stage.secure}`, stage.authority];
    const env = { PYTHONPATH: packages.kind === "found" ? packages.path : "", PYTHONDONTWRITEBYTECODE: "1" };
    const lines = byName(await runProgram("python3", args, env));
    for (const { service, version } of SERVICES) {
      expect(lines.get(`cleartext-${service}`)).toMatch(new RegExp(`^HTTP/2 200 .*"version":"${version}"`));
      expect(lines.get(`upload-${service}`)).toMatch(new RegExp(`^HTTP/2 200 .*"bytes":${UPLOAD_BYTES}`));
    }
    expect(lines.get("secure")).toMatch(/^HTTP\/2 200 .*"version":"2.0"/);
    expect(lines.get("old")).toMatch(/^HTTP\/1\.1 200 /);
    expect(lines.get("many")).toBe("200");
    expect([lines.get("trailers-1"), lines.get("trailers-3")]).toEqual([DIGEST_OF_WEFT, DIGEST_OF_WEFT]);
  },
  60_000,
);
