import { expect, test } from "vitest";
import { knownName } from "../hpack/field-name.ts";
import { HpackEncoder } from "../hpack/hpack-encoder.ts";
import { KeptParts } from "./kept-parts.ts";

const PATH = knownName(":path");
const INTO = Buffer.alloc(1_024);

/** Parts that are a path each, and how often one was really written. */
function parts(): { write(path: string): string; readonly written: number } {
  let written = 0;
  const kept = new KeptParts<string, string>(new HpackEncoder(), {
    hash: (path) => path.length,
    key: (path) => path,
    isOf: (key, path) => key === path,
    write(encoder, path) {
      written++;
      encoder.field(PATH, path, true);
    },
  });
  return {
    write: (path) => INTO.toString("latin1", 0, kept.write(path, INTO, 0)),
    get written() {
      return written;
    },
  };
}

test("a part that comes again is written twice, and copied from then on", () => {
  const path = parts();
  const first = path.write("/a");
  for (let i = 0; i < 10; i++) expect(path.write("/a")).toBe(first);
  expect(path.written).toBe(2);
});

test("a part that comes again behind a thousand new ones is kept as well, a little later", () => {
  const path = parts();
  for (let i = 0; i < 1_000; i++) path.write(`/${i}`);
  for (let i = 0; i < 100; i++) path.write("/again");
  const before = path.written;
  for (let i = 0; i < 100; i++) path.write("/again");
  expect(path.written).toBe(before);
});
