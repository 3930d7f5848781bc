import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endpoint } from "@weft/core";
import { createMesh } from "@weft/client";
import { memoryRegistry } from "@weft/testkit";
import { expect, test } from "vitest";
import { endsWithFile } from "../ends-with-file.ts";

test.each([
  // Goes round to the dead one until it is ejected.
  { kind: "round-robin", felt: true },
  // The default may have found the others faster, and never have noticed.
  { kind: "peak-ewma", felt: false },
] as const)("kill -9 of one of three endpoints at 200 calls a second, $kind: no GET fails", async ({ kind, felt }) => {
  const children = await Promise.all([start(), start(), start()]);
  try {
    const registry = memoryRegistry();
    registry.set(
      "orders",
      children.map(({ port }, i) => endpoint({ id: `orders-${i + 1}`, host: "127.0.0.1", port })),
    );
    await using mesh = createMesh({ registry, services: { orders: { balancer: { kind } } } });
    const ejections: string[] = [];
    mesh.on("endpoint.ejected", ({ endpoint: id }) => ejections.push(id));
    const failures: unknown[] = [];
    const calls: Promise<void>[] = [];
    const send = async (): Promise<void> => {
      const response = await mesh.fetch("http://orders/");
      if (response.status !== 200 || (await response.text()) !== "ok") failures.push(response.status);
    };
    // The rate is the story here: 200 a second for three seconds, with the kill after the first.
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const ticking = setInterval(() => {
      if (calls.length === 200) children[1]?.child.kill("SIGKILL");
      calls.push(send().catch((error: unknown) => void failures.push(error)));
      if (calls.length < 600) return;
      clearInterval(ticking);
      resolve();
    }, 5);
    await done;
    await Promise.all(calls);
    expect(failures).toEqual([]);
    expect(mesh.stats().services["orders"]).toMatchObject({ calls: { running: 0 } });
    if (felt) expect(ejections).toEqual(["orders-2"]);
  } finally {
    for (const { child } of children) child.kill("SIGKILL");
  }
});

async function start(): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = endsWithFile(fork(fileURLToPath(new URL("endpoint-process.ts", import.meta.url)), { execArgv: [] }));
  const [port] = await once(child, "message");
  return { child, port: Number(port) };
}
