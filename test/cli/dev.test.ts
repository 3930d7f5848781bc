import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import Consul from "consul";
import { expect, test } from "vitest";
import { type Running, runWeft } from "./running.ts";
import { weft } from "./weft.ts";

/** The port of a `weft dev` that is ready. */
async function portOf(running: Running): Promise<number> {
  const [, port] = await running.says(/"address":"127\.0\.0\.1:(\d+)"/);
  return Number(port);
}

test("prints one ready line on standard output, and logs on standard error", async () => {
  await using running = runWeft(["dev", "--port", "0"]);
  const port = await portOf(running);
  await running.says(/Ctrl-C ends it/);
  running.kill("SIGTERM");
  const { stdout, stderr } = await running.ended;
  const listeners = [{ name: "consul", address: `127.0.0.1:${port}`, protocol: "http" }];
  expect(stdout).toBe(`${JSON.stringify({ ready: true, listeners })}\n`);
  expect(stderr).toContain(`http://127.0.0.1:${port}`);
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it with 0 while a client waits for a change", async (signal) => {
  await using running = runWeft(["dev", "--port", "0"]);
  const at = { host: "127.0.0.1", port: await portOf(running) };
  const consul = new Consul(at);
  const waiter = new Consul({ ...at, defaults: { index: "1000000", wait: "5m" } });
  const waiting = waiter.health.service("none").catch((error: unknown) => error);
  // Answered on another connection, so the read above has at least left this process.
  await consul.status.leader();
  running.kill(signal);
  expect((await running.ended).code).toBe(0);
  await waiting;
});

test.each([
  { signal: "SIGTERM", code: 143 },
  { signal: "SIGINT", code: 130 },
] as const)(
  "a second signal, $signal, ends it at once when closing does not come to an end",
  async ({ signal, code }) => {
    await using running = runWeft(["dev", "--port", "0"], "setInterval(() => {}, 1e6)");
    await portOf(running);
    running.kill("SIGTERM");
    await running.says(/SIGTERM: closing/);
    running.kill(signal);
    expect((await running.ended).code).toBe(code);
  },
);

test("a port in use is said in words, with 1", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo; // it listens on a host and a port
  const { code, stdout, stderr } = await weft("dev", "--port", String(port));
  taken.close();
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe(
    `weft dev: cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --port, or 0 for any free one\n`,
  );
});

// 192.0.2.0/24 is set apart for documentation, so no machine has it. Source: RFC 5737.
test("an address that this machine does not have is said in words, with 1", async () => {
  const { code, stderr } = await weft("dev", "--port", "0", "--host", "192.0.2.1");
  expect(code).toBe(1);
  expect(stderr).toContain("this machine does not have the address");
});

test("shows the behaviour of the version that --profile names", async () => {
  await using running = runWeft(["dev", "--port", "0", "--profile", "1.8"]);
  const self = await new Consul({ host: "127.0.0.1", port: await portOf(running) }).agent.self();
  expect(self).toMatchObject({ Config: { Version: "1.8.7" } });
});

test("serves the consul client: services, checks, keys and a watch that wakes", async () => {
  await using running = runWeft(["dev", "--port", "0"]);
  const consul = new Consul({ host: "127.0.0.1", port: await portOf(running) });
  await consul.agent.service.register({
    name: "orders",
    id: "orders-1",
    address: "127.0.0.1",
    port: 9001,
    check: { name: "alive", checkid: "service:orders-1", ttl: "60s", timeout: "1s" },
  });
  const passing = { service: "orders", passing: true };
  expect(await consul.health.service(passing)).toEqual([]);
  await consul.agent.check.pass("service:orders-1");
  expect(await consul.health.service(passing)).toMatchObject([{ Service: { ID: "orders-1", Port: 9001 } }]);

  await consul.kv.set("colour", "green");
  expect(await consul.kv.get("colour")).toMatchObject({ Value: "green" });

  const woken = new Promise<unknown>((resolve) => {
    const watch = consul.watch({ method: consul.health.service, options: { service: "orders", passing: "true" } });
    watch.on("change", (entries: unknown) => {
      if (!Array.isArray(entries) || entries.length !== 0) return;
      watch.end();
      resolve(entries);
    });
    watch.once("change", () => void consul.agent.service.deregister("orders-1"));
  });
  expect(await woken).toEqual([]);
  running.kill("SIGTERM");
  expect((await running.ended).code).toBe(0);
});
