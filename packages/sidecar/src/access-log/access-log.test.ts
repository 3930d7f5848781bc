import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  mkdirSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { systemTime } from "@weft/discovery";
import { fakeTime } from "@weft/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openAccessLog } from "./access-log.ts";
import { anEntry } from "./an-entry.suite.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (file: string): unknown[] =>
  readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line): unknown => JSON.parse(line));

describe("access log in a file", () => {
  test("appends to what is there, readable by no stranger", async () => {
    const file = join(folder, "access.log");
    for (const requestId of ["1", "2"]) {
      const log = await openAccessLog({ format: "json", to: { file }, timer: systemTime });
      log.write(anEntry({ requestId }));
      await log.close();
    }
    expect(lines(file)).toMatchObject([{ requestId: "1" }, { requestId: "2" }]);
    expect(statSync(file).mode & 0o007).toBe(0);
  });

  test("follows its name after a rotation and loses nothing", async () => {
    const file = join(folder, "access.log");
    const log = await openAccessLog({ format: "json", to: { file }, timer: systemTime });
    log.write(anEntry({ requestId: "old" }));
    renameSync(file, `${file}.1`);
    const reopened = log.reopen();
    log.write(anEntry({ requestId: "between" }));
    await reopened;
    log.write(anEntry({ requestId: "new" }));
    await log.close();
    expect([...lines(`${file}.1`), ...lines(file)]).toMatchObject([
      { requestId: "old" },
      { requestId: "between" },
      { requestId: "new" },
    ]);
    expect(lines(file)).toContainEqual(expect.objectContaining({ requestId: "new" }));
  });

  test("stays with the old file when the new one cannot be opened", async () => {
    const inner = join(folder, "logs");
    mkdirSync(inner);
    const log = await openAccessLog({ format: "json", to: { file: join(inner, "access.log") }, timer: systemTime });
    renameSync(inner, join(folder, "moved"));
    await expect(log.reopen()).rejects.toMatchObject({ code: "ENOENT" });
    log.write(anEntry({ requestId: "still" }));
    await log.close();
    expect(lines(join(folder, "moved", "access.log"))).toMatchObject([{ requestId: "still" }]);
  });

  test("says which file cannot be opened", async () => {
    const file = join(folder, "missing", "access.log");
    await expect(openAccessLog({ format: "json", to: { file }, timer: systemTime })).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringContaining(file),
    });
  });

  test.skipIf(!existsSync("/dev/full"))(
    "outlives a full disk: nothing is thrown, what found no room is counted",
    async () => {
      const time = fakeTime();
      const log = await openAccessLog({ format: "json", to: { file: "/dev/full" }, timer: time });
      for (let i = 0; i < 5_000; i++) log.write(anEntry()); // some 2 MiB, twice the room
      expect(log.linesDropped).toBeGreaterThan(1_000);
      const closed = log.close();
      await time.advance(2_000);
      await closed;
      expect(log.linesDropped).toBe(5_000);
    },
  );

  test("does not wait for the reader of a named pipe", async () => {
    const fifo = join(folder, "pipe");
    execFileSync("sh", ["-c", `mkfifo ${fifo}`]);
    await expect(openAccessLog({ format: "json", to: { file: fifo }, timer: systemTime })).rejects.toMatchObject({
      code: "BAD_CONFIG", // nobody reads yet
    });
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = await openAccessLog({ format: "text", to: { file: fifo }, timer: systemTime });
    for (let i = 0; i < 1_000; i++) log.write(anEntry()); // several times what a pipe holds
    const closed = log.close();
    const text: string[] = [];
    const bytes = Buffer.alloc(65_536);
    const drain = (): void => {
      try {
        for (let n = 1; n > 0;) text.push(bytes.toString("latin1", 0, (n = readSync(reader, bytes))));
      } catch {} // EAGAIN: nothing there yet
    };
    const reading = setInterval(drain, 5);
    await closed;
    clearInterval(reading);
    drain();
    closeSync(reader);
    expect(text.join("").match(/\n/g)).toHaveLength(1_000);
    expect(log.linesDropped).toBe(0);
  });
});

describe("access log in a stream", () => {
  test("is written there, and the stream stays open", async () => {
    const stream = new PassThrough();
    const log = await openAccessLog({ format: "text", to: stream, timer: systemTime });
    log.write(anEntry());
    await log.close();
    expect(String(stream.read())).toMatch(/^\[2026-.*\n$/);
    expect(stream.writable).toBe(true);
  });

  test("outlives the stream", async () => {
    const stream = new PassThrough();
    const time = fakeTime();
    const log = await openAccessLog({ format: "text", to: stream, timer: time });
    stream.destroy(new Error("gone"));
    log.write(anEntry());
    const closed = log.close();
    await time.advance(2_000);
    await closed;
    expect(log.linesDropped).toBe(1);
  });
});
