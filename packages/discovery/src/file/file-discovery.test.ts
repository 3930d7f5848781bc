import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { describeDiscovery, hostsOf, until } from "../discovery.suite.ts";
import { fileDiscovery } from "./file-discovery.ts";

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "weft-file-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function contentOf(hosts: readonly string[]): string {
  return JSON.stringify({ orders: hosts.map((host) => `${host}:80`) });
}

async function replace(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

test("a file may say what each endpoint speaks", async () => {
  const path = join(await directory(), "orders.json");
  const meta = { protocol: "grpc" };
  await writeFile(path, JSON.stringify([{ host: "10.0.0.1", port: 80, meta }, "10.0.0.2:80"]));
  const discovery = fileDiscovery({ files: { orders: path } });
  onTestFinished(() => discovery.close());
  const { endpoints } = await discovery.watch("orders").ready();
  expect(endpoints.map((endpoint) => endpoint.meta)).toEqual([meta, {}]);
});

describeDiscovery("file, written in place", async (hosts) => {
  const path = join(await directory(), "endpoints.json");
  await writeFile(path, contentOf(hosts));
  return {
    discovery: fileDiscovery({ path }),
    say: (next) => writeFile(path, contentOf(next)),
    fail: () => writeFile(path, '{"orders": ["10.0.0.1:80", '),
  };
});

describeDiscovery("file, replaced by renaming and deleted", async (hosts) => {
  const path = join(await directory(), "endpoints.json");
  await writeFile(path, contentOf(hosts));
  return {
    discovery: fileDiscovery({ path }),
    say: (next) => replace(path, contentOf(next)),
    fail: () => rm(path),
  };
});

describeDiscovery("file of its own for a service", async (hosts) => {
  const path = join(await directory(), "orders.json");
  const listOf = (all: readonly string[]): string => JSON.stringify(all.map((host) => ({ host, port: 80 })));
  await writeFile(path, listOf(hosts));
  return {
    discovery: fileDiscovery({ files: { orders: path } }),
    say: (next) => replace(path, listOf(next)),
    fail: () => writeFile(path, "{}"),
  };
});

test("follows a symbolic link that is swapped, as Kubernetes does", async () => {
  const dir = await directory();
  for (const [name, host] of [
    ["one", "10.0.0.1"],
    ["two", "10.0.0.2"],
  ] as const) {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, "endpoints.json"), contentOf([host]));
  }
  await symlink("one", join(dir, "data"));
  await symlink(join("data", "endpoints.json"), join(dir, "endpoints.json"));
  const discovery = fileDiscovery({ path: join(dir, "endpoints.json") });
  onTestFinished(() => discovery.close());
  const watch = discovery.watch("orders");
  expect(hostsOf(await watch.ready())).toEqual(["10.0.0.1"]);
  await symlink("two", join(dir, "data.new"));
  await rename(join(dir, "data.new"), join(dir, "data"));
  expect(hostsOf(await until(watch, (now) => hostsOf(now)[0] === "10.0.0.2"))).toEqual(["10.0.0.2"]);
});

test("names every mistake in the file and keeps what was there before", async () => {
  const path = join(await directory(), "endpoints.json");
  await writeFile(path, contentOf(["10.0.0.1"]));
  const discovery = fileDiscovery({ path });
  onTestFinished(() => discovery.close());
  const watch = discovery.watch("orders");
  await watch.ready();
  await replace(path, '{"orders": ["nonsense", {"host": "a", "port": 0}]}');
  const { endpoints, freshness } = await until(watch, (now) => now.freshness.kind === "stale");
  expect(endpoints).toHaveLength(1);
  expect(freshness).toMatchObject({
    error:
      'orders[0]: "nonsense" is not "host:port" (IPv6: "[::1]:80"); orders[1]: endpoint a: port 0 is not in 1..65535',
  });
});

test("a file that comes later, in a directory that comes later, is found by the regular look", async () => {
  const dir = join(await directory(), "later");
  const time = fakeTime();
  const discovery = fileDiscovery({ path: join(dir, "endpoints.json"), time });
  onTestFinished(() => discovery.close());
  const watch = discovery.watch("orders");
  await until(watch, ({ freshness }) => freshness.kind === "pending" && freshness.error !== undefined);
  await mkdir(dir);
  await writeFile(join(dir, "endpoints.json"), contentOf(["10.0.0.1"]));
  const ready = watch.ready();
  await time.advance(5_000);
  expect(hostsOf(await ready)).toEqual(["10.0.0.1"]);
  await discovery.close();
  expect(time.pending()).toBe(0);
});

test("two services of one file are told by one look, and a service the file does not name is empty", async () => {
  const path = join(await directory(), "endpoints.json");
  await writeFile(path, JSON.stringify({ orders: ["a:1"], users: ["b:2"] }));
  const discovery = fileDiscovery({ path });
  onTestFinished(() => discovery.close());
  const [orders, users, other] = ["orders", "users", "toString"].map((name) => discovery.watch(name).ready());
  expect(hostsOf(await orders!)).toEqual(["a"]);
  expect(hostsOf(await users!)).toEqual(["b"]);
  expect(hostsOf(await other!)).toEqual([]);
});
