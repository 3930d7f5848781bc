import { EventEmitter, once } from "node:events";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PolicyError, problemsOf } from "../problem/policy-error.ts";
import { type PolicyWatch, watchPolicy, type WatchOptions } from "./watch-policy.ts";

let folder: string;
let file: string;
const watches: PolicyWatch[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-watch-"));
  file = join(folder, "policy.yaml");
  await write(1);
});
afterEach(async () => {
  for (const watch of watches.splice(0)) watch.close();
  await rm(folder, { recursive: true });
});

/** Puts a policy in place at once, as editors and Kubernetes do. */
async function write(maxRetries: number): Promise<void> {
  await writeFile(join(folder, "next"), `version: 1\ndefaults: { retry: { maxRetries: ${maxRetries} } }\n`);
  await rename(join(folder, "next"), file);
}

/** A watch, and what it says as events. */
async function watching(options: WatchOptions = {}): Promise<{ watch: PolicyWatch; heard: EventEmitter }> {
  const heard = new EventEmitter();
  const watch = await watchPolicy(file, {
    intervalMs: 10,
    changed: (checked) => void heard.emit("changed", checked),
    failed: (error) => void heard.emit("failed", error),
    ...options,
  });
  watches.push(watch);
  return { watch, heard };
}

const retries = ({ current }: PolicyWatch): number | undefined => current.policy.defaults.retry?.options.maxRetries;

test("a new content that is right takes the place of the old", async () => {
  const { watch, heard } = await watching();
  expect(retries(watch)).toBe(1);
  const changed = once(heard, "changed");
  await write(2);
  expect(await changed).toEqual([watch.current]);
  expect(retries(watch)).toBe(2);
});

test("a new content that is wrong is reported and the old stays, until one is right again", async () => {
  const { watch, heard } = await watching();
  const failed = once(heard, "failed");
  await write(-1);
  const [error] = await failed;
  expect(problemsOf(error)).toMatchObject([
    { file, path: "defaults.retry.maxRetries", message: "-1 is not in 0..10", position: { line: 2, column: 34 } },
  ]);
  expect(retries(watch)).toBe(1);
  const changed = once(heard, "changed");
  await write(3);
  await changed;
  expect(retries(watch)).toBe(3);
});

test("a file that is gone is reported and the old stays, until it is back", async () => {
  const { watch, heard } = await watching();
  const failed = once(heard, "failed");
  await rm(file);
  expect((await failed)[0]).toBeInstanceOf(PolicyError);
  expect(retries(watch)).toBe(1);
  const changed = once(heard, "changed");
  await write(4);
  await changed;
  expect(retries(watch)).toBe(4);
});

test("reread tells what is there, whether it has changed or not", async () => {
  const said: string[] = [];
  const { watch } = await watching({
    intervalMs: 3_600_000,
    changed: () => void said.push("changed"),
    failed: () => void said.push("failed"),
  });
  await watch.reread();
  await write(2);
  await watch.reread();
  await write(-1);
  await watch.reread();
  await watch.reread();
  expect(said).toEqual(["changed", "changed", "failed", "failed"]);
  expect(retries(watch)).toBe(2);
});

test("what a listener throws is reported, and ends nothing", async () => {
  const { watch, heard } = await watching({
    changed() {
      throw new Error("a listener that fails");
    },
  });
  for (const maxRetries of [2, 3]) {
    const failed = once(heard, "failed");
    await write(maxRetries);
    expect((await failed)[0]).toMatchObject({ message: "a listener that fails" });
    expect(retries(watch)).toBe(maxRetries);
  }
});

test("nothing is said after close, and others go on watching the same file", async () => {
  const { watch: closed, heard: silent } = await watching();
  const { heard } = await watching();
  const said: unknown[] = [];
  for (const name of ["changed", "failed"]) silent.on(name, (value) => said.push(value));
  closed.close();
  for (const maxRetries of [2, 3]) {
    const changed = once(heard, "changed");
    await write(maxRetries);
    await changed;
  }
  expect(said).toEqual([]);
  expect(retries(closed)).toBe(1);
});

test("a first content that is wrong is refused, and nothing is watched", async () => {
  await write(-1);
  await expect(watching()).rejects.toThrow("-1 is not in 0..10");
});

test("a file that cannot be read is reported once, whatever its bytes", async () => {
  const { watch, heard } = await watching();
  let failures = 0;
  heard.on("failed", () => failures++);
  const failed = once(heard, "failed");
  await writeFile(file, Buffer.from([0xff]));
  await failed;
  await writeFile(file, Buffer.from([0xff, 0xff]));
  const changed = once(heard, "changed");
  await write(3);
  await changed;
  expect(failures).toBe(1);
  expect(retries(watch)).toBe(3);
});
