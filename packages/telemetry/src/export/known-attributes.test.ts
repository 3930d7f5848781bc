import { describe, expect, test } from "vitest";
import type { AttributeValue } from "../tracing/span-data.ts";
import { encodeAttributes } from "./encode-span.ts";
import { KnownAttributes } from "./known-attributes.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

type Some = Readonly<Record<string, AttributeValue>>;

const FIELD = 9;

/** @param size of the writer: what does not fit is lost */
function encoded(attributes: Some, known: KnownAttributes, size = 4096): Buffer | undefined {
  const writer = new ProtobufWriter(size);
  encodeAttributes(writer, FIELD, attributes, known);
  return writer.at < 0 ? undefined : Buffer.from(writer.copy(size));
}

describe("attributes that were written before", () => {
  const said: Some = {
    "a.kind": "GET",
    "b.port": 80,
    "c.flags": ["DC"],
    "d.on": true,
    "e.url": "x".repeat(100),
    "f.n": 1,
  };

  test("are the same bytes as those that nobody knows, in whatever order they come", () => {
    const known = new KnownAttributes();
    const others: Some[] = [
      said,
      { ...said, "a.kind": "POST" },
      { "a.kind": "1", "f.n": 1 },
      { "a.kind": 1 as AttributeValue, "b.port": "80" },
      { "f.n": 1, "a.kind": "GET" },
      { "d.on": false, "a.kind": "" },
      {},
    ];
    for (let round = 0; round < 3; round++) {
      for (const attributes of [...others, ...others.toReversed()]) {
        expect(encoded(attributes, known)).toEqual(encoded(attributes, new KnownAttributes()));
      }
    }
  });

  test("are not remembered by what did not fit", () => {
    const known = new KnownAttributes();
    expect(encoded(said, known, 40)).toBeUndefined();
    expect(encoded(said, known)).toEqual(encoded(said, new KnownAttributes()));
  });

  test("are given up when one has many values, and stay right", () => {
    const known = new KnownAttributes();
    for (let call = 0; call < 200; call++) {
      const one: Some = { "a.kind": "GET", "weft.call": call, "f.n": call % 3 };
      expect(encoded(one, known)).toEqual(encoded(one, new KnownAttributes()));
    }
    expect(known.knows("weft.call", 5)).toBe(false);
    expect(known.knows("a.kind", "GET")).toBe(true);
  });

  test("stay right, and few, when every combination is another one", () => {
    const known = new KnownAttributes();
    for (let i = 0; i < 3_000; i++) {
      const one: Some = { a: i % 60, b: (i * 7) % 59, c: (i * 11) % 53, d: "x" };
      expect(encoded(one, known)).toEqual(encoded(one, new KnownAttributes()));
    }
    expect(known.longer(known.none.with("d", "x") ?? known.none, "a", 1, new Uint8Array(1))).toBeUndefined();
  });

  test("neither long texts nor lists are among them", () => {
    const known = new KnownAttributes();
    expect(known.knows("e.url", "x".repeat(65))).toBe(false);
    expect(known.knows("c.flags", ["DC"])).toBe(false);
    expect(known.knows("e.url", "x".repeat(64))).toBe(true);
  });
});
