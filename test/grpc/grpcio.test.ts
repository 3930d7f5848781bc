import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { endsWithFile } from "../ends-with-file.ts";
import { cachedTool } from "../real/cached-tool.ts";
import { realTool } from "../real/real-tool.ts";
import type { Target } from "./grpc-js-client.ts";
import { type Route, ROUTES } from "./routes.ts";
import type { TestServer } from "./test-server.ts";

const ECHO = join(import.meta.dirname, "python", "echo.py");
const python = realTool("python3");
const packages = cachedTool("python-clients", ".ci/python-clients");
const missing = python.kind === "missing" ? python : packages;
const skip = missing.kind === "missing" ? ` (${missing.skip})` : "";
const env = {
  ...process.env,
  PYTHONPATH: packages.kind === "found" ? packages.path : "",
  PYTHONDONTWRITEBYTECODE: "1",
};

// The third implementation of gRPC, on the C core: its HTTP/2 is neither nghttp2's nor Go's.
describe.skipIf(skip !== "").each(Object.entries(ROUTES))(`Python's grpcio calls itself %s${skip}`, (_way, open) => {
  let server: TestServer;
  let route: Route;
  beforeAll(async () => {
    server = await grpcioServer();
    route = await open(server.address);
  });
  afterAll(async () => {
    await route?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });

  test("in all four kinds of calls, with metadata, compression, statuses and deadlines", async () => {
    expect((await grpcioClient(route)).trim().split("\n")).toEqual([
      "unary True",
      "compressed True",
      "down [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]",
      "up 100000",
      "both True",
      "metadata [True, True]",
      "status FAILED_PRECONDITION 50% of it",
      "deadline DEADLINE_EXCEEDED",
      "parallel 200",
    ]);
  });
});

async function grpcioServer(): Promise<TestServer> {
  const child = endsWithFile(spawn("python3", [ECHO, "server"], { env, stdio: ["pipe", "pipe", "inherit"] }));
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  for await (const port of createInterface(child.stdout)) {
    return {
      address: `127.0.0.1:${Number(port)}`,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await ended;
      },
    };
  }
  throw new Error("grpcio's server ended before it listened");
}

function grpcioClient({ address, authority }: Target): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("python3", [ECHO, "client", address, authority], { env, timeout: 50_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`grpcio: ${stdout}${stderr}`, { cause: error }));
    });
  });
}
