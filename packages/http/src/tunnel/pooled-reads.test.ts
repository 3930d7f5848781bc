import { expect, test } from "vitest";
import { PooledReads } from "./pooled-reads.ts";

/** Reads as Node does: into the buffer it was told of last, and asks for the next one afterwards. */
function reading(reads: PooledReads): (bytes: Buffer) => boolean {
  let buffer = reads.buffer();
  return (bytes) => {
    bytes.copy(buffer);
    const goOn = reads.callback(bytes.length, buffer);
    buffer = reads.buffer();
    return goOn;
  };
}

const message = (text: string): Buffer => Buffer.from(text);
const stream = (byte: number): Buffer => Buffer.alloc(20_000, byte);

test("copies messages, so that all connections may read into one buffer", () => {
  const [one, other] = [new PooledReads(), new PooledReads()];
  expect(one.buffer()).toBe(other.buffer());
  const got: Buffer[] = [];
  for (const reads of [one, other]) {
    reads.attach((bytes) => got.push(bytes) > 0);
    reading(reads)(message(reads === one ? "one" : "other"));
  }
  expect(got.map(String)).toEqual(["one", "other"]);
});

test("gives a stream memory of its own, and sends views of it", () => {
  const [one, other] = [new PooledReads(), new PooledReads()];
  const got: Buffer[] = [];
  for (const reads of [one, other]) {
    reads.attach((bytes) => got.push(bytes) > 0);
    reading(reads)(stream(reads === one ? 1 : 2));
  }
  expect(got[0]).toEqual(stream(1));
  expect(got[1]).toEqual(stream(2));
  expect(one.buffer()).not.toBe(other.buffer());
  expect(got[0]!.buffer).toBe(one.buffer().buffer);
});

test("gives the memory back when only messages come, and not while a write holds it", () => {
  const reads = new PooledReads();
  let free = true;
  reads.attach(() => free);
  const read = reading(reads);
  const shared = reads.buffer();
  read(stream(1));
  const own = reads.buffer();
  free = false;
  for (let i = 0; i < 20; i++) expect(read(message("short"))).toBe(false);
  expect(reads.buffer()).toBe(own);
  free = true;
  read(message("short"));
  expect(reads.buffer()).toBe(shared);
});

test("keeps what came before it was attached, and stops reading", () => {
  const reads = new PooledReads();
  const read = reading(reads);
  expect(read(message("first, "))).toBe(false);
  expect(read(message("second"))).toBe(false);
  let text = "";
  reads.attach((bytes) => (text += bytes.toString()) !== "");
  expect(text).toBe("first, second");
});

test("takes a read into memory that others own, too", () => {
  const reads = new PooledReads();
  const got: Buffer[] = [];
  reads.attach((bytes) => got.push(bytes) > 0);
  const foreign = Buffer.alloc(70_000, "f");
  for (const size of [10, 20_000, 70_000]) {
    reads.callback(size, foreign);
    expect(got.at(-1)).toEqual(foreign.subarray(0, size));
    expect(got.at(-1)!.buffer).not.toBe(foreign.buffer);
  }
});
