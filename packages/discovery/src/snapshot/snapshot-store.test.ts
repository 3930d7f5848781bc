import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endpoint } from "@weft/core";
import { expect, onTestFinished, test } from "vitest";
import { SnapshotStore } from "./snapshot-store.ts";

const endpoints = [endpoint({ id: "n/o1", host: "10.0.0.1", port: 80, weight: 3, meta: { v: "2" }, tags: ["a"] })];

async function opened(dir?: string) {
  const made = dir ?? (await mkdtemp(join(tmpdir(), "weft-snapshot-")));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  const problems: string[] = [];
  const clock = { nowMs: 1_000_000 };
  const store = new SnapshotStore({
    dir: made,
    epochMs: () => clock.nowMs,
    onNotice: (service, problem) => problems.push(`${service}: ${problem}`),
  });
  return { dir: made, store, clock, problems };
}

test("gives back what was written, with its age, from a file that only its owner may read", async () => {
  const { dir, store, clock } = await opened();
  store.confirm("orders", "key", endpoints);
  await store.close();
  clock.nowMs += 60_000;
  expect(await store.read("orders", "key")).toEqual({ endpoints, ageMs: 60_000 });
  const [file = ""] = await readdir(dir);
  expect((await stat(join(dir, file))).mode & 0o777).toBe(0o600);
});

test("has nothing to say of a service or query that was never written", async () => {
  const { store, problems } = await opened();
  store.confirm("orders", "key", endpoints);
  await store.close();
  expect(await store.read("users", "users key")).toBeUndefined();
  expect(await store.read("orders", "other key")).toBeUndefined();
  expect(problems).toEqual([]);
});

test("writes an unchanged membership once a minute, a changed one at once, and the last of many last", async () => {
  const { dir, store, clock } = await opened();
  const savedAt = async (): Promise<unknown> => {
    await store.close();
    const [file = ""] = await readdir(dir);
    return JSON.parse(await readFile(join(dir, file), "utf8")).savedAtMs;
  };
  store.confirm("orders", "key", endpoints);
  clock.nowMs += 59_999;
  store.confirm("orders", "key", endpoints);
  expect(await savedAt()).toBe(1_000_000);
  clock.nowMs += 1;
  store.confirm("orders", "key", endpoints);
  expect(await savedAt()).toBe(1_060_000);
  for (let i = 0; i < 20; i++) {
    clock.nowMs++;
    store.confirm("orders", "key", [...endpoints]);
  }
  expect(await savedAt()).toBe(1_060_020);
  expect(await readdir(dir)).toHaveLength(1);
});

test.each([
  "",
  "{",
  "[]",
  '{"format":2}',
  '{"format":1,"key":"key","savedAtMs":1,"endpoints":[{"host":"a","port":0}]}',
])("a file with %j is reported and read as none", async (content) => {
  const { dir, store, problems } = await opened();
  store.confirm("orders", "key", endpoints);
  await store.close();
  const [file = ""] = await readdir(dir);
  await writeFile(join(dir, file), content);
  expect(await store.read("orders", "key")).toBeUndefined();
  expect(problems).toEqual([expect.stringMatching(/^orders: snapshot .*: not read: /)]);
});

test("a disk that takes nothing is reported once, and each confirmation tries again", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "weft-snapshot-")), "a-file");
  await writeFile(file, "where a directory is needed");
  const { store, problems } = await opened(join(file, "below"));
  const confirmed = async (): Promise<void> => {
    store.confirm("orders", "key", endpoints);
    await store.close();
  };
  await confirmed();
  await confirmed();
  expect(problems).toEqual([expect.stringContaining("not written")]);
  await rm(file);
  await confirmed();
  expect(await store.read("orders", "key")).toMatchObject({ endpoints });
});

test("a directory is made with its parents, and one that cannot be made is given up at once", async () => {
  const { store, dir, problems } = await opened(join(await mkdtemp(join(tmpdir(), "weft-snapshot-")), "a", "b"));
  store.confirm("orders", "key", endpoints);
  await store.close();
  expect(await readdir(dir)).toHaveLength(1);
  expect(problems).toEqual([]);

  // Whoever makes a directory here is told that its parent is missing, which it is not.
  const refused = await opened(process.platform === "linux" ? "/proc/weft" : "/dev/null/weft");
  refused.store.confirm("orders", "key", endpoints);
  await refused.store.close();
  expect(refused.problems).toEqual([expect.stringMatching(/^orders: snapshot .*: not written: /)]);
});
