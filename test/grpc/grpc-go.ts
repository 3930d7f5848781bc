import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { endsWithFile } from "../ends-with-file.ts";
import { cachedTool } from "../real/cached-tool.ts";
import type { Target } from "./grpc-js-client.ts";
import type { TestServer } from "./test-server.ts";

/** grpc-go's published cases and service, built by `.ci/grpc-go`: see `go/main.go`. */
export const GRPC_GO = cachedTool("grpc-go/interop", ".ci/grpc-go");

/** Starts grpc-go's test server. @param program path of the built program */
export async function grpcGoServer(program: string): Promise<TestServer> {
  const child = endsWithFile(spawn(program, ["server"], { stdio: ["pipe", "pipe", "inherit"] }));
  const ended = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  for await (const address of createInterface(child.stdout)) {
    return {
      address: `127.0.0.1:${Number(address.slice(address.lastIndexOf(":") + 1))}`,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await ended;
      },
    };
  }
  throw new Error("grpc-go's server ended before it listened");
}

/** Runs one of grpc-go's cases. @throws Error with what it says when it does not pass */
export function grpcGoCase(program: string, name: string, { address, authority }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, GRPC_GO_LOG_SEVERITY_LEVEL: "error" };
    execFile(program, ["client", name, address, authority], { env, timeout: 50_000 }, (error, _stdout, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`grpc-go: ${name}: ${stderr}`, { cause: error }));
    });
  });
}
