import { expect, test } from "vitest";
import { knownName } from "../hpack/field-name.ts";
import { HpackEncoder } from "../hpack/hpack-encoder.ts";
import { KeptParts, KeptSplit } from "./kept-parts.ts";

const PATH = knownName(":path");
const METHOD = knownName(":method");
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

test("what puts something into the table is written anew, though it comes again", () => {
  const encoder = new HpackEncoder();
  let written = 0;
  const kept = new KeptParts<string, string>(encoder, {
    hash: () => 0,
    key: (path) => path,
    isOf: () => true,
    write: (_, path) => encoder.field(PATH, path, ++written !== 2),
  });
  const lengths = Array.from({ length: 5 }, () => kept.write("/a", INTO, 0));
  expect(written).toBe(3); // the second is put into the table, the third kept
  expect(new Set(lengths).size).toBe(1);
  expect(INTO[0]! & 0xf0).toBe(0x10); // never indexed, not indexed anew
});

test("where one thing changes each time, the rest is copied and that alone is written", () => {
  const written = { all: 0, rest: 0, changing: 0 };
  const kept = new KeptSplit<{ rest: string; path: string }, { rest: string; path: string }>(new HpackEncoder(), {
    all: {
      hash: ({ path }) => path.length,
      key: (what) => what,
      isOf: (key, what) => key.path === what.path && key.rest === what.rest,
      write(encoder, { rest, path }) {
        written.all++;
        encoder.field(METHOD, rest);
        encoder.field(PATH, path, true);
      },
    },
    rest: {
      hash: () => 0,
      key: (what) => what,
      isOf: (key, what) => key.rest === what.rest,
      write(encoder, { rest }) {
        written.rest++;
        encoder.field(METHOD, rest);
      },
    },
    writeChanging(encoder, { path }) {
      written.changing++;
      encoder.field(PATH, path, true);
    },
  });
  const write = (rest: string, path: string) => INTO.toString("latin1", 0, kept.write({ rest, path }, INTO, 0));
  const plain = new HpackEncoder();
  const expected = (rest: string, path: string) => {
    plain.begin(INTO, 0);
    plain.field(METHOD, rest);
    plain.field(PATH, path, true);
    return INTO.toString("latin1", 0, plain.end());
  };
  const whole = Array.from({ length: 1_032 }, (_, i) => expected(i < 1_000 ? "GET" : "POST", `/${i}`));
  for (let i = 0; i < 32; i++) expect(write("GET", `/${i}`)).toBe(whole[i]);
  Object.assign(written, { all: 0, rest: 0, changing: 0 });
  for (let i = 32; i < 1_000; i++) expect(write("GET", `/${i}`)).toBe(whole[i]);
  // One in eight is looked for as a whole; of the others the rest is written twice.
  expect(written).toEqual({ all: 121, rest: 2, changing: 847 });
  for (let i = 1_000; i < 1_032; i++) expect(write("POST", `/${i}`)).toBe(whole[i]);
});
