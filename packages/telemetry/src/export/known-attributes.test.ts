import { expect, test } from "vitest";
import type { AttributeValue } from "../tracing/span-data.ts";
import { KnownAttributes } from "./known-attributes.ts";

/** Asks as an encoder does. @returns whether the bytes were known */
function ask(known: KnownAttributes, key: string, value: AttributeValue): boolean {
  const bytes = known.find(key, value);
  if (bytes === undefined) known.learn(key, value, () => Buffer.from(`${key}=${typeof value}:${value}`));
  else expect(Buffer.from(bytes).toString()).toBe(`${key}=${typeof value}:${value}`);
  return bytes !== undefined;
}

test("a value is known from its second time on, by itself and beside others of its key", () => {
  const known = new KnownAttributes();
  const values = ["GET", "POST", "1", 1, true, ""];
  for (const value of values) expect(ask(known, "a", value)).toBe(false);
  for (const value of [...values, ...values.toReversed()]) expect(ask(known, "a", value)).toBe(true);
  expect(ask(known, "b", "GET")).toBe(false);
});

test("a key with many values is given up, and the others are not", () => {
  const known = new KnownAttributes();
  for (let i = 0; i < 65; i++) expect(ask(known, "weft.call", i)).toBe(false);
  for (let i = 0; i < 65; i++) expect(ask(known, "weft.call", i)).toBe(false);
  ask(known, "weft.side", "inbound");
  expect(ask(known, "weft.side", "inbound")).toBe(true);
});

test("neither long texts nor lists are held", () => {
  const known = new KnownAttributes();
  for (const value of ["x".repeat(65), ["DC"]]) {
    expect(ask(known, "a", value)).toBe(false);
    expect(ask(known, "a", value)).toBe(false);
  }
});
