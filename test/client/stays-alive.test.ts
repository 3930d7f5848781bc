import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

/** Runs a module as a program of its own, with nothing else to keep it alive. */
async function program(source: string): Promise<{ stdout: string; stderr: string }> {
  const args = ["--conditions=@weft/source", "--input-type=module", "--eval", source];
  return run(process.execPath, args, { cwd: import.meta.dirname, timeout: 50_000 });
}

test("the pause before a retry keeps the process alive, and after close nothing does", async () => {
  const { stdout } = await program(`
    import { createMesh } from "@weft/client";
    const mesh = createMesh({
      registry: { orders: ["127.0.0.1:1"] }, // refuses
      defaults: { retry: { maxRetries: 2, backoff: { base: "100ms", max: "100ms" } } },
    });
    const error = await mesh.fetch("http://orders/").catch((reason) => reason);
    console.log(error.cause.code, error.cause.attempt);
    await mesh.close();
  `);
  expect(stdout).toBe("CONNECT_FAILED 3\n");
});

test("a call that waits for a registry which never answers keeps the process alive, and is told why", async () => {
  const { stdout } = await program(`
    import { createMesh } from "@weft/client";
    const mesh = createMesh({
      discovery: { consul: { url: "http://127.0.0.1:1" } },
      services: { orders: {} },
      readyTimeout: "300ms",
    });
    const error = await mesh.fetch("http://orders/").catch((reason) => reason);
    console.log(error.cause.code, error.cause.message);
    await mesh.close();
  `);
  expect(stdout).toMatch(/^NOT_READY service orders: consul orders at http:\/\/127\.0\.0\.1:1 .*ECONNREFUSED/);
});
